"""Seeded cases of article 11: the first year of a skilled person who came to work in the city."""

from __future__ import annotations

from datetime import date, timedelta

from city.block import WELDER
from city.expected import Because
from city.people import Employment, Paid, Person, month_of
from city.population import LAST_MONTH
from city.story import ELSEWHERE, LOCAL, Story

ARRIVED_ON = date(2017, 3, 1)
ANNIVERSARY = date(2018, 3, 1)
CERTIFIED_ON = date(2015, 6, 20)
REVOKED_ON = date(2018, 11, 15)


def tell(story: Story) -> None:
    """All cases of newcomers."""
    person = _arrives(story)
    story.newcomer("满一年前一日", person, on=ANNIVERSARY - timedelta(days=1), because=Because.YEAR_COMPLETED)
    story.newcomer("满一年当日", person, on=ANNIVERSARY)
    _gaps(story)
    _last_days(story)
    _certificates(story)
    _origins(story)
    _earlier_lives(story)


def _arrives(
    story: Story, *jobs: tuple[date, date | None], hukou: str = ELSEWHERE, elsewhere: tuple[str, ...] | None = ("WORK",),
    level_code: int = 3, certified_on: date = CERTIFIED_ON, born_on: date | None = None,
) -> Person:  # fmt: skip
    """A skilled person with these jobs (one from ARRIVED_ON when none is given), insured throughout."""
    person = story.person(hukou, elsewhere=elsewhere, born_on=born_on)
    spells = jobs or ((ARRIVED_ON, None),)
    person.employments = tuple(Employment(story.employer, first, last) for first, last in spells)
    person.paid = tuple(
        Paid(job.uscc, month_of(job.started_on), month_of(job.ended_on) if job.ended_on else LAST_MONTH) for job in person.employments
    )
    person.certificates.append(story.certificate(WELDER.key_1999 or WELDER.key, level_code, certified_on))
    return person


def _gaps(story: Story) -> None:
    left_on = date(2017, 7, 31)
    for title, days, because in (("间断恰好三十一天", 31, None), ("间断三十二天", 32, Because.SHORT_GAPS)):
        person = _arrives(story, (ARRIVED_ON, left_on), (left_on + timedelta(days=days + 1), None))
        story.newcomer(title, person, because=because)


def _last_days(story: Story) -> None:
    for title, last, because in (
        ("一年期合同，做满最后一日", date(2018, 2, 28), None),
        ("差一日离职", date(2018, 2, 27), Because.EMPLOYED_AT_ANNIVERSARY),
    ):
        story.newcomer(title, _arrives(story, (ARRIVED_ON, last)), because=because)


def _certificates(story: Story) -> None:
    for title, certified_on, level_code, because in (
        ("来的当日发证", ARRIVED_ON, 3, None),
        ("来后次日发证", ARRIVED_ON + timedelta(days=1), 3, Because.HIGH_SKILLED_ON_ARRIVAL),
        ("来时只是中级工", CERTIFIED_ON, 4, Because.HIGH_SKILLED_ON_ARRIVAL),
        ("来时是技师", CERTIFIED_ON, 2, None),
    ):
        story.newcomer(title, _arrives(story, certified_on=certified_on, level_code=level_code), because=because)
    person = _arrives(story)
    person.certificates[0] = person.certificates[0]._replace(revoked_on=REVOKED_ON)
    story.newcomer("证书撤销前一日", person, on=REVOKED_ON - timedelta(days=1))
    story.newcomer("证书撤销当日", person, on=REVOKED_ON, because=Because.HIGH_SKILLED_ON_ARRIVAL)


def _origins(story: Story) -> None:
    for title, elsewhere, because, waits in (
        ("本地人，从未外出", (), Because.FROM_OUTSIDE, False),
        ("本地人，曾在外地工作", ("WORK", "INSURANCE"), None, False),
        ("本地户籍，来历无人核实", None, Because.FROM_OUTSIDE, True),
    ):
        person = _arrives(story, hukou=LOCAL, elsewhere=elsewhere)
        story.newcomer(title, person, because=because, waits=waits)


def _earlier_lives(story: Story) -> None:
    person = _arrives(story, born_on=date(1975, 8, 8))
    story.newcomer("就业登记完整之前已成年，是否初次无从得知", person, because=Because.FIRST_EVER, waits=True)
    person = _arrives(story, (date(2012, 3, 1), date(2012, 9, 30)), (ARRIVED_ON, None), certified_on=date(2011, 5, 10))
    story.newcomer("早年来过又离开，初次已用掉", person, because=Because.LIVE)
