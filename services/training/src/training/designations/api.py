"""Designations over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode, OccupationKey
from training.access import ACCESS
from training.designations.actions import award_designation, withdraw_designation
from training.designations.model import (
    Designation,
    DesignationAlreadyAwarded,
    DesignationAlreadyWithdrawn,
    ValidityReversed,
    WithdrawnBeforeValid,
)

router = APIRouter(prefix="/designations", tags=["定点资格"])


class NewDesignation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organisation_id: UUID = Field(description="培训机构")
    tender_number: str = Field(min_length=1, max_length=60, examples=["ZB2018-03"])
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[4])
    price: Money = Field(description="每人中标单价")
    valid_from: date = Field(examples=["2018-01-01"])
    valid_to: date = Field(examples=["2020-12-31"])


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date = Field(examples=["2018-09-01"], description="自该日起不再有效；此前开班的不受影响")


class DesignationView(BaseModel):
    id: UUID
    version: Version
    organisation_id: UUID
    tender_number: str
    occupation: str
    level_code: int
    price: Money
    valid_from: date
    valid_to: date
    withdrawn_on: date | None

    @classmethod
    def of(cls, designation: Designation) -> Self:
        return cls.model_validate(designation.row() | {"price": Money.of(designation.price_fen)})


@router.post("", status_code=201, summary="登记定点资格", operation_id="award_designation",
             description="每三年招标确认；补贴按中标单价与班级标价中较低的计算。", dependencies=[ACCESS.requires("designation:write")],
             responses=refusals(DesignationAlreadyAwarded, ValidityReversed))  # fmt: skip
async def post_designation(body: NewDesignation, act: Act) -> DesignationView:
    values = body.model_dump(exclude={"price"})
    return await act(award_designation, DesignationView.of, designation=Designation(**values, price_fen=body.price.fen))


@router.post("/{designation_id}:withdraw", summary="取消定点资格", operation_id="withdraw_designation",
             description="自该日起不再有效；此前开班的不受影响。", dependencies=[ACCESS.requires("designation:write")],
             responses=refusals(DesignationAlreadyWithdrawn, WithdrawnBeforeValid))  # fmt: skip
async def post_withdrawal(designation_id: UUID, body: Withdrawal, act: MatchedAct) -> DesignationView:
    return await act(withdraw_designation, DesignationView.of, designation_id=designation_id, **body.model_dump())


@router.get("/{designation_id}", summary="查看定点资格", operation_id="read_designation",
             description="取消前先查看，页面记住看到的版本（ETag）。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("designation:read")])  # fmt: skip
async def get_designation(designation_id: UUID, reading: Reading) -> DesignationView:
    designation = await reading.session.get(Designation, designation_id)
    if designation is None:
        raise NotFound("没有这个定点资格")
    reading.version(designation.version)
    return DesignationView.of(designation)


@router.get(
    "",
    summary="定点资格列表",
    operation_id="list_designations",
    description="可按培训机构筛选。",
    dependencies=[ACCESS.requires("designation:read")],
)
async def get_designations(
    reading: Reading, paging: Paging, organisation_id: Annotated[UUID | None, Query(description="培训机构")] = None
) -> Page[DesignationView]:
    rows = select(Designation)
    if organisation_id is not None:
        rows = rows.where(col(Designation.organisation_id) == organisation_id)
    return await page(reading.session, rows, Designation.id, paging, DesignationView.of)
