"""Students over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import select
from sqlmodel import col

from common.database.columns import among
from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.registry import StudentSpan, StudentStage, StudentStatus
from registry.access import ACCESS
from registry.people.merging import all_that_he_is, must_be_his
from registry.students import model
from registry.students.actions import StudentContent, change_student_status, correct_student, enrol_student, graduate_student
from registry.students.model import StatusBegins, Student

router = APIRouter(prefix="/students", tags=["学籍"])
_NOT_IN_ORDER = (
    model.DoesNotBeginEnrolled, model.StatusNotInOrder, model.StatusUnchanged, model.StudentHasLeft, model.StatusInFuture,
    model.GraduatedWithoutStudying,
)  # fmt: skip


class About(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stage: StudentStage = Field(examples=[StudentStage.SECONDARY], description="中职或高职")
    major: str | None = Field(default=None, max_length=20, examples=["660103"], description="专业代码")
    has_hardship: StrictBool = Field(default=False, description="家庭经济困难学生")


class NewStudent(About):
    person_id: UUID
    school_id: UUID = Field(description="学校")
    entered_on: date = Field(examples=["2016-09-01"], description="入学日")


class StatusFrom(BaseModel):
    """A status from a day on, until the next begins."""

    model_config = ConfigDict(extra="forbid")

    status: StudentStatus = Field(examples=[StudentStatus.ENROLLED])
    first_on: date = Field(examples=["2016-09-01"], description="自该日起")


class Correction(About):
    statuses: list[StatusFrom] = Field(
        min_length=1, max_length=50, description="依次的状态，第一个是自入学日起在籍；每个到下一个的前一天为止"
    )
    graduated_on: date | None = Field(default=None, description="毕业日；未毕业留空")

    def content(self) -> StudentContent:
        statuses = [StatusBegins(each.status, each.first_on) for each in self.statuses]
        return StudentContent(self.stage, self.major, self.has_hardship, statuses, self.graduated_on)


class StatusChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: StudentStatus = Field(examples=[StudentStatus.SUSPENDED])
    first_on: date = Field(examples=["2018-03-01"], description="自该日起")


class Graduation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    graduated_on: date = Field(examples=["2018-05-31"], description="毕业日，当天仍是学生")


class EnrolmentView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    school_id: UUID
    stage: StudentStage
    major: str | None
    entered_on: date
    status_spans: list[StudentSpan] = Field(
        description="逐段学籍状态，首尾两日都在内",
        examples=[[{"status": "ENROLLED", "first_on": "2016-09-01", "last_on": None}]],
    )
    graduated_on: date | None
    has_hardship: bool

    @classmethod
    def of(cls, student: Student) -> Self:
        return cls.model_validate(student.row())


@router.post("", status_code=201, summary="登记入学", operation_id="enrol_student",
             description="中职学生参加职业技能鉴定免费，报名当日是否在籍由此认定。", dependencies=[ACCESS.requires("student:write")],
             responses=refusals(NotFound, model.StudentAlreadyEnrolled, model.StatusInFuture))  # fmt: skip
async def post_student(body: NewStudent, act: Act) -> EnrolmentView:
    return await act(enrol_student, EnrolmentView.of, student=Student.enrolled(**body.model_dump()))


@router.post("/{enrolment_id}:change-status", summary="变更学籍状态", operation_id="change_student_status",
             description="休学、复学（在籍）或离校，自该日起；填错了用更正学籍。", dependencies=[ACCESS.requires("student:write")],
             responses=refusals(*_NOT_IN_ORDER, model.StudentHasGraduated))  # fmt: skip
async def post_status(enrolment_id: UUID, body: StatusChange, act: MatchedAct) -> EnrolmentView:
    return await act(change_student_status, EnrolmentView.of, enrolment_id=enrolment_id, status=body.status, first_on=body.first_on)


@router.put("/{enrolment_id}", summary="更正学籍", operation_id="correct_student",
            description="按应有的全部内容填写，状态只填起始日期，中间不会空缺或重叠；人员和学校不能修改。", dependencies=[ACCESS.requires("student:write")],
            responses=refusals(*_NOT_IN_ORDER, model.StudentAlreadyEnrolled))  # fmt: skip
async def put_student(enrolment_id: UUID, body: Correction, act: MatchedAct) -> EnrolmentView:
    return await act(correct_student, EnrolmentView.of, enrolment_id=enrolment_id, content=body.content())


@router.post("/{enrolment_id}:graduate", summary="登记毕业", operation_id="graduate_student",
             description="毕业当天仍是学生，次日起不再是。", dependencies=[ACCESS.requires("student:write")],
             responses=refusals(*_NOT_IN_ORDER, model.StudentHasGraduated))  # fmt: skip
async def post_graduation(enrolment_id: UUID, body: Graduation, act: MatchedAct) -> EnrolmentView:
    return await act(graduate_student, EnrolmentView.of, enrolment_id=enrolment_id, graduated_on=body.graduated_on)


@router.get("/{enrolment_id}", summary="查看学籍", operation_id="read_student",
            description="个人看本人的，学校看本校的。修改前先查看，页面记住看到的版本（ETag）。", dependencies=[ACCESS.requires("student:read")],
            responses=refusals(NotFound))  # fmt: skip
async def get_student(enrolment_id: UUID, reading: Reading) -> EnrolmentView:
    student = await reading.session.get(Student, enrolment_id)
    if student is None:
        raise NotFound("没有这个学籍")
    if reading.principal.role is Role.PERSON:
        await must_be_his(reading.session, reading.principal, student.person_id)
    else:
        reading.principal.must_be_organisation(student.school_id)
    reading.saw([student.person_id], purpose="view")
    reading.version(student.version)
    return EnrolmentView.of(student)


@router.get(
    "",
    summary="学籍列表",
    operation_id="list_students",
    description="个人看本人的，学校看本校的。",
    dependencies=[ACCESS.requires("student:read")],
)
async def get_students(
    reading: Reading,
    paging: Paging,
    person_id: Annotated[UUID | None, Query(description="人员")] = None,
    school_id: Annotated[UUID | None, Query(description="学校")] = None,
) -> Page[EnrolmentView]:
    caller, rows = reading.principal, select(Student)
    if caller.role is Role.PERSON:
        person_id = caller.person_id
    if caller.role is Role.ORGANISATION:
        school_id = caller.organisation_id
    if person_id is not None:
        rows = rows.where(among(col(Student.person_id), await all_that_he_is(reading.session, person_id)))
    if school_id is not None:
        rows = rows.where(col(Student.school_id) == school_id)
    found = await page(reading.session, rows, Student.id, paging, EnrolmentView.of)
    reading.saw([student.person_id for student in found.items], purpose="list")
    return found
