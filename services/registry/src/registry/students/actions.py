"""What can be done to a student's entry."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from common.work import Work
from contracts.registry import StudentStage, StudentStatus
from registry.organisations.model import Organisation
from registry.people.model import Person
from registry.students.model import StatusBegins, StatusInFuture, Student, StudentAlreadyEnrolled


class StudentContent(NamedTuple):
    """What is said of a time at a school, apart from whose and where."""

    stage: StudentStage
    major: str | None
    has_hardship: bool
    statuses: Sequence[StatusBegins]
    graduated_on: date | None


async def enrol_student(work: Work, student: Student) -> Student:
    """Enter a student. Raises NotFound (person or school), StudentAlreadyEnrolled, StatusInFuture."""
    await work.read(Person, student.person_id)
    await work.read(Organisation, student.school_id)
    if student.entered_on > work.business_day:
        raise StatusInFuture
    await _must_be_the_only_one(work, student, student.entered_on)
    return work.add(student, verb="enrolled")


async def correct_student(work: Work, enrolment_id: UUID, *, content: StudentContent) -> Student:
    """Everything as it should stand.

    Raises NotFound, StudentAlreadyEnrolled, DoesNotBeginEnrolled, StatusNotInOrder, StatusUnchanged, StudentHasLeft, StatusInFuture,
    GraduatedWithoutStudying.
    """
    student = await work.lock(Student, enrolment_id, verb="changed")
    entered_on = content.statuses[0].first_on
    if entered_on != student.entered_on:
        await _must_be_the_only_one(work, student, entered_on)
    student.stage, student.major, student.has_hardship = content.stage, content.major, content.has_hardship
    student.have_been(content.statuses, graduated_on=content.graduated_on, today=work.business_day)
    return student


async def change_student_status(work: Work, enrolment_id: UUID, *, status: StudentStatus, first_on: date) -> Student:
    """Suspended, back, or left. Raises NotFound and what `Student.become` raises."""
    student = await work.lock(Student, enrolment_id, verb="changed")
    student.become(status, first_on, today=work.business_day)
    return student


async def graduate_student(work: Work, enrolment_id: UUID, *, graduated_on: date) -> Student:
    """Through with school. Raises NotFound and what `Student.graduate` raises."""
    student = await work.lock(Student, enrolment_id, verb="graduated")
    student.graduate(graduated_on, today=work.business_day)
    return student


async def _must_be_the_only_one(work: Work, student: Student, entered_on: date) -> None:
    """Raises StudentAlreadyEnrolled."""
    known = await work.lock_by(Student, verb="changed", person_id=student.person_id, school_id=student.school_id, entered_on=entered_on)
    if known is not None:
        raise StudentAlreadyEnrolled
