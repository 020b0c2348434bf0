"""One person's time at one school: its statuses follow one another without gap or overlap, because only their first days are said."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from common.database.columns import json, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import StudentStage, StudentStatus
from registry.tables import Table

_DAY = timedelta(days=1)


class StudentAlreadyEnrolled(Conflict):
    title = "该人员在该校同日入学的学籍已登记"


class StudentHasLeft(Conflict):
    title = "该学生已离校；登记有误请用“更正学籍”"


class StudentHasGraduated(Conflict):
    title = "该学生已毕业；登记有误请用“更正学籍”"


class GraduatedWithoutStudying(Conflict):
    title = "毕业之前应为在籍，请先登记复学"


class StatusUnchanged(Conflict):
    title = "学籍状态没有变化；起始日期有误请用“更正学籍”"


class StatusNotInOrder(Invalid):
    title = "学籍状态的起始日期应晚于上一状态的起始日期"


class StatusInFuture(Invalid):
    title = "学籍的日期不能晚于今天"


class DoesNotBeginEnrolled(Invalid):
    title = "学籍的第一个状态应为在籍，自入学日起"


class StatusBegins(NamedTuple):
    """A status from a day on, until the next begins."""

    status: StudentStatus
    first_on: date


class Student(Aggregate, Table, table=True):
    """Unique by person, school and day of entry. `status_spans` is JSON of `contracts.registry.StudentSpan`.

    Every day since the entry is covered: who has graduated is known to be no student any more, which is more than to know nothing.
    """

    __tablename__ = "student"
    __table_args__ = (
        UniqueConstraint("person_id", "school_id", "entered_on"),
        CheckConstraint("graduated_on >= entered_on", name="graduated"),
        Index("ix_student_school_id", "school_id", "id"),
    )
    title: ClassVar[str] = "学籍"
    publishes = published.Student

    person_id: UUID
    school_id: UUID
    stage: StudentStage = Field(sa_type=one_of(StudentStage, "stage"))
    major: str | None = Field(default=None, max_length=20)
    entered_on: date
    status_spans: list[dict[str, Any]] = Field(default=[], sa_type=json)
    graduated_on: date | None = None
    has_hardship: bool = False

    @classmethod
    def enrolled(cls, *, person_id: UUID, school_id: UUID, stage: StudentStage, entered_on: date, **more: Any) -> Self:
        """From the day of entry on."""
        student = cls(person_id=person_id, school_id=school_id, stage=stage, entered_on=entered_on, **more)
        student._be([StatusBegins(StudentStatus.ENROLLED, entered_on)], graduated_on=None)
        return student

    @property
    def statuses(self) -> list[StatusBegins]:
        """What was said: without the end that a graduation is."""
        said = [StatusBegins(StudentStatus(span["status"]), date.fromisoformat(span["first_on"])) for span in self.status_spans]
        return said if self.graduated_on is None else said[:-1]

    def become(self, status: StudentStatus, first_on: date, *, today: date) -> None:
        """Another status from a day on.

        Raises StudentHasGraduated, StudentHasLeft, StatusUnchanged, StatusNotInOrder, StatusInFuture, DoesNotBeginEnrolled,
        GraduatedWithoutStudying.
        """
        if self.graduated_on is not None:
            raise StudentHasGraduated
        self.have_been([*self.statuses, StatusBegins(status, first_on)], graduated_on=None, today=today)

    def graduate(self, on: date, *, today: date) -> None:
        """`on` is the last day as a student. Raises StudentHasGraduated, GraduatedWithoutStudying and what `become` raises of days."""
        if self.graduated_on is not None:
            raise StudentHasGraduated
        self.have_been(self.statuses, graduated_on=on, today=today)

    def have_been(self, statuses: Sequence[StatusBegins], *, graduated_on: date | None, today: date) -> None:
        """Everything as it should stand.

        Raises DoesNotBeginEnrolled, StatusNotInOrder, StatusUnchanged, StudentHasLeft, StatusInFuture, GraduatedWithoutStudying.
        """
        if max([*(each.first_on for each in statuses), graduated_on or date.min]) > today:
            raise StatusInFuture
        if graduated_on is not None and statuses[-1] == StatusBegins(StudentStatus.LEFT, graduated_on + _DAY):
            statuses = statuses[:-1]  # as it is shown: what a graduation leads to need not be said
        _must_follow_one_another(statuses)
        if graduated_on is not None and statuses[-1].status is not StudentStatus.ENROLLED:
            raise GraduatedWithoutStudying
        if graduated_on is not None and graduated_on < statuses[-1].first_on:
            raise StatusNotInOrder
        self._be(statuses, graduated_on=graduated_on)

    def _be(self, statuses: Sequence[StatusBegins], *, graduated_on: date | None) -> None:
        begins = list(statuses)
        if graduated_on is not None:
            begins.append(StatusBegins(StudentStatus.LEFT, graduated_on + _DAY))
        ends = [later.first_on - _DAY for later in begins[1:]]
        self.entered_on, self.graduated_on = begins[0].first_on, graduated_on
        self.status_spans = [
            {"status": each.status.value, "first_on": each.first_on.isoformat(), "last_on": end and end.isoformat()}
            for each, end in zip(begins, [*ends, None], strict=True)
        ]


def _must_follow_one_another(statuses: Sequence[StatusBegins]) -> None:
    """Raises DoesNotBeginEnrolled, StatusNotInOrder, StatusUnchanged, StudentHasLeft."""
    if not statuses or statuses[0].status is not StudentStatus.ENROLLED:
        raise DoesNotBeginEnrolled
    for earlier, later in itertools.pairwise(statuses):
        if later.first_on <= earlier.first_on:
            raise StatusNotInOrder
        if later.status is earlier.status:
            raise StatusUnchanged
        if earlier.status is StudentStatus.LEFT:
            raise StudentHasLeft
