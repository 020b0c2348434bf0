"""The labels of the seeded cases, written by hand, agree with the oracle, which works everything out from the clauses."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache

import pytest

from city.block import YEAR
from city.expected import Because, Case, Expected, NotCounted, Outcome
from city.oracle import CLOSES_ON, NEWCOMER, PARTNER, SHORTAGE, UNIVERSAL, Oracle
from city.story_partners import PARTNERS
from city.synthetic import City

CITY = City()
YEAR_END = date(2018, 12, 31)


@cache
def expectations(city: City, on: date) -> Sequence[Expected]:
    """What must come out of the whole city: worked out once for each day, however many cases are looked up in it."""
    return tuple(city.expectations(on))


@cache
def not_counted(on: date) -> Sequence[NotCounted]:
    return tuple(Oracle(next(CITY.blocks()), on).not_counted())


def ground(expected: Expected) -> tuple[str | None, ...]:
    return expected.scheme, expected.person, expected.class_number, expected.certificate, expected.partner


@pytest.mark.parametrize("case", CITY.cases(), ids=lambda case: f"{case.title} {case.on}")
def test_a_seeded_case_comes_out_as_labelled(case: Case) -> None:
    (found,) = (line for line in expectations(CITY, case.on) if ground(line) == ground(case.expected))
    assert found == case.expected


@pytest.mark.parametrize("label", CITY.not_counted(), ids=lambda label: label.title)
def test_a_seeded_placement_does_not_count_for_the_reason_labelled(label: NotCounted) -> None:
    found = [line for line in not_counted(label.on) if (line.person, line.partner) == (label.person, label.partner)]
    assert [line.because for line in found] == [label.because]


def test_every_scheme_and_nearly_every_reason_is_seeded() -> None:
    labels = Counter((case.expected.scheme, case.expected.outcome) for case in CITY.cases())
    for scheme in (UNIVERSAL, SHORTAGE, NEWCOMER):
        assert labels[scheme, Outcome.DUE] >= 4
        assert labels[scheme, Outcome.REFUSED] >= 4
    for scheme in (UNIVERSAL, NEWCOMER):
        assert labels[scheme, Outcome.AWAITING] >= 2
    for scheme in (UNIVERSAL, SHORTAGE):
        assert labels[scheme, Outcome.DISPLACED] >= 1
    reasons = {case.expected.because for case in CITY.cases()} | {label.because for label in CITY.not_counted()}
    # Only a shortage class of a lower level would be refused for the level alone, and no base is mandated for one.
    assert set(Because) - reasons == {Because.HIGH_SKILLED}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_exactly_one_partner_with_each_of_the_three_numbers(seed: int) -> None:
    confirmed = Counter(
        placement.partner
        for person in City(persons=3_000, seed=seed).persons()
        for placement in person.placements
        if placement.confirmed_on and placement.started_on.year == YEAR
    )
    assert Counter(confirmed.values()) >= Counter({99: 1, 100: 1, 101: 1, 102: 1})
    assert [confirmed[PARTNERS[heads].uscc] for heads in (99, 100, 101, 102)] == [99, 100, 101, 102]
    assert sum(count in (99, 100, 101) for count in confirmed.values()) == 3


def test_partners_accrue_until_the_reporting_year_has_closed() -> None:
    before = {line.partner: line for line in expectations(CITY, CLOSES_ON) if line.scheme == PARTNER}
    after = {line.partner: line for line in expectations(CITY, date(2019, 2, 1)) if line.scheme == PARTNER}
    for heads, fen in {99: 0, 100: 20_000_00, 101: 20_200_00, 102: 0}.items():
        uscc = PARTNERS[heads].uscc
        assert (before[uscc].accruing_fen, before[uscc].due_fen) == (fen, 0)
        assert (after[uscc].accruing_fen, after[uscc].due_fen) == (0, fen)


def test_nothing_is_owed_before_anything_is_known() -> None:
    assert not [line for line in expectations(CITY, date(2018, 1, 1)) if line.due_fen or line.accruing_fen]


def test_other_seeds_tell_the_same_story() -> None:
    city = City(persons=1_000, seed=99)
    for case in city.cases():
        (found,) = (line for line in expectations(city, case.on) if ground(line) == ground(case.expected))
        assert found == case.expected, case.title
