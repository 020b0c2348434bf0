"""Seeded cases of article 8: partners with 99, 100 and 101 persons, one with 102 of which three are another's, and placements that do not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from city.block import CONFIRMED_ON, REPORTED_ON, YEAR, agreement, school
from city.expected import Because, Case, Expected, NotCounted, Outcome
from city.identities import uscc
from city.oracle import CLOSES_ON, PARTNER, PER_PERSON_FEN, THRESHOLD
from city.people import Placement
from city.population import place_with
from city.registers import Organisation
from city.story import YEAR_END, Story

_STARTED_ON = date(2018, 7, 2)
_TWICE_STARTED_ON = date(2018, 8, 1)
_SHARED = 3
PARTNERS = {heads: school(990_000 + heads, f"示例高职学院{heads}", outside_province=heads != THRESHOLD) for heads in (99, 100, 101, 102)}
"""By the number of their confirmed placements of the year."""
ODD_PARTNER = school(990_090, "示例高职学院杂", outside_province=True)
SHORT_PARTNER = school(990_091, "示例高职学院短", outside_province=True)
HOSPITAL = Organisation(uscc("12", 990_080), "示例医院", "PUBLIC_INSTITUTION", "320582100", True, date(1990, 1, 1))
NEIGHBOUR = Organisation(uscc("91", 990_081), "示例邻市机械有限公司", "ENTERPRISE", "320581100", False, date(2001, 1, 1))


def tell(story: Story) -> None:
    """All cases of partners."""
    block = story.block
    block.others += [*PARTNERS.values(), ODD_PARTNER, SHORT_PARTNER, HOSPITAL, NEIGHBOUR]
    block.agreements += [agreement(partner, 990_000 + heads) for heads, partner in PARTNERS.items()]
    block.agreements.append(agreement(ODD_PARTNER, 990_090))
    for heads, partner in PARTNERS.items():
        _deliver(story, partner, heads - (_SHARED if heads == max(PARTNERS) else 0))
    _spare(story)
    _delivered_twice(story)
    _do_not_count(story)
    for heads, partner in PARTNERS.items():
        _label(story, partner, heads - (_SHARED if heads == max(PARTNERS) else 0))


def _deliver(story: Story, partner: Organisation, heads: int) -> None:
    for nth in range(heads):
        place_with(story.graduate(), partner.uscc, story.employer, _STARTED_ON + timedelta(days=nth % 25))


def _spare(story: Story) -> None:
    """The hundredth of the partner with 99: reported, and waiting for a clerk's confirmation."""
    person = story.graduate()
    partner = PARTNERS[99].uscc
    place_with(person, partner, story.employer, _STARTED_ON)
    person.placements[0] = person.placements[0]._replace(confirmed_on=None)
    story.not_counted.append(NotCounted("九十九人之外的一人，尚未确认", YEAR_END, person.id_number, partner, Because.CONFIRMED))


def _delivered_twice(story: Story) -> None:
    """Three whom the partner with 101 delivered a month earlier are reported by the one with 102 as well (A52)."""
    partner = PARTNERS[102].uscc
    delivered = [person for person in story.block.persons if person.placements and person.placements[0].partner == PARTNERS[101].uscc]
    for person in delivered[:_SHARED]:
        person.placements.append(Placement(partner, story.employer, _TWICE_STARTED_ON, REPORTED_ON, CONFIRMED_ON))
        story.not_counted.append(NotCounted("另一合作单位先输送", YEAR_END, person.id_number, partner, Because.OTHER_PARTNER))


def _do_not_count(story: Story) -> None:
    local = story.employer
    for title, partner, employer, cancelled_on, because in (
        ("用人单位是医院", ODD_PARTNER, HOSPITAL.uscc, None, Because.ENTERPRISE_IS_LOCAL),
        ("用人单位在邻市", ODD_PARTNER, NEIGHBOUR.uscc, None, Because.ENTERPRISE_IS_LOCAL),
        ("合作协议之前上岗", SHORT_PARTNER, local, None, Because.AGREED),
        ("确认后被取消", ODD_PARTNER, local, date(2018, 11, 20), Because.CONFIRMED),
    ):
        person = story.graduate()
        place_with(person, partner.uscc, employer, _STARTED_ON)
        person.placements[0] = person.placements[0]._replace(cancelled_on=cancelled_on)
        story.not_counted.append(NotCounted(title, YEAR_END, person.id_number, partner.uscc, because))
        if employer != local:
            person.employments = person.paid = ()
    story.block.agreements.append(replace(agreement(SHORT_PARTNER, 990_091), signed_on=_STARTED_ON + timedelta(days=1)))
    late = story.graduate()
    place_with(late, ODD_PARTNER.uscc, local, date(2018, 12, 20))
    reported_on = CLOSES_ON + timedelta(days=1)
    late.placements[0] = late.placements[0]._replace(reported_on=reported_on, confirmed_on=reported_on + timedelta(days=1))
    story.not_counted.append(
        NotCounted("申报截止次日才报", date(YEAR + 1, 2, 10), late.id_number, ODD_PARTNER.uscc, Because.REPORTED_IN_TIME)
    )


def _label(story: Story, partner: Organisation, heads: int) -> None:
    counted = Expected(PARTNER, Outcome.DUE, payee=partner.uscc, partner=partner.uscc, year=YEAR, persons=heads)
    after = CLOSES_ON + timedelta(days=1)
    if heads < THRESHOLD:
        for on in (YEAR_END, after):
            expected = replace(counted, outcome=Outcome.REFUSED, because=Because.HUNDRED_PERSONS)
            story.cases.append(Case(f"一年输送 {heads} 人", on, expected))
        return
    fen = heads * PER_PERSON_FEN
    accruing = replace(counted, outcome=Outcome.ACCRUING, accruing_fen=fen)
    due = replace(counted, due_fen=fen)
    story.cases += [
        Case(f"一年输送 {heads} 人，申报截止当日仍在累计", CLOSES_ON, accruing),
        Case(f"一年输送 {heads} 人，申报截止次日应付", after, due),
    ]
