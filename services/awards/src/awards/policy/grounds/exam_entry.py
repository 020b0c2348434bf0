"""Exam entry: a student of a school is entered for an appraisal sitting. Ground of free appraisal (R5.d)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Fen, Unit
from awards.policy import facts
from awards.policy.dossier import City, PersonFacts

_ANNULLED, _SECONDARY, _ENROLLED = "ANNULLED", "SECONDARY", "ENROLLED"


class ExamEntry(Ground):
    identified_by: ClassVar = ("entry",)

    entry: Fact[UUID] = fact("报名记录", Unit.RECORD)
    person: Fact[UUID] = fact("考生", Unit.PERSON)
    body: Fact[UUID] = fact("鉴定机构", Unit.ORGANISATION)
    registered_on: Fact[date] = fact("报名日", Unit.DAY)
    is_secondary_student: Fact[bool] = fact("报名当日的学籍", words=("中职在校学生", "当日不是中职在校学生"))
    attempt: Fact[int] = fact("参加该职业、等级鉴定的次数", Unit.NUMBER)
    took_part: Fact[bool] = fact("参加鉴定", words=("已参加鉴定", "没有参加鉴定"))
    is_valid: Fact[bool] = fact("鉴定是否有效", words=("鉴定批次有效", "鉴定批次已作废"))
    charged_fen: Fact[Fen] = fact("向学生净收费用", Unit.FEN, falls=True)
    fee_fen: Fact[Fen] = fact("鉴定费", Unit.FEN)


def exam_entries(person: PersonFacts, city: City) -> Iterator[ExamEntry]:
    """One for each entry of somebody who is known as a student, or was entered by a school; a sitting that has not arrived is awaited."""
    for entry in person.exam_entries:
        if entry.school_id is None and not person.students:
            continue
        sitting = city.sittings.get(entry.sitting_id)
        took_part, withdrawn = (False, f"{entry.withdrawn_on} 撤回报名") if entry.withdrawn_on else (entry.took_part, "")
        yield ExamEntry(
            entry=entry.id,
            person=person.id,
            body=sitting.body_id if sitting else None,
            registered_on=entry.registered_on,
            is_secondary_student=_is_secondary_student(person.students, entry.registered_on),
            attempt=entry.attempt,
            took_part=took_part,
            is_valid=sitting.state != _ANNULLED if sitting else None,
            charged_fen=Fen(entry.charged_fen),
            fee_fen=Fen(entry.fee_fen),
            evidence={"took_part": withdrawn} if withdrawn else {},
        )


def _is_secondary_student(enrolments: Sequence[facts.Student], day: date) -> bool | None:
    """Enrolled at a secondary school on that day; None when no span of any school covers it: nobody has told."""
    known = [
        str(student.stage) == _SECONDARY and str(span.status) == _ENROLLED
        for student in enrolments
        for span in student.status_spans
        if span.first_on <= day <= (span.last_on or NEVER)
    ]
    return any(known) if known else None
