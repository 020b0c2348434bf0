"""Participations over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import ShareBp
from contracts.training import ParticipationResult
from training.access import ACCESS
from training.classes.model import ClassCancelled, ClassIsOver, TrainingClass
from training.participations.actions import complete_participation, correct_participation, drop_participation, enrol
from training.participations.model import (
    AlreadyEnded,
    AlreadyEnrolled,
    CompletedBeforeClass,
    CompletedBeforeEnrolled,
    DayInFuture,
    Participation,
    RefundedMoreThanCharged,
)

router = APIRouter(prefix="/participations", tags=["参训"])
_WRITE = [ACCESS.requires("participation:write")]
_NOTHING = Money.of(0)


class NewParticipation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="学员，由 registry 的 people:resolve 得到")
    class_id: UUID
    enrolled_on: date = Field(examples=["2018-02-20"])
    charged: Money = Field(default=_NOTHING, description="已向学员收取的费用", examples=[{"amount": "240.00", "currency": "CNY"}])


class Completion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attended_share_bp: ShareBp = Field(examples=[9250], description="出勤率，万分之几")
    completed_on: date = Field(examples=["2018-05-01"])
    result: ParticipationResult = Field(examples=[ParticipationResult.PASSED])


class Dropping(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dropped_on: date = Field(examples=["2018-04-01"])


class Correction(BaseModel):
    """Everything of it as it should read."""

    model_config = ConfigDict(extra="forbid")

    attended_share_bp: ShareBp | None = Field(default=None, examples=[9250])
    completed_on: date | None = Field(default=None, examples=["2018-05-01"])
    result: ParticipationResult | None = None
    charged: Money = Field(default=_NOTHING, examples=[{"amount": "240.00", "currency": "CNY"}])
    refunded: Money = Field(default=_NOTHING, examples=[{"amount": "0.00", "currency": "CNY"}])
    dropped_on: date | None = Field(default=None, examples=[None], description="空：没有退学；误登记的退学由此撤回")


class ParticipationView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    class_id: UUID
    enrolled_on: date
    attended_share_bp: int | None
    completed_on: date | None
    result: ParticipationResult | None
    charged: Money
    refunded: Money
    dropped_on: date | None

    @classmethod
    def of(cls, row: Participation) -> Self:
        return cls.model_validate(row.row() | {"charged": Money.of(row.charged_fen), "refunded": Money.of(row.refunded_fen)})


@router.post("", status_code=201, summary="报名", operation_id="enrol",
             description="一人一班只登记一次；补多少由待遇服务认定，这里不问资格。", dependencies=_WRITE,
             responses=refusals(NotFound, ClassIsOver, AlreadyEnrolled, DayInFuture))  # fmt: skip
async def post_participation(body: NewParticipation, act: Act) -> ParticipationView:
    values = body.model_dump(exclude={"charged"})
    return await act(enrol, ParticipationView.of, participation=Participation(**values, charged_fen=body.charged.fen))


@router.post("/{participation_id}:complete", summary="结业", operation_id="complete_participation",
             description="出勤率以万分之几填写，9250 即 92.5%。", dependencies=_WRITE,
             responses=refusals(ClassCancelled, AlreadyEnded, DayInFuture, CompletedBeforeEnrolled, CompletedBeforeClass))  # fmt: skip
async def post_completion(participation_id: UUID, body: Completion, act: MatchedAct) -> ParticipationView:
    return await act(complete_participation, ParticipationView.of, participation_id=participation_id, **body.model_dump())


@router.post("/{participation_id}:drop", summary="退学", operation_id="drop_participation",
             description="中途退学的不予补贴。", dependencies=_WRITE,
             responses=refusals(AlreadyEnded, DayInFuture, CompletedBeforeEnrolled))  # fmt: skip
async def post_dropping(participation_id: UUID, body: Dropping, act: MatchedAct) -> ParticipationView:
    return await act(drop_participation, ParticipationView.of, participation_id=participation_id, **body.model_dump())


@router.post("/{participation_id}:correct", summary="更正参训", operation_id="correct_participation",
             description="按应有的全部内容填写；待遇随即复算。", dependencies=_WRITE,
             responses=refusals(ClassCancelled, DayInFuture, CompletedBeforeEnrolled, CompletedBeforeClass, RefundedMoreThanCharged))  # fmt: skip
async def post_correction(participation_id: UUID, body: Correction, act: MatchedAct) -> ParticipationView:
    values = body.model_dump(exclude={"charged", "refunded"})
    return await act(
        correct_participation,
        ParticipationView.of,
        participation_id=participation_id,
        **values,
        charged_fen=body.charged.fen,
        refunded_fen=body.refunded.fen,
    )


@router.get("/{participation_id}", summary="查看参训", operation_id="read_participation",
             description="个人看本人的，机构看本机构班级的。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("participation:read")])  # fmt: skip
async def get_participation(participation_id: UUID, reading: Reading) -> ParticipationView:
    row = await reading.session.get(Participation, participation_id)
    if row is None:
        raise NotFound("没有这个参训记录")
    if reading.principal.role is Role.PERSON:
        reading.principal.must_be_person(row.person_id)
    else:
        training_class = await reading.session.get_one(TrainingClass, row.class_id)
        reading.principal.must_be_organisation(training_class.organiser_id)
    reading.saw([row.person_id], purpose="participation")
    reading.version(row.version)
    return ParticipationView.of(row)


@router.get(
    "",
    summary="参训列表",
    operation_id="list_participations",
    description="可按学员和班级筛选。",
    dependencies=[ACCESS.requires("participation:read")],
)
async def get_participations(
    reading: Reading,
    paging: Paging,
    person_id: Annotated[UUID | None, Query(description="学员")] = None,
    class_id: Annotated[UUID | None, Query(description="班级")] = None,
) -> Page[ParticipationView]:
    asked = {"person_id": person_id, "class_id": class_id}
    rows, caller = select(Participation).filter_by(**{name: value for name, value in asked.items() if value is not None}), reading.principal
    if caller.role is Role.PERSON:
        rows = rows.where(col(Participation.person_id) == caller.person_id)
    if caller.role is Role.ORGANISATION:
        own = select(TrainingClass.id).where(col(TrainingClass.organiser_id) == caller.organisation_id)
        rows = rows.where(col(Participation.class_id).in_(own))
    found = await page(reading.session, rows, Participation.id, paging, ParticipationView.of)
    reading.saw([row.person_id for row in found.items], purpose="list")
    return found
