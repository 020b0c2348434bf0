"""Reporting years over REST."""

from datetime import date
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from matching.access import ACCESS
from matching.reporting_years.actions import announce_year, close_year, move_closing
from matching.reporting_years.model import (
    ClosesBeforeYearEnds,
    ReportingYear,
    YearAlreadyAnnounced,
    YearAlreadyClosed,
    YearStillOpen,
)

router = APIRouter(prefix="/reporting-years", tags=["申报年度"])
_WRITE = [ACCESS.requires("reporting-year:write")]


class NewReportingYear(BaseModel):
    model_config = ConfigDict(extra="forbid")

    year: int = Field(ge=2000, le=2100, examples=[2018])
    closes_on: date = Field(examples=["2019-01-31"], description="申报截止日，当日仍可申报")


class Closing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    closes_on: date = Field(examples=["2019-02-15"])


class ReportingYearView(BaseModel):
    id: UUID
    version: Version
    year: int
    closes_on: date
    is_closed: bool

    @classmethod
    def of(cls, year: ReportingYear) -> Self:
        return cls.model_validate(year.row())


@router.post("", status_code=201, summary="公布申报年度", operation_id="announce_reporting_year",
             description="截止日不能早于当年年末。", dependencies=_WRITE,
             responses=refusals(YearAlreadyAnnounced, ClosesBeforeYearEnds))  # fmt: skip
async def post_year(body: NewReportingYear, act: Act) -> ReportingYearView:
    return await act(announce_year, ReportingYearView.of, year=ReportingYear(**body.model_dump()))


@router.put("/{reporting_year_id}", summary="调整截止日", operation_id="move_reporting_year_closing",
             description="截止申报之前可以调整。", dependencies=_WRITE,
            responses=refusals(YearAlreadyClosed, ClosesBeforeYearEnds))  # fmt: skip
async def put_year(reporting_year_id: UUID, body: Closing, act: MatchedAct) -> ReportingYearView:
    return await act(move_closing, ReportingYearView.of, reporting_year_id=reporting_year_id, **body.model_dump())


@router.post("/{reporting_year_id}:close", summary="截止申报", operation_id="close_reporting_year",
             description="截止日过后办理；自此该年度的奖励由待计转为应付。", dependencies=_WRITE,
             responses=refusals(YearAlreadyClosed, YearStillOpen))  # fmt: skip
async def post_closing(reporting_year_id: UUID, act: MatchedAct) -> ReportingYearView:
    return await act(close_year, ReportingYearView.of, reporting_year_id=reporting_year_id)


@router.get("/{reporting_year_id}", summary="查看申报年度", operation_id="read_reporting_year",
             description="调整、截止前先查看，页面记住看到的版本（ETag）。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("reporting-year:read")])  # fmt: skip
async def get_year(reporting_year_id: UUID, reading: Reading) -> ReportingYearView:
    year = await reading.session.get(ReportingYear, reporting_year_id)
    if year is None:
        raise NotFound("没有这个申报年度")
    reading.version(year.version)
    return ReportingYearView.of(year)


@router.get(
    "",
    summary="申报年度列表",
    operation_id="list_reporting_years",
    description="各年度的截止日和是否已截止。",
    dependencies=[ACCESS.requires("reporting-year:read")],
)
async def get_years(reading: Reading, paging: Paging) -> Page[ReportingYearView]:
    return await page(reading.session, select(ReportingYear), ReportingYear.id, paging, ReportingYearView.of)
