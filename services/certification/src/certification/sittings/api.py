"""Sittings over REST."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from certification.access import ACCESS
from certification.occupations.model import OccupationNotFound
from certification.sittings.actions import annul_sitting, complete_sitting, plan_sitting
from certification.sittings.model import MorePassedThanEntered, NotHeldYet, Sitting, SittingAlreadyAnnulled, SittingNotPlanned
from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.certification import EvaluationMode, SittingState
from contracts.fact import LevelCode, OccupationKey

router = APIRouter(prefix="/sittings", tags=["鉴定批次"])


class NewSitting(BaseModel):
    """For now a sitting is a social appraisal (社会化鉴定)."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal[EvaluationMode.SOCIAL_APPRAISAL] = EvaluationMode.SOCIAL_APPRAISAL
    body_id: UUID = Field(description="鉴定机构")
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[3])
    held_on: date = Field(examples=["2018-05-12"])


class SittingResult(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entered_count: int = Field(ge=0, le=100_000, examples=[28])
    passed_count: int = Field(ge=0, le=100_000, examples=[25])


class SittingView(BaseModel):
    id: UUID
    version: Version
    mode: EvaluationMode
    body_id: UUID
    occupation: str
    level_code: int
    held_on: date
    entered_count: int
    passed_count: int
    state: SittingState

    @classmethod
    def of(cls, sitting: Sitting) -> Self:
        return cls.model_validate(sitting.row())


@router.post("", status_code=201, summary="安排鉴定批次", operation_id="plan_sitting",
             description="目前为社会化鉴定。", responses=refusals(OccupationNotFound, NotFound),
             dependencies=[ACCESS.requires("sitting:write")])  # fmt: skip
async def post_sitting(body: NewSitting, act: Act) -> SittingView:
    act.principal.must_be_organisation(body.body_id)
    return await act(plan_sitting, SittingView.of, sitting=Sitting(**body.model_dump()))


@router.post("/{sitting_id}:complete", summary="登记鉴定结果", operation_id="complete_sitting",
             description="鉴定日过后登记参加和合格人数。", responses=refusals(SittingNotPlanned, MorePassedThanEntered, NotHeldYet),
             dependencies=[ACCESS.requires("sitting:complete")])  # fmt: skip
async def post_result(sitting_id: UUID, body: SittingResult, act: MatchedAct) -> SittingView:
    return await act(complete_sitting, SittingView.of, sitting_id=sitting_id, **body.model_dump())


@router.post("/{sitting_id}:annul", summary="作废鉴定批次", operation_id="annul_sitting",
             description="该批次颁发的证书一并撤销。", responses=refusals(SittingAlreadyAnnulled),
             dependencies=[ACCESS.requires("sitting:annul")])  # fmt: skip
async def post_annulment(sitting_id: UUID, act: MatchedAct) -> SittingView:
    return await act(annul_sitting, SittingView.of, sitting_id=sitting_id)


@router.get(
    "",
    summary="鉴定批次列表",
    operation_id="list_sittings",
    description="可按鉴定机构筛选。",
    dependencies=[ACCESS.requires("sitting:read")],
)
async def get_sittings(
    reading: Reading, paging: Paging, body_id: Annotated[UUID | None, Query(description="鉴定机构")] = None
) -> Page[SittingView]:
    own = reading.principal.organisation_id if reading.principal.role is Role.ORGANISATION else body_id
    rows = select(Sitting) if own is None else select(Sitting).where(col(Sitting.body_id) == own)
    return await page(reading.session, rows, Sitting.id, paging, SittingView.of)
