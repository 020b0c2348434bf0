"""Whatever is paid for a sponsored class, and taken back: the match is exact, nobody is above the cap, and no order of telling changes it."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awards.kernel.kinds import Outcome
from awards.parameters.seed import load_seed
from awards.policy.dossier import City, SponsoredClassFacts
from awards.policy.grounds.sponsored_place import SponsoredPlace, sponsored_places
from awards.policy.schemes.sponsored_class import sponsored_class
from common.testing.examples import examples
from contracts.matching import SponsoredClass, SponsoredClassState, SponsoredStudent, SponsorPayment
from contracts.registry import Organisation, OrganisationKind, OrganisationSpan

SPACE = UUID(int=8)
OPENED, TODAY = date(2018, 9, 3), date(2019, 6, 1)
SCHOOL = uuid5(SPACE, "school")
STUDENTS = [uuid5(SPACE, f"student {nth}") for nth in range(4)]
SPONSORS = {kind: uuid5(SPACE, f"sponsor {nth}") for nth, kind in enumerate(("ENTERPRISE", "SOLE_TRADER", "AGENCY", "LARGE", "SMALL"))}
SEED = load_seed()
CAP = 100_000
PER = ("STUDENT", "CLASS_AVERAGE")


def organisation(id_: UUID, kind: str, area_code: str) -> Organisation:
    kind = kind if kind in OrganisationKind.__members__ else "ENTERPRISE"
    span = OrganisationSpan(
        kind=OrganisationKind(kind), area_code=area_code, is_locally_registered=area_code.startswith("320582"), first_on=date(2001, 1, 1)
    )
    return Organisation(id=id_, uscc="91320599MA1MC0Q16D", name="示例", spans=(span,))


CITY = City(
    organisations={
        SCHOOL: organisation(SCHOOL, "SECONDARY_SCHOOL", "341200"),
        **{id_: organisation(id_, kind, "320582103") for kind, id_ in SPONSORS.items()},
    }
)
LOCAL_ENTERPRISES = {SPONSORS[kind] for kind in ("ENTERPRISE", "LARGE", "SMALL")}
DAYS = st.integers(0, 30).map(lambda days: OPENED + timedelta(days=days))


@st.composite
def payments(draw: st.DrawFn) -> SponsorPayment:
    amount = draw(st.one_of(st.integers(1, 250_000), st.sampled_from([100_000, 100_001, 150_000, 3])))
    return SponsorPayment(
        payment_id=draw(st.integers(0, 2**64).map(lambda number: uuid5(SPACE, str(number)))),
        enterprise_id=draw(st.sampled_from(list(SPONSORS.values()))),
        student_id=draw(st.one_of(st.none(), st.sampled_from(STUDENTS))),
        paid_on=draw(DAYS),
        amount_fen=amount,
        refunded_fen=draw(st.one_of(st.just(0), st.integers(0, amount))),
        is_proven=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def classes(draw: st.DrawFn) -> SponsoredClass:
    enrolled = draw(st.lists(st.tuples(st.sampled_from(STUDENTS), DAYS, st.one_of(st.none(), DAYS)), max_size=6))
    return SponsoredClass(
        id=uuid5(SPACE, "class"),
        school_id=SCHOOL,
        opened_on=OPENED,
        students=tuple(SponsoredStudent(person_id=who, enrolled_on=since, left_on=until) for who, since, until in enrolled),
        payments=tuple(draw(st.lists(payments(), max_size=8))),
        state=SponsoredClassState.OPEN,
    )


def places(course: SponsoredClass) -> list[SponsoredPlace]:
    return list(sponsored_places(SponsoredClassFacts(course.id, course), CITY))


def matched(course: SponsoredClass, **figures: Any) -> dict[tuple[UUID, UUID], int]:
    """By student and sponsor."""
    parameters, found = SEED.but(**{f"sponsored-class.{name}": value for name, value in figures.items()}), {}
    for place in places(course):
        outcome, fen = sponsored_class.decide(place, parameters, TODAY)
        if outcome is Outcome.GRANTED:
            found[place.person, place.sponsor] = fen
    return {pair: fen for pair, fen in found.items() if pair[0] and pair[1]}


def for_a_student(course: SponsoredClass) -> dict[UUID, int]:
    """The plain way, in words: each proven payment, less its refund, to the students enrolled that day, equally; only of local enterprises."""
    paid: dict[UUID, int] = defaultdict(int)
    for payment in course.payments:
        if payment.is_proven and payment.enterprise_id in LOCAL_ENTERPRISES:
            there = sorted(
                {
                    each.person_id
                    for each in course.students
                    if each.enrolled_on <= payment.paid_on and (each.left_on is None or payment.paid_on < each.left_on)
                }
            )
            if payment.student_id is not None:
                there = [payment.student_id] if payment.student_id in there else []
            left = payment.amount_fen - payment.refunded_fen
            for nth, student in enumerate(there):
                paid[student] += left // len(there) + (nth < left % len(there))
    return paid


@settings(max_examples=examples(300))
@given(course=classes())
def test_each_student_is_matched_exactly_and_never_above_the_cap(course: SponsoredClass) -> None:
    by_student: dict[UUID, int] = defaultdict(int)
    for (student, sponsor), fen in matched(course).items():
        assert sponsor in LOCAL_ENTERPRISES
        by_student[student] += fen
    assert by_student == {student: min(fen, CAP) for student, fen in for_a_student(course).items() if fen}


@settings(max_examples=examples(150))
@given(course=classes())
def test_on_average_the_class_is_matched_exactly_and_no_student_above_the_cap(course: SponsoredClass) -> None:
    by_student: dict[UUID, int] = defaultdict(int)
    for (student, _), fen in matched(course, per="CLASS_AVERAGE").items():
        by_student[student] += fen
    students, whole = {each.person_id for each in course.students}, sum(for_a_student(course).values())
    assert all(fen <= CAP for fen in by_student.values())
    if whole <= CAP * len(students) - len(SPONSORS) * len(students):
        # Each sponsor's sum is spread by itself: the fen that are left over fall to the first students, one from each sponsor.
        assert sum(by_student.values()) == whole


@settings(max_examples=examples(150))
@given(course=classes(), per=st.sampled_from(PER), counts=st.booleans())
def test_no_sponsor_gets_more_than_it_paid_for_the_student(course: SponsoredClass, per: str, counts: bool) -> None:
    paid = {(place.person, place.sponsor): place for place in places(course)}
    for pair, fen in matched(course, per=per, sole_traders_count=counts).items():
        place = paid[pair]
        assert 0 <= fen <= ((place.paid_fen if per == "STUDENT" else place.paid_on_average_fen) or 0)


@settings(max_examples=examples(150))
@given(course=classes(), seed=st.integers(0, 99), per=st.sampled_from(PER))
def test_the_order_in_which_it_is_told_changes_nothing(course: SponsoredClass, seed: int, per: str) -> None:
    students, paid = list(course.students), list(course.payments)
    Random(seed).shuffle(students)
    Random(seed).shuffle(paid)
    turned = course.model_copy(update={"students": tuple(students), "payments": tuple(paid)})
    assert [place.__dict__ for place in places(turned)] == [place.__dict__ for place in places(course)]
    assert matched(turned, per=per) == matched(course, per=per)


@settings(max_examples=examples(100))
@given(course=classes(), per=st.sampled_from(PER))
def test_a_table_splits_as_the_rows_do(course: SponsoredClass, per: str) -> None:
    rows = places(course)
    if rows:
        parameters = SEED.but(**{"sponsored-class.per": per})
        due = sponsored_class.columns(SponsoredPlace.table(rows), parameters, TODAY)
        assert due.amount_fen.tolist() == [sponsored_class.decide(row, parameters, TODAY)[1] for row in rows]


@settings(max_examples=examples(150))
@given(course=classes(), more=st.integers(0, 50_000), nth=st.integers(0, 7))
def test_a_refund_never_raises_what_is_matched_for_the_student(course: SponsoredClass, more: int, nth: int) -> None:
    if not course.payments:
        return
    one = course.payments[nth % len(course.payments)]
    refunded = one.model_copy(update={"refunded_fen": min(one.amount_fen, one.refunded_fen + more)})
    after = course.model_copy(update={"payments": tuple(refunded if each is one else each for each in course.payments)})
    sums = [sum(matched(each).values()) for each in (course, after)]
    assert sums[1] <= sums[0]


@pytest.mark.parametrize(("per", "whole"), [("STUDENT", 150_000), ("CLASS_AVERAGE", 200_000)])
def test_fifteen_hundred_and_five_hundred_for_two_students(per: str, whole: int) -> None:
    """A64: by student 1,000 + 500, on average twice 1,000."""
    students = tuple(SponsoredStudent(person_id=student, enrolled_on=OPENED) for student in STUDENTS[:2])
    paid = tuple(
        SponsorPayment(
            payment_id=student, enterprise_id=SPONSORS["ENTERPRISE"], student_id=student, paid_on=OPENED, amount_fen=fen, is_proven=True
        )
        for student, fen in zip(STUDENTS, (150_000, 50_000), strict=False)
    )
    course = SponsoredClass(id=SCHOOL, school_id=SCHOOL, opened_on=OPENED, students=students, payments=paid, state=SponsoredClassState.OPEN)
    assert sum(matched(course, per=per).values()) == whole
