"""Lectures and the reports of them over REST."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from common.refusal import NotFound
from common.security.principal import Principal, Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.made_up import EXAMPLE_IDS
from training.access import ACCESS
from training.lectures.actions import confirm_lecture, report_lecture, withdraw_lecture, withdraw_report
from training.lectures.model import (
    Lecture,
    LectureAlreadyReported,
    LectureInFuture,
    LectureReport,
    LectureWithdrawn,
    LectureWithdrawnOutsideItsTime,
    ReportAlreadyConfirmed,
    ReportWithdrawn,
    SchoolIsEnterprise,
)

router = APIRouter(tags=["企业授课"])
_READ = [ACCESS.requires("lecture:read")]


class NewLectureReport(BaseModel):
    model_config = ConfigDict(extra="forbid")

    school_id: UUID = Field(description="教师所在学校")
    teacher_id: UUID = Field(description="授课教师，由 registry 的 people:resolve 得到")
    enterprise_id: UUID = Field(examples=[EXAMPLE_IDS["visited_enterprise_id"]], description="授课所在企业")
    held_on: date = Field(examples=["2018-04-12"], description="授课日期")
    hours: int = Field(ge=1, le=24, examples=[4], description="课时")


class LectureWithdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date = Field(examples=["2018-06-01"], description="自该日起不再计入，不能晚于今天")


class ReportState(StrEnum):
    REPORTED = "REPORTED"
    CONFIRMED = "CONFIRMED"
    WITHDRAWN = "WITHDRAWN"


class LectureReportView(BaseModel):
    id: UUID
    version: Version
    school_id: UUID
    teacher_id: UUID
    enterprise_id: UUID
    held_on: date
    hours: int
    reported_on: date = Field(examples=["2018-04-13"])
    lecture_id: UUID | None = Field(description="确认后成为的授课记录")
    withdrawn_on: date | None

    @classmethod
    def of(cls, report: LectureReport) -> Self:
        return cls.model_validate(report.row())


class LectureView(BaseModel):
    id: UUID
    version: Version
    school_id: UUID
    teacher_id: UUID
    enterprise_id: UUID
    held_on: date
    hours: int
    confirmed_on: date = Field(examples=["2018-04-13"])
    withdrawn_on: date | None

    @classmethod
    def of(cls, lecture: Lecture) -> Self:
        return cls.model_validate(lecture.row())


@router.post("/lecture-reports", status_code=201, summary="申报企业授课", operation_id="report_lecture",
             description="学校申报本校教师到企业授课；企业确认后才计入。同一教师同一天在同一企业只报一次。",
             dependencies=[ACCESS.requires("lecture:report")],
             responses=refusals(NotFound, LectureInFuture, SchoolIsEnterprise, LectureAlreadyReported))  # fmt: skip
async def post_report(body: NewLectureReport, act: Act) -> LectureReportView:
    return await act(report_lecture, LectureReportView.of, **body.model_dump())


@router.post("/lecture-reports/{lecture_report_id}:confirm", summary="确认企业授课", operation_id="confirm_lecture_report",
             description="由授课所在企业确认，或经办人员凭企业证明确认；返回由此成为的授课记录。",
             dependencies=[ACCESS.requires("lecture:confirm")], responses=refusals(ReportWithdrawn, ReportAlreadyConfirmed))  # fmt: skip
async def post_confirmation(lecture_report_id: UUID, act: MatchedAct) -> LectureView:
    return await act(confirm_lecture, LectureView.of, lecture_report_id=lecture_report_id)


@router.post("/lecture-reports/{lecture_report_id}:withdraw", summary="撤回授课申报", operation_id="withdraw_lecture_report",
             description="尚未确认的申报由学校撤回。", dependencies=[ACCESS.requires("lecture:report")],
             responses=refusals(ReportWithdrawn, ReportAlreadyConfirmed))  # fmt: skip
async def post_report_withdrawal(lecture_report_id: UUID, act: MatchedAct) -> LectureReportView:
    return await act(withdraw_report, LectureReportView.of, lecture_report_id=lecture_report_id)


@router.post("/lectures/{lecture_id}:withdraw", summary="撤销授课记录", operation_id="withdraw_lecture",
             description="查明不实的撤销，自该日起不再计入，待遇随即复算。", dependencies=[ACCESS.requires("lecture:withdraw")],
             responses=refusals(LectureWithdrawn, LectureWithdrawnOutsideItsTime))  # fmt: skip
async def post_withdrawal(lecture_id: UUID, body: LectureWithdrawal, act: MatchedAct) -> LectureView:
    return await act(withdraw_lecture, LectureView.of, lecture_id=lecture_id, **body.model_dump())


@router.get("/lecture-reports/{lecture_report_id}", summary="查看授课申报", operation_id="read_lecture_report",
            description="个人看本人的，学校和企业看本单位的。", responses=refusals(NotFound), dependencies=_READ)  # fmt: skip
async def get_report(lecture_report_id: UUID, reading: Reading) -> LectureReportView:
    report = await reading.session.get(LectureReport, lecture_report_id)
    if report is None:
        raise NotFound("没有这个授课申报")
    _must_be_its(reading.principal, report)
    reading.saw([report.teacher_id], purpose="lecture-report")
    reading.version(report.version)
    return LectureReportView.of(report)


@router.get("/lectures/{lecture_id}", summary="查看授课记录", operation_id="read_lecture",
            description="个人看本人的，学校和企业看本单位的。", responses=refusals(NotFound), dependencies=_READ)  # fmt: skip
async def get_lecture(lecture_id: UUID, reading: Reading) -> LectureView:
    lecture = await reading.session.get(Lecture, lecture_id)
    if lecture is None:
        raise NotFound("没有这个授课记录")
    _must_be_its(reading.principal, lecture)
    reading.saw([lecture.teacher_id], purpose="lecture")
    reading.version(lecture.version)
    return LectureView.of(lecture)


def _must_be_its(caller: Principal, row: LectureReport | Lecture) -> None:
    """Its teacher, its school or its enterprise, of those who see only their own. Raises NotFound."""
    if caller.role is Role.PERSON:
        caller.must_be_person(row.teacher_id)
    else:
        caller.must_be_organisation(row.school_id, row.enterprise_id)


@router.get("/lecture-reports", summary="授课申报列表", operation_id="list_lecture_reports",
            description="可按学校、企业和状态筛选，如等待本企业确认的。", dependencies=_READ)  # fmt: skip
async def get_reports(
    reading: Reading,
    paging: Paging,
    school_id: Annotated[UUID | None, Query(description="学校")] = None,
    enterprise_id: Annotated[UUID | None, Query(description="企业")] = None,
    state: Annotated[ReportState | None, Query(description="状态")] = None,
) -> Page[LectureReportView]:
    asked, caller = {"school_id": school_id, "enterprise_id": enterprise_id}, reading.principal
    rows = select(LectureReport).filter_by(**{name: value for name, value in asked.items() if value is not None})
    if caller.role is Role.PERSON:
        rows = rows.where(col(LectureReport.teacher_id) == caller.person_id)
    if caller.role is Role.ORGANISATION:
        own = caller.organisation_id
        rows = rows.where((col(LectureReport.school_id) == own) | (col(LectureReport.enterprise_id) == own))
    withdrawn, lecture = col(LectureReport.withdrawn_on), col(LectureReport.lecture_id)
    if state is ReportState.WITHDRAWN:
        rows = rows.where(withdrawn.is_not(None))
    elif state is not None:
        rows = rows.where(withdrawn.is_(None), lecture.is_not(None) if state is ReportState.CONFIRMED else lecture.is_(None))
    found = await page(reading.session, rows, LectureReport.id, paging, LectureReportView.of)
    reading.saw([each.teacher_id for each in found.items], purpose="list")
    return found


@router.get("/lectures", summary="授课记录列表", operation_id="list_lectures", description="可按学校、企业和教师筛选。", dependencies=_READ)
async def get_lectures(
    reading: Reading,
    paging: Paging,
    school_id: Annotated[UUID | None, Query(description="学校")] = None,
    enterprise_id: Annotated[UUID | None, Query(description="企业")] = None,
    teacher_id: Annotated[UUID | None, Query(description="授课教师")] = None,
) -> Page[LectureView]:
    asked, caller = {"school_id": school_id, "enterprise_id": enterprise_id, "teacher_id": teacher_id}, reading.principal
    rows = select(Lecture).filter_by(**{name: value for name, value in asked.items() if value is not None})
    if caller.role is Role.PERSON:
        rows = rows.where(col(Lecture.teacher_id) == caller.person_id)
    if caller.role is Role.ORGANISATION:
        rows = rows.where((col(Lecture.school_id) == caller.organisation_id) | (col(Lecture.enterprise_id) == caller.organisation_id))
    found = await page(reading.session, rows, Lecture.id, paging, LectureView.of)
    reading.saw([each.teacher_id for each in found.items], purpose="list")
    return found
