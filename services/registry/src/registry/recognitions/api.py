"""Recognitions over REST."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import select
from sqlmodel import col

from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading, Reading_
from contracts.registry import RecognitionKind, YearlyAssessment
from registry.access import ACCESS
from registry.recognitions import model
from registry.recognitions.actions import accept_recognition, assess_recognition, change_recognition, recognise, withdraw_recognition
from registry.recognitions.model import Recognition

router = APIRouter(prefix="/recognitions", tags=["认定"])
_NOT_IN_ORDER = (model.RecognitionReversed, model.StudioWithoutMaster, model.MasterWithoutStudio)
_NO_LONGER_IN_ORDER = (model.AcceptedAfterValidity, model.AssessedOutsideValidity, model.WithdrawnBeforeRecognised)
_NOT_ALONE = (NotFound, model.RecognisedAfterClosing, model.RecognitionOverlaps)


class Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    paper_number: str = Field(min_length=1, max_length=60, examples=["张人社〔2017〕12号"], description="认定文号")
    valid_from: date = Field(examples=["2017-03-01"])
    valid_to: date | None = Field(default=None, description="最后一天；长期有效留空")
    master_id: UUID | None = Field(default=None, description="技能名师工作室的领衔人；其他认定留空", examples=[None])


class NewRecognition(Content):
    organisation_id: UUID = Field(description="被认定的单位")
    kind: RecognitionKind = Field(examples=[RecognitionKind.DEMONSTRATION_BASE])


class Acceptance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accepted_on: date = Field(examples=["2018-04-20"], description="验收日")
    investment: Money = Field(description="验收认定的投入")


class Assessment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    year: int = Field(ge=2000, le=2999, examples=[2017], description="所考核的年度")
    assessed_on: date = Field(examples=["2018-03-15"], description="考核日")
    is_passed: StrictBool = Field(examples=[True], description="是否合格")


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date | None = Field(examples=["2018-05-31"], description="自该日起不再有效；填 null 撤回")


class RecognitionView(BaseModel):
    id: UUID
    version: Version
    organisation_id: UUID
    kind: RecognitionKind
    paper_number: str
    valid_from: date
    valid_to: date | None
    withdrawn_on: date | None
    accepted_on: date | None
    investment: Money | None
    master_id: UUID | None
    assessments: list[YearlyAssessment] = Field(description="逐年考核")

    @classmethod
    def of(cls, recognition: Recognition) -> Self:
        invested = recognition.investment_fen
        return cls.model_validate(recognition.row() | {"investment": None if invested is None else Money.of(invested)})


@router.post("", status_code=201, summary="登记认定", operation_id="recognise",
             description="按认定文件登记：骨干企业、培养基地、示范实训基地、名师工作室等，自何时起、至何时止。同一单位同一类的有效期不能重叠。",
             dependencies=[ACCESS.requires("recognition:write")],
             responses=refusals(*_NOT_IN_ORDER, *_NOT_ALONE))  # fmt: skip
async def post_recognition(body: NewRecognition, act: Act) -> RecognitionView:
    return await act(recognise, RecognitionView.of, recognition=Recognition(**body.model_dump()))


@router.put("/{recognition_id}", summary="修改认定", operation_id="change_recognition",
            description="按应有的全部内容填写文号、有效期和领衔人；单位和类别不能修改。", dependencies=[ACCESS.requires("recognition:write")],
            responses=refusals(*_NOT_IN_ORDER, *_NOT_ALONE, *_NO_LONGER_IN_ORDER))  # fmt: skip
async def put_recognition(recognition_id: UUID, body: Content, act: MatchedAct) -> RecognitionView:
    values: dict[str, Any] = body.model_dump()
    return await act(change_recognition, RecognitionView.of, recognition_id=recognition_id, **values)


@router.post("/{recognition_id}:accept", summary="登记验收", operation_id="accept_recognition",
             description="示范实训基地建成验收，以奖代补由此认定；填错了再填一次即更正。", dependencies=[ACCESS.requires("recognition:write")],
             responses=refusals(model.NotAcceptedAtAll, model.AcceptedInFuture, model.AcceptedAfterValidity))  # fmt: skip
async def post_acceptance(recognition_id: UUID, body: Acceptance, act: MatchedAct) -> RecognitionView:
    return await act(
        accept_recognition,
        RecognitionView.of,
        recognition_id=recognition_id,
        accepted_on=body.accepted_on,
        investment_fen=body.investment.fen,
    )


@router.post("/{recognition_id}:assess", summary="登记年度考核", operation_id="assess_recognition",
             description="工作室和基地每年一次；同一年度再填一次即更正。", dependencies=[ACCESS.requires("recognition:write")],
             responses=refusals(model.NotAssessedYearly, model.AssessedInFuture, model.AssessedBeforeItsYear, model.AssessedOutsideValidity))  # fmt: skip
async def post_assessment(recognition_id: UUID, body: Assessment, act: MatchedAct) -> RecognitionView:
    return await act(assess_recognition, RecognitionView.of, recognition_id=recognition_id, **body.model_dump())


@router.post("/{recognition_id}:withdraw", summary="撤销认定", operation_id="withdraw_recognition",
             description="自该日起不再有效；填错了可以撤回。", dependencies=[ACCESS.requires("recognition:withdraw")],
             responses=refusals(model.RecognitionAlreadyWithdrawn, model.RecognitionNotWithdrawn, model.WithdrawnBeforeRecognised, *_NOT_ALONE))  # fmt: skip
async def post_withdrawal(recognition_id: UUID, body: Withdrawal, act: MatchedAct) -> RecognitionView:
    return await act(withdraw_recognition, RecognitionView.of, recognition_id=recognition_id, withdrawn_on=body.withdrawn_on)


@router.get("/{recognition_id}", summary="查看认定", operation_id="read_recognition",
            description="单位看本单位的。修改前先查看，页面记住看到的版本（ETag）。", dependencies=[ACCESS.requires("recognition:read")],
            responses=refusals(NotFound))  # fmt: skip
async def get_recognition(recognition_id: UUID, reading: Reading) -> RecognitionView:
    recognition = await reading.session.get(Recognition, recognition_id)
    reading.principal.must_be_organisation(recognition.organisation_id if recognition else None)
    if recognition is None:
        raise NotFound("没有这个认定")
    _saw_masters(reading, [recognition.master_id], purpose="view")
    reading.version(recognition.version)
    return RecognitionView.of(recognition)


@router.get(
    "",
    summary="认定列表",
    operation_id="list_recognitions",
    description="可按单位和类别筛选；单位看本单位的。",
    dependencies=[ACCESS.requires("recognition:read")],
)
async def get_recognitions(
    reading: Reading,
    paging: Paging,
    organisation_id: Annotated[UUID | None, Query(description="单位")] = None,
    kind: Annotated[RecognitionKind | None, Query(description="类别")] = None,
) -> Page[RecognitionView]:
    rows = select(Recognition)
    if reading.principal.role is Role.ORGANISATION:
        organisation_id = reading.principal.organisation_id
    if organisation_id is not None:
        rows = rows.where(col(Recognition.organisation_id) == organisation_id)
    if kind is not None:
        rows = rows.where(col(Recognition.kind) == kind)
    found = await page(reading.session, rows, Recognition.id, paging, RecognitionView.of)
    _saw_masters(reading, [recognition.master_id for recognition in found.items], purpose="list")
    return found


def _saw_masters(reading: Reading_, master_ids: list[UUID | None], *, purpose: str) -> None:
    persons = [master_id for master_id in master_ids if master_id is not None]
    if persons:
        reading.saw(persons, purpose=purpose)
