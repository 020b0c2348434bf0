"""Mandates over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode, OccupationKey
from training.access import ACCESS
from training.mandates.actions import end_mandate, sign_mandate
from training.mandates.model import Mandate, MandateAlreadyEnded, MandateAlreadySigned, MandateReversed

router = APIRouter(prefix="/mandates", tags=["委托"])


class NewMandate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organisation_id: UUID = Field(description="培养基地")
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[3])
    catalogue_year: int = Field(ge=2000, le=2100, examples=[2018])
    valid_from: date = Field(examples=["2018-02-10"])
    valid_to: date = Field(examples=["2018-12-31"])


class Ending(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ended_on: date = Field(examples=["2018-09-01"], description="自该日起不再有效")


class MandateView(BaseModel):
    id: UUID
    version: Version
    organisation_id: UUID
    occupation: str
    level_code: int
    catalogue_year: int
    valid_from: date
    valid_to: date
    ended_on: date | None

    @classmethod
    def of(cls, mandate: Mandate) -> Self:
        return cls.model_validate(mandate.row())


@router.post("", status_code=201, summary="登记委托", operation_id="sign_mandate",
             description="委托期内开班的紧缺培训才有资助。", dependencies=[ACCESS.requires("mandate:write")],
             responses=refusals(MandateAlreadySigned, MandateReversed))  # fmt: skip
async def post_mandate(body: NewMandate, act: Act) -> MandateView:
    return await act(sign_mandate, MandateView.of, mandate=Mandate(**body.model_dump()))


@router.post("/{mandate_id}:end", summary="终止委托", operation_id="end_mandate",
             description="自该日起不再有效；此前开班的不受影响。", dependencies=[ACCESS.requires("mandate:write")],
             responses=refusals(MandateAlreadyEnded, MandateReversed))  # fmt: skip
async def post_ending(mandate_id: UUID, body: Ending, act: MatchedAct) -> MandateView:
    return await act(end_mandate, MandateView.of, mandate_id=mandate_id, **body.model_dump())


@router.get(
    "/{mandate_id}",
    summary="查看委托",
    operation_id="read_mandate",
    description="终止前先查看，页面记住看到的版本（ETag）。",
    responses=refusals(NotFound),
    dependencies=[ACCESS.requires("mandate:read")],
)
async def get_mandate(mandate_id: UUID, reading: Reading) -> MandateView:
    mandate = await reading.session.get(Mandate, mandate_id)
    if mandate is None:
        raise NotFound("没有这个委托")
    reading.version(mandate.version)
    return MandateView.of(mandate)


@router.get(
    "", summary="委托列表", operation_id="list_mandates", description="可按培养基地筛选。", dependencies=[ACCESS.requires("mandate:read")]
)
async def get_mandates(
    reading: Reading, paging: Paging, organisation_id: Annotated[UUID | None, Query(description="培养基地")] = None
) -> Page[MandateView]:
    rows = select(Mandate)
    if organisation_id is not None:
        rows = rows.where(col(Mandate.organisation_id) == organisation_id)
    return await page(reading.session, rows, Mandate.id, paging, MandateView.of)
