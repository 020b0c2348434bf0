"""Exam entries over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlmodel import col, select

from certification.access import ACCESS
from certification.exam_entries.actions import enter_for_sitting, settle_entry, withdraw_entry
from certification.exam_entries.model import (
    AlreadyEntered,
    ChargedAboveFee,
    EntryWithdrawn,
    ExamEntry,
    FeeUnknown,
    RegisteredAfterSitting,
    RegisteredInFuture,
    TookPart,
    WithdrawnOutsideItsTime,
    WithdrawnSince,
)
from certification.sittings.model import NotHeldYet, Sitting, SittingNotPlanned
from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading

router = APIRouter(prefix="/exam-entries", tags=["鉴定报名"])


class NewExamEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="考生，由 registry 的 people:resolve 得到")
    sitting_id: UUID = Field(description="鉴定批次")
    school_id: UUID | None = Field(default=None, description="学校为在校学生报名时填写；社会考生留空")
    registered_on: date = Field(examples=["2018-04-10"], description="报名日，免费与否按这一天的学籍认定；不晚于鉴定日")


class Settlement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    took_part: StrictBool = Field(examples=[True], description="是否参加了鉴定")
    charged: Money = Field(examples=[{"amount": "0.00", "currency": "CNY"}], description="本人实付；免费的为 0.00")


class EntryWithdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date = Field(examples=["2018-04-20"], description="不早于报名日，不晚于今天")


class ExamEntryView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    sitting_id: UUID
    school_id: UUID | None
    registered_on: date
    attempt: int = Field(examples=[1], description="同一职业、等级第几次报考；未参加、已撤销和作废批次的不计")
    fee: Money = Field(examples=[{"amount": "260.00", "currency": "CNY"}], description="报名时的鉴定费标准，登记后不变")
    charged: Money
    took_part: bool | None = Field(description="空：结果尚未登记")
    withdrawn_on: date | None

    @classmethod
    def of(cls, entry: ExamEntry) -> Self:
        return cls.model_validate(entry.row() | {"fee": Money.of(entry.fee_fen), "charged": Money.of(entry.charged_fen)})


@router.post("", status_code=201, summary="登记鉴定报名", operation_id="enter_for_sitting",
             description="学校为本校学生报名，或鉴定机构登记来报名的考生；费用取职业目录的现行标准。收不收、由谁付由待遇服务认定。",
             dependencies=[ACCESS.requires("exam-entry:write")],
             responses=refusals(NotFound, SittingNotPlanned, RegisteredInFuture, RegisteredAfterSitting, FeeUnknown, AlreadyEntered,
                                WithdrawnSince))  # fmt: skip
async def post_exam_entry(body: NewExamEntry, act: Act) -> ExamEntryView:
    return await act(enter_for_sitting, ExamEntryView.of, **body.model_dump())


@router.post("/{exam_entry_id}:settle", summary="登记参加与收费", operation_id="settle_exam_entry",
             description="鉴定日过后登记是否参加、本人实付多少；登记错的可以再次登记，待遇随即复算。",
             dependencies=[ACCESS.requires("exam-entry:settle")], responses=refusals(EntryWithdrawn, NotHeldYet, ChargedAboveFee))  # fmt: skip
async def post_settlement(exam_entry_id: UUID, body: Settlement, act: MatchedAct) -> ExamEntryView:
    return await act(settle_entry, ExamEntryView.of, exam_entry_id=exam_entry_id, took_part=body.took_part, charged_fen=body.charged.fen)


@router.post("/{exam_entry_id}:withdraw", summary="撤销鉴定报名", operation_id="withdraw_exam_entry",
             description="未参加鉴定的可以撤销；撤销后可按新的报名日再报。", dependencies=[ACCESS.requires("exam-entry:withdraw")],
             responses=refusals(EntryWithdrawn, TookPart, WithdrawnOutsideItsTime))  # fmt: skip
async def post_withdrawal(exam_entry_id: UUID, body: EntryWithdrawal, act: MatchedAct) -> ExamEntryView:
    return await act(withdraw_entry, ExamEntryView.of, exam_entry_id=exam_entry_id, **body.model_dump())


@router.get("/{exam_entry_id}", summary="查看鉴定报名", operation_id="read_exam_entry",
            description="个人看本人的，学校看本校报名的，鉴定机构看本机构批次的。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("exam-entry:read")])  # fmt: skip
async def get_exam_entry(exam_entry_id: UUID, reading: Reading) -> ExamEntryView:
    entry = await reading.session.get(ExamEntry, exam_entry_id)
    if entry is None:
        raise NotFound("没有这个鉴定报名")
    if reading.principal.role is Role.PERSON:
        reading.principal.must_be_person(entry.person_id)
    else:
        sitting = await reading.session.get_one(Sitting, entry.sitting_id)
        reading.principal.must_be_organisation(entry.school_id, sitting.body_id)
    reading.saw([entry.person_id], purpose="exam-entry")
    reading.version(entry.version)
    return ExamEntryView.of(entry)


@router.get(
    "",
    summary="鉴定报名列表",
    operation_id="list_exam_entries",
    description="可按考生、鉴定批次和学校筛选。",
    dependencies=[ACCESS.requires("exam-entry:read")],
)
async def get_exam_entries(
    reading: Reading,
    paging: Paging,
    person_id: Annotated[UUID | None, Query(description="考生")] = None,
    sitting_id: Annotated[UUID | None, Query(description="鉴定批次")] = None,
    school_id: Annotated[UUID | None, Query(description="学校")] = None,
) -> Page[ExamEntryView]:
    asked = {"person_id": person_id, "sitting_id": sitting_id, "school_id": school_id}
    rows, caller = select(ExamEntry).filter_by(**{name: value for name, value in asked.items() if value is not None}), reading.principal
    if caller.role is Role.PERSON:
        rows = rows.where(col(ExamEntry.person_id) == caller.person_id)
    if caller.role is Role.ORGANISATION:
        own = select(Sitting.id).where(col(Sitting.body_id) == caller.organisation_id)
        rows = rows.where((col(ExamEntry.school_id) == caller.organisation_id) | col(ExamEntry.sitting_id).in_(own))
    found = await page(reading.session, rows, ExamEntry.id, paging, ExamEntryView.of)
    reading.saw([each.person_id for each in found.items], purpose="list")
    return found
