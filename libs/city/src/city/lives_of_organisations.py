"""Lives of what money of organisations depends on: lectures, recognitions, sponsored classes, and the schools they stand at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from contracts import matching, registry, training
from contracts.fact import Fact

OPENED = date(2018, 9, 3)
_FROM, _UNTIL = date(2018, 3, 1), date(2019, 6, 30)


def lives(space: UUID, *, employers: Sequence[UUID], students: Sequence[UUID]) -> Iterator[list[Fact]]:
    """Of every aggregate its states, in order; by a chance of the space's own, so that persons' lives stay as they are."""
    chance = Random(space.int)
    schools = [uuid5(space, f"school {nth}") for nth in range(2)]
    for nth, school in enumerate(schools):
        yield _school(chance, school)
        yield _lecture(chance, uuid5(space, f"lecture {nth}"), school, employers)
        for kind in (registry.RecognitionKind.DEMONSTRATION_BASE, registry.RecognitionKind.STUDIO):
            yield _recognition(chance, uuid5(space, f"{kind} {nth}"), school, kind)
    for nth in range(5):
        yield _sponsored_class(chance, uuid5(space, f"sponsored class {nth}"), schools, employers, students)


def _changed(chance: Random, first: Any, times: int, **choices: Sequence[Any]) -> list[Fact]:
    """Often all of it is taken back in the end."""
    states = [first]
    for _ in range(chance.randint(1, times)):
        names = chance.sample(sorted(choices), k=chance.randint(1, len(choices)))
        states.append(states[-1].model_copy(update={name: chance.choice(choices[name]) for name in names}))
    return [*states, first] if chance.random() < 0.5 else states


def _school(chance: Random, id_: UUID) -> list[Fact]:
    def spans(kind: registry.OrganisationKind, area_code: str) -> tuple[registry.OrganisationSpan, ...]:
        return (registry.OrganisationSpan(kind=kind, area_code=area_code, is_locally_registered=False, first_on=date(2000, 1, 1)),)

    outside, local = (
        spans(registry.OrganisationKind.SECONDARY_SCHOOL, "341200"),
        spans(registry.OrganisationKind.SECONDARY_SCHOOL, "320582"),
    )
    first = registry.Organisation(id=id_, uscc=f"12{id_.int % 10**7:07}", spans=outside)
    return _changed(chance, first, 2, spans=(outside, local, spans(registry.OrganisationKind.TRAINING_BODY, "341200")))


def _lecture(chance: Random, id_: UUID, school: UUID, employers: Sequence[UUID]) -> list[Fact]:
    day = date(2018, 4, 12)
    first = training.Lecture(
        id=id_, school_id=school, teacher_id=uuid5(id_, "teacher"), enterprise_id=chance.choice(employers), held_on=day, hours=4, confirmed_on=day
    )  # fmt: skip
    return _changed(chance, first, 2, withdrawn_on=(None, date(2018, 5, 2)), hours=(4, 2), enterprise_id=employers)


def _recognition(chance: Random, id_: UUID, holder: UUID, kind: registry.RecognitionKind) -> list[Fact]:
    first = registry.Recognition(id=id_, organisation_id=holder, kind=kind, paper_number="1", valid_from=_FROM, valid_to=_UNTIL)
    assessed = tuple(registry.YearlyAssessment(year=2018, assessed_on=date(2018, 12, 20), is_passed=passed) for passed in (True, False))
    return _changed(
        chance, first, 3, accepted_on=(date(2018, 5, 10), date(2019, 5, 10), None), withdrawn_on=(None, date(2018, 9, 1)),
        assessments=((), assessed[:1], assessed[1:], assessed),
    )  # fmt: skip


def _sponsored_class(chance: Random, id_: UUID, schools: Sequence[UUID], employers: Sequence[UUID], students: Sequence[UUID]) -> list[Fact]:
    def enrolled() -> tuple[matching.SponsoredStudent, ...]:
        return tuple(
            matching.SponsoredStudent(person_id=each, enrolled_on=OPENED, left_on=chance.choice((None, None, OPENED + timedelta(days=60))))
            for each in chance.sample(students, k=chance.randint(1, len(students)))
        )

    def payment(nth: int) -> matching.SponsorPayment:
        amount = chance.choice((80_000, 100_000, 150_000, 70_000, 60_000, 100_001))
        return matching.SponsorPayment(
            payment_id=uuid5(id_, str(nth)), enterprise_id=chance.choice(employers), student_id=chance.choice((None, *students)),
            paid_on=OPENED + timedelta(days=chance.randint(0, 90)), amount_fen=amount, refunded_fen=chance.choice((0, 0, 0, 30_000)),
            is_proven=chance.random() < 0.8,
        )  # fmt: skip

    def paid() -> tuple[matching.SponsorPayment, ...]:
        return tuple(payment(nth) for nth in range(chance.randint(0, 4)))

    first = matching.SponsoredClass(
        id=id_, school_id=chance.choice(schools), opened_on=OPENED, students=enrolled(), payments=paid(), state=matching.SponsoredClassState.OPEN
    )  # fmt: skip
    return _changed(
        chance, first, 4, students=[enrolled() for _ in range(3)], payments=[paid() for _ in range(4)], school_id=schools,
        state=(matching.SponsoredClassState.OPEN, *matching.SponsoredClassState),
    )  # fmt: skip
