"""Titles over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from certification.access import ACCESS
from certification.occupations.model import OccupationNotFound
from certification.titles.actions import award_title, correct_title, withdraw_title
from certification.titles.model import (
    AwardedInFuture,
    ContestNotHeld,
    NotPlaced,
    Title,
    TitleAlreadyAwarded,
    TitleWithdrawn,
    TitleWithdrawnOutsideItsTime,
)
from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.certification import TitleKind
from contracts.fact import OccupationKey

router = APIRouter(prefix="/titles", tags=["称号"])
_REFUSED = (NotFound, OccupationNotFound, AwardedInFuture, ContestNotHeld, NotPlaced, TitleAlreadyAwarded)


class TitleContent(BaseModel):
    """Everything of it as it should read."""

    model_config = ConfigDict(extra="forbid")

    kind: TitleKind = Field(
        examples=[TitleKind.PROVINCIAL_TECHNICAL_EXPERT],
        description="NATIONAL_TECHNICAL_EXPERT 全国技术能手、PROVINCIAL_TECHNICAL_EXPERT 省级技术能手、CITY_TECHNICAL_EXPERT 张家港市技术能手、"
        "TOP_SKILL 技能状元、YOUNG_TALENT 青年优秀技能人才",
    )
    occupation: OccupationKey | None = Field(default=None, examples=["2015:6-18-02-04"])
    awarded_on: date = Field(examples=["2017-11-20"], description="授予日期，不能晚于今天")
    paper_number: str = Field(min_length=2, max_length=60, examples=["苏人社发〔2017〕345号"], description="授予文件的文号")
    contest_id: UUID | None = Field(default=None, examples=[None], description="凭竞赛名次授予的，填写那次竞赛")


class NewTitle(TitleContent):
    person_id: UUID = Field(description="获得者，由 registry 的 people:resolve 得到")


class TitleWithdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date = Field(examples=["2018-06-01"], description="自该日起不再有效，不能晚于今天")


class TitleView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    kind: TitleKind
    occupation: str | None
    awarded_on: date
    paper_number: str
    contest_id: UUID | None
    withdrawn_on: date | None

    @classmethod
    def of(cls, title: Title) -> Self:
        return cls.model_validate(title.row())


@router.post("", status_code=201, summary="登记称号", operation_id="award_title",
             description="按文件登记；外省授予的省级技术能手同样登记。待遇随即复算。", dependencies=[ACCESS.requires("title:write")],
             responses=refusals(*_REFUSED))  # fmt: skip
async def post_title(body: NewTitle, act: Act) -> TitleView:
    return await act(award_title, TitleView.of, title=Title(**body.model_dump()))


@router.post("/{title_id}:correct", summary="更正称号", operation_id="correct_title",
             description="按应有的全部内容填写；登记错人的请撤销后重新登记。", dependencies=[ACCESS.requires("title:write")],
             responses=refusals(*_REFUSED, TitleWithdrawn))  # fmt: skip
async def post_correction(title_id: UUID, body: TitleContent, act: MatchedAct) -> TitleView:
    return await act(correct_title, TitleView.of, title_id=title_id, **body.model_dump())


@router.post("/{title_id}:withdraw", summary="撤销称号", operation_id="withdraw_title",
             description="自撤销日起不再有效，凭它应付的款项随即复算。", dependencies=[ACCESS.requires("title:withdraw")],
             responses=refusals(TitleWithdrawn, TitleWithdrawnOutsideItsTime))  # fmt: skip
async def post_withdrawal(title_id: UUID, body: TitleWithdrawal, act: MatchedAct) -> TitleView:
    return await act(withdraw_title, TitleView.of, title_id=title_id, **body.model_dump())


@router.get("/{title_id}", summary="查看称号", operation_id="read_title", description="个人看本人的。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("title:read")])  # fmt: skip
async def get_title(title_id: UUID, reading: Reading) -> TitleView:
    title = await reading.session.get(Title, title_id)
    if title is None:
        raise NotFound("没有这个称号")
    reading.principal.must_be_person(title.person_id)
    reading.saw([title.person_id], purpose="title")
    reading.version(title.version)
    return TitleView.of(title)


@router.get(
    "", summary="称号列表", operation_id="list_titles", description="可按获得者和称号筛选。", dependencies=[ACCESS.requires("title:read")]
)
async def get_titles(
    reading: Reading,
    paging: Paging,
    person_id: Annotated[UUID | None, Query(description="获得者")] = None,
    kind: Annotated[TitleKind | None, Query(description="称号")] = None,
) -> Page[TitleView]:
    asked = {"person_id": person_id, "kind": kind}
    rows = select(Title).filter_by(**{name: value for name, value in asked.items() if value is not None})
    if reading.principal.role is Role.PERSON:
        rows = rows.where(col(Title.person_id) == reading.principal.person_id)
    found = await page(reading.session, rows, Title.id, paging, TitleView.of)
    reading.saw([each.person_id for each in found.items], purpose="list")
    return found
