"""A report, confirmed or withdrawn; and the lecture that a confirmed report becomes, which alone is published, perhaps to be withdrawn later."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from training.tables import Table


class LectureAlreadyReported(Conflict):
    title = "该教师当天在这家企业的授课已申报"


class LectureInFuture(Invalid):
    title = "授课日期不能晚于今天"


class SchoolIsEnterprise(Invalid):
    title = "学校和企业不能是同一单位"


class ReportAlreadyConfirmed(Conflict):
    title = "授课申报已确认"


class ReportWithdrawn(Conflict):
    title = "授课申报已撤回"


class LectureWithdrawn(Conflict):
    title = "授课记录已撤销"


class LectureWithdrawnOutsideItsTime(Invalid):
    title = "撤销日不能早于授课日，也不能晚于今天"


class LectureReport(Aggregate, Table, table=True):
    """What a school says: nobody outside hears of it before the enterprise has confirmed it."""

    __tablename__ = "lecture_report"
    __table_args__ = (
        CheckConstraint("hours BETWEEN 1 AND 24", name="hours"),
        CheckConstraint("school_id <> enterprise_id", name="two_organisations"),
        Index(
            "uq_lecture_report_standing",
            "teacher_id",
            "enterprise_id",
            "held_on",
            unique=True,
            postgresql_where=text("withdrawn_on IS NULL"),
        ),
        Index("ix_lecture_report_school_id", "school_id", "id"),
        Index("ix_lecture_report_enterprise_id", "enterprise_id", "id"),
    )
    title: ClassVar[str] = "授课申报"

    school_id: UUID
    teacher_id: UUID
    enterprise_id: UUID
    held_on: date
    hours: int
    reported_on: date
    lecture_id: UUID | None = Field(default=None, unique=True)
    """What it has become."""
    withdrawn_on: date | None = None

    def must_be_possible(self) -> None:
        """Raises LectureInFuture, SchoolIsEnterprise."""
        if self.held_on > self.reported_on:
            raise LectureInFuture
        if self.school_id == self.enterprise_id:
            raise SchoolIsEnterprise

    def confirm(self, today: date) -> "Lecture":
        """The lecture that it becomes. Raises ReportWithdrawn, ReportAlreadyConfirmed."""
        self.must_be_open()
        lecture = Lecture(
            school_id=self.school_id, teacher_id=self.teacher_id, enterprise_id=self.enterprise_id, held_on=self.held_on, hours=self.hours,
            confirmed_on=today,
        )  # fmt: skip
        self.lecture_id = lecture.id
        return lecture

    def withdraw(self, today: date) -> None:
        """Before it is confirmed. Raises ReportWithdrawn, ReportAlreadyConfirmed."""
        self.must_be_open()
        self.withdrawn_on = today

    def must_be_open(self) -> None:
        """Raises ReportWithdrawn, ReportAlreadyConfirmed."""
        if self.withdrawn_on is not None:
            raise ReportWithdrawn
        if self.lecture_id is not None:
            raise ReportAlreadyConfirmed


class Lecture(Aggregate, Table, table=True):
    """A teacher taught inside an enterprise, which has confirmed it. From `withdrawn_on` it counts for nothing."""

    __tablename__ = "lecture"
    __table_args__ = (
        CheckConstraint("hours BETWEEN 1 AND 24", name="hours"),
        CheckConstraint("withdrawn_on >= held_on", name="withdrawn_after_held"),
        Index("uq_lecture_standing", "teacher_id", "enterprise_id", "held_on", unique=True, postgresql_where=text("withdrawn_on IS NULL")),
        Index("ix_lecture_school_id", "school_id", "id"),
        Index("ix_lecture_enterprise_id", "enterprise_id", "id"),
    )
    title: ClassVar[str] = "授课记录"
    publishes = published.Lecture

    school_id: UUID
    teacher_id: UUID
    enterprise_id: UUID
    held_on: date
    hours: int
    confirmed_on: date
    withdrawn_on: date | None = None

    def withdraw(self, on: date, *, today: date) -> None:
        """Raises LectureWithdrawn, LectureWithdrawnOutsideItsTime."""
        if self.withdrawn_on is not None:
            raise LectureWithdrawn
        if not self.held_on <= on <= today:
            raise LectureWithdrawnOutsideItsTime
        self.withdrawn_on = on
