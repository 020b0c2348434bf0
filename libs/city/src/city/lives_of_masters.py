"""Lives of what the schemes about persons ask for: titles, students and their appraisals, journeys abroad."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid5

from contracts import certification, registry, training
from contracts.fact import Fact

WELDER, FITTER = "2015:6-18-02-04", "2015:6-20-01-01"
_REGISTERED = date(2018, 3, 20)


def lives(space: UUID, *, employers: Sequence[UUID], persons: Sequence[UUID]) -> Iterator[list[Fact]]:
    """Of every aggregate its states, in order; by a chance of the space's own, so that other lives stay as they are."""
    chance = Random(space.int + 1)
    sittings = [uuid5(space, f"sitting {nth}") for nth in range(2)]
    for sitting in sittings:
        yield _sitting(chance, sitting)
    for person in persons:
        yield _title(chance, person)
        yield _student(chance, person)
        yield _entry(chance, person, sittings)
        yield _trip(chance, person, employers)


def _changed(chance: Random, first: Any, times: int, **choices: Sequence[Any]) -> list[Fact]:
    """Often all of it is taken back in the end."""
    states = [first]
    for _ in range(chance.randint(1, times)):
        names = chance.sample(sorted(choices), k=chance.randint(1, len(choices)))
        states.append(states[-1].model_copy(update={name: chance.choice(choices[name]) for name in names}))
    return [*states, first] if chance.random() < 0.5 else states


def _title(chance: Random, person: UUID) -> list[Fact]:
    kinds = certification.TitleKind
    first = certification.Title(
        id=uuid5(person, "title"), person_id=person, kind=kinds.NATIONAL_TECHNICAL_EXPERT, awarded_on=date(2017, 5, 4), paper_number="1"
    )
    return _changed(
        chance, first, 3, kind=(kinds.NATIONAL_TECHNICAL_EXPERT, kinds.PROVINCIAL_TECHNICAL_EXPERT, kinds.CITY_TECHNICAL_EXPERT),
        awarded_on=(date(2017, 5, 4), date(2018, 5, 4), date(2018, 9, 10)), withdrawn_on=(None, None, date(2018, 12, 3)),
        contest_id=(None, uuid5(person, "contest")),
    )  # fmt: skip


def _student(chance: Random, person: UUID) -> list[Fact]:
    def spans(status: registry.StudentStatus, first_on: date) -> tuple[registry.StudentSpan, ...]:
        return (registry.StudentSpan(status=status, first_on=first_on),)

    enrolled = spans(registry.StudentStatus.ENROLLED, date(2016, 9, 1))
    first = registry.Student(
        id=uuid5(person, "enrolment"), person_id=person, school_id=uuid5(person, "school"), stage=registry.StudentStage.SECONDARY,
        entered_on=date(2016, 9, 1), status_spans=enrolled,
    )  # fmt: skip
    others = (spans(registry.StudentStatus.LEFT, date(2018, 3, 1)), spans(registry.StudentStatus.ENROLLED, date(2018, 4, 1)))
    return _changed(chance, first, 3, status_spans=(enrolled, *others), stage=tuple(registry.StudentStage))


def _sitting(chance: Random, id_: UUID) -> list[Fact]:
    states = certification.SittingState
    first = certification.Sitting(
        id=id_, mode=certification.EvaluationMode.SOCIAL_APPRAISAL, body_id=uuid5(id_, "body"), occupation=WELDER, level_code=4,
        held_on=date(2018, 4, 14), state=states.COMPLETED,
    )  # fmt: skip
    return _changed(chance, first, 2, state=(states.COMPLETED, states.ANNULLED), body_id=(first.body_id, uuid5(id_, "other body")))


def _entry(chance: Random, person: UUID, sittings: Sequence[UUID]) -> list[Fact]:
    first = certification.ExamEntry(
        id=uuid5(person, "entry"), person_id=person, sitting_id=chance.choice(sittings), school_id=uuid5(person, "school"), registered_on=_REGISTERED,
        attempt=1, fee_fen=26_000, took_part=True,
    )  # fmt: skip
    return _changed(
        chance,
        first,
        3,
        sitting_id=sittings,
        took_part=(True, True, False, None),
        charged_fen=(0, 0, 26_000),
        withdrawn_on=(None, None, _REGISTERED),
    )


def _trip(chance: Random, person: UUID, employers: Sequence[UUID]) -> list[Fact]:
    states = training.TripState
    first = training.Trip(
        id=uuid5(person, "trip"), person_id=person, sender_id=chance.choice(employers), occupation=WELDER, selected_on=date(2018, 3, 1),
        starts_on=date(2018, 5, 10), ends_on=date(2018, 6, 10), reported_on=date(2018, 6, 20), cost_fen=3_000_000, state=states.COMPLETED,
    )  # fmt: skip
    return _changed(
        chance, first, 3, occupation=(WELDER, FITTER), selected_on=(date(2018, 3, 1), date(2018, 1, 20)), reported_on=(None, date(2018, 6, 20)),
        cost_fen=(None, 3_000_000, 4_200_000), state=(states.COMPLETED, states.CANCELLED), sender_id=employers,
    )  # fmt: skip
