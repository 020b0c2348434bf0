"""Placements over REST."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, ManyAct, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.matching import PlacementEvidence
from matching.access import ACCESS
from matching.placements.actions import cancel_placement, confirm_placement, confirm_placements, correct_placement, report_placement
from matching.placements.model import (
    AlreadyCancelled,
    AlreadyConfirmed,
    AlreadyReported,
    CancelledOutsideItsTime,
    Placement,
    StartsInFuture,
    YearIsClosed,
)

router = APIRouter(prefix="/placements", tags=["输送"])
_CONFIRM = [ACCESS.requires("placement:confirm")]


class Correction(BaseModel):
    """Everything of it as it should read."""

    model_config = ConfigDict(extra="forbid")

    employer_id: UUID = Field(description="用人单位")
    started_on: date = Field(examples=["2018-07-01"], description="上岗日期")
    evidence: PlacementEvidence = Field(examples=[PlacementEvidence.CONTRACT])


class NewPlacement(Correction):
    """What a partner reports."""

    person_id: UUID = Field(description="被输送人，由 registry 的 people:resolve 得到")
    partner_id: UUID = Field(description="合作单位")


class Cancellation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cancelled_on: date = Field(examples=["2018-11-30"], description="自该日起不再计入")


class Confirmations(BaseModel):
    model_config = ConfigDict(extra="forbid")

    placement_ids: list[UUID] = Field(min_length=1, max_length=1000)


class ConfirmationResult(BaseModel):
    placement_id: UUID
    confirmed: bool = Field(description="本次是否确认；已确认过或不存在的为 false")


class ConfirmationResults(BaseModel):
    items: list[ConfirmationResult]


class PlacementState(StrEnum):
    REPORTED = "REPORTED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class PlacementView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    partner_id: UUID
    employer_id: UUID
    started_on: date
    evidence: PlacementEvidence
    reported_on: date = Field(examples=["2018-07-20"])
    confirmed_on: date | None
    cancelled_on: date | None

    @classmethod
    def of(cls, placement: Placement) -> Self:
        return cls.model_validate(placement.row())


@router.post("", status_code=201, summary="申报输送", operation_id="report_placement",
             description="合作单位申报；同一人、同一用人单位、同一上岗日只报一次。", dependencies=[ACCESS.requires("placement:report")],
             responses=refusals(NotFound, StartsInFuture, YearIsClosed, AlreadyReported))  # fmt: skip
async def post_placement(body: NewPlacement, act: Act) -> PlacementView:
    return await act(report_placement, PlacementView.of, **body.model_dump())


@router.post("/{placement_id}:confirm", summary="确认输送", operation_id="confirm_placement",
             description="确认后计入；已取消的也可以再次确认。", dependencies=_CONFIRM,
             responses=refusals(AlreadyConfirmed))  # fmt: skip
async def post_confirmation(placement_id: UUID, act: MatchedAct) -> PlacementView:
    return await act(confirm_placement, PlacementView.of, placement_id=placement_id)


@router.post("/{placement_id}:correct", summary="更正输送", operation_id="correct_placement",
             description="按应有的全部内容填写；输送统计和奖励随即复算。", dependencies=_CONFIRM,
             responses=refusals(StartsInFuture, YearIsClosed, AlreadyReported))  # fmt: skip
async def post_correction(placement_id: UUID, body: Correction, act: MatchedAct) -> PlacementView:
    return await act(correct_placement, PlacementView.of, placement_id=placement_id, **body.model_dump())


@router.post("/{placement_id}:cancel", summary="取消输送", operation_id="cancel_placement",
             description="查明不实的取消，自该日起不再计入。", dependencies=_CONFIRM,
             responses=refusals(AlreadyCancelled, CancelledOutsideItsTime))  # fmt: skip
async def post_cancellation(placement_id: UUID, body: Cancellation, act: MatchedAct) -> PlacementView:
    return await act(cancel_placement, PlacementView.of, placement_id=placement_id, **body.model_dump())


@router.post(":confirm", summary="批量确认输送", operation_id="confirm_placements", dependencies=_CONFIRM,
             description="一次至多一千条，逐条返回结果；重复调用不会重复确认。")  # fmt: skip
async def post_confirmations(body: Confirmations, act: ManyAct) -> ConfirmationResults:
    confirmed = await act(confirm_placements, placement_ids=body.placement_ids)
    return ConfirmationResults(items=[ConfirmationResult(placement_id=id_, confirmed=done) for id_, done in confirmed.items()])


@router.get("/{placement_id}", summary="查看输送", operation_id="read_placement",
             description="个人看本人的，单位看本单位的。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("placement:read")])  # fmt: skip
async def get_placement(placement_id: UUID, reading: Reading) -> PlacementView:
    placement = await reading.session.get(Placement, placement_id)
    if placement is None:
        raise NotFound("没有这个输送记录")
    if reading.principal.role is Role.PERSON:
        reading.principal.must_be_person(placement.person_id)
    else:
        reading.principal.must_be_organisation(placement.partner_id)
    reading.saw([placement.person_id], purpose="placement")
    reading.version(placement.version)
    return PlacementView.of(placement)


@router.get(
    "",
    summary="输送列表",
    operation_id="list_placements",
    description="可按合作单位、被输送人和状态筛选。",
    dependencies=[ACCESS.requires("placement:read")],
)
async def get_placements(
    reading: Reading,
    paging: Paging,
    partner_id: Annotated[UUID | None, Query(description="合作单位")] = None,
    person_id: Annotated[UUID | None, Query(description="被输送人")] = None,
    state: Annotated[PlacementState | None, Query(description="状态")] = None,
) -> Page[PlacementView]:
    asked = {"partner_id": partner_id, "person_id": person_id}
    rows = select(Placement).filter_by(**{name: value for name, value in asked.items() if value is not None})
    if reading.principal.role is Role.ORGANISATION:
        rows = rows.where(col(Placement.partner_id) == reading.principal.organisation_id)
    if reading.principal.role is Role.PERSON:
        rows = rows.where(col(Placement.person_id) == reading.principal.person_id)
    cancelled, confirmed = col(Placement.cancelled_on), col(Placement.confirmed_on)
    if state is PlacementState.CANCELLED:
        rows = rows.where(cancelled.is_not(None))
    elif state is not None:
        rows = rows.where(cancelled.is_(None), confirmed.is_not(None) if state is PlacementState.CONFIRMED else confirmed.is_(None))
    found = await page(reading.session, rows, Placement.id, paging, PlacementView.of)
    reading.saw([each.person_id for each in found.items], purpose="list")
    return found
