"""Ordinary people: residence, work since before 2015, insurance months, certificates by level, and what became of them in the year's classes."""

from __future__ import annotations

from bisect import bisect
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from city.block import APPRAISAL_BODY, CONFIRMED_ON, PERSONS, REPORTED_ON, Block, price_of
from city.identities import account, end_of_month, mobile, name, ordinary_number, young_number
from city.people import Certificate, Employment, Hukou, Paid, Participation, Person, Placement, month_of
from city.places import ELSEWHERE, TOWN_CODES, TOWN_SHARES
from city.registers import TrainingClass
from city.trades import TRADES

LEVELS, LEVEL_SHARES = (5, 4, 3, 2, 1), tuple(accumulate((0.34, 0.36, 0.25, 0.04, 0.01)))
"""Certificates by level."""
LAST_MONTH = 2018 * 12 + 11
FIRST_INSURED_MONTH = 2010 * 12
CLASS_SIZE = 24
HIGH_SKILLED = 3

_TRAINED_SINCE = date(2016, 1, 1)
"""From here on certificates carry codes of the 2015 edition."""
_SOME_YEARS_AGO, _LATELY = date(2003, 1, 1).toordinal(), date(2015, 1, 1).toordinal()
_THIS_YEAR_ENDS = date(2018, 12, 1).toordinal()
_NEWCOMERS_SINCE = date(2017, 1, 2)
"""Who came earlier with a high certificate had his anniversary before the city began to count; ordinary people are not such."""
_DAYS_OF_YEAR = 365


def settle(block: Block, chance: Random, *, already: int = 0, persons: int = PERSONS) -> None:
    """Fill a block up with ordinary people, the partner's graduates among them, and put some into its classes."""
    graduates = 12 + int(chance.random() * 29)
    employers = [enterprise.uscc for enterprise in block.enterprises]
    partner = block.others[2].uscc
    first = len(block.persons)
    for nth in range(already, persons):
        index = block.number * PERSONS + nth
        if nth - already < graduates:
            block.persons.append(graduate(block.number, nth, partner, employers, chance))
        else:
            block.persons.append(ordinary(block.number, index, employers, chance))
    ordinary_people = block.persons[first + graduates :]
    for training in [training for training in block.classes if training.number.startswith(("2018-U", "2018-S"))]:
        for person in chance.sample(ordinary_people, CLASS_SIZE):
            attend(block, training, person, chance)


def ordinary(block: int, index: int, employers: list[str], chance: Random) -> Person:
    """A working-age person as most are."""
    draw = chance.random
    id_number, born_on = ordinary_number(index)
    person = Person(id_number, name(chance), born_on, mobile(index), account(index))
    person.hukou = _hukou(born_on, draw(), chance)
    is_local = len(person.hukou) == 1 and person.hukou[0].area_code.startswith("320582")
    person.elsewhere = _elsewhere(is_local, draw())
    person.employments = _employments(born_on, employers, chance)
    person.paid = _months(person.employments, chance)
    if draw() < 0.2:
        person.certificates.append(_old_certificate(block, index % PERSONS, person.employments, chance))
    return person


def _hukou(born_on: date, share: float, chance: Random) -> tuple[Hukou, ...]:
    town = TOWN_CODES[bisect(TOWN_SHARES, chance.random() * TOWN_SHARES[-1])]
    if share < 0.62:
        return (Hukou(town, born_on),)
    if share < 0.92:
        return (Hukou(chance.choice(ELSEWHERE), born_on),)
    if share < 0.98:
        moved_on = date.fromordinal(_SOME_YEARS_AGO + int(chance.random() * 5_000))
        return (Hukou(chance.choice(ELSEWHERE), born_on, moved_on - timedelta(days=1)), Hukou(town, moved_on))
    return ()


def _elsewhere(is_local: bool, share: float) -> tuple[str, ...] | None:  # noqa: FBT001 - positional in the hot path
    if is_local:
        return () if share < 0.85 else ("STUDY",) if share < 0.95 else None
    return ("WORK", "INSURANCE") if share < 0.5 else ("WORK",) if share < 0.8 else ("STUDY",) if share < 0.9 else None


def _employments(born_on: date, employers: list[str], chance: Random) -> tuple[Employment, ...]:
    """Nothing, one long job, a change of job with a gap, or a beginning in or after 2015."""
    draw = chance.random
    pattern = draw()
    if pattern < 0.1:
        return ()
    grown_up = born_on.toordinal() + 18 * 366
    if pattern > 0.8 or grown_up >= _LATELY:
        start = max(_LATELY, grown_up) + int(draw() * max(1, _THIS_YEAR_ENDS - max(_LATELY, grown_up)))
    else:
        start = max(_SOME_YEARS_AGO, grown_up) + int(draw() * (_LATELY - max(_SOME_YEARS_AGO, grown_up)))
    uscc, dispatched = employers[int(draw() * len(employers))], draw() < 0.05
    kind = "DISPATCH" if dispatched else "CONTRACT"
    using = employers[int(draw() * len(employers))] if dispatched else None
    if pattern < 0.55:
        return (Employment(uscc, date.fromordinal(start), None, kind, using),)
    leave = max(start, _LATELY) + 90 + int(draw() * 1_000)
    if leave >= _THIS_YEAR_ENDS:
        return (Employment(uscc, date.fromordinal(start), None, kind, using),)
    first = Employment(uscc, date.fromordinal(start), date.fromordinal(leave), kind, using)
    again = leave + 1 + int(draw() ** 3 * 120)
    if draw() < 0.1 or again >= _THIS_YEAR_ENDS:
        return (first,)
    return (first, Employment(employers[int(draw() * len(employers))], date.fromordinal(again)))


def _months(employments: tuple[Employment, ...], chance: Random) -> tuple[Paid, ...]:
    """Months paid with every employment; some have a gap, and a gap is sometimes paid for later."""
    paid = []
    paid_through = 0
    for job in employments:
        first = max(FIRST_INSURED_MONTH, paid_through + 1, month_of(job.started_on))
        last = month_of(job.ended_on) if job.ended_on else LAST_MONTH
        if first > last:
            continue
        paid_through = last
        draw = chance.random()
        kind = "EMPLOYEE_PENSION" if draw < 0.2 else "FIVE_IN_ONE"
        length = last - first
        # Long jobs only: whether months count that were paid after a class began is the city's to decide, and must not decide here.
        if draw < 0.94 or length < 30:
            paid.append(Paid(job.uscc, first, last, kind))
            continue
        gap = first + 1 + int(chance.random() * (length - 4))
        missing = 1 + int(chance.random() * 3)
        paid.append(Paid(job.uscc, first, gap - 1, kind))
        if draw > 0.97:
            late = end_of_month(min(LAST_MONTH, gap + missing + 1)) - timedelta(days=12)
            paid.append(Paid(job.uscc, gap, gap + missing - 1, kind, late))
        paid.append(Paid(job.uscc, gap + missing, last, kind))
    return tuple(paid)


def _old_certificate(block: int, place: int, employments: tuple[Employment, ...], chance: Random) -> Certificate:
    """One from before the year. High levels come after the first job in the city, but for who came lately."""
    draw = chance.random
    level_code = LEVELS[bisect(LEVEL_SHARES, draw() * LEVEL_SHARES[-1])]
    started_on = employments[0].started_on if employments else None
    issued_on = date(2005, 1, 10) + timedelta(days=int(draw() * 4_700))
    if started_on and level_code <= HIGH_SKILLED:
        if started_on >= _NEWCOMERS_SINCE:
            issued_on = started_on - timedelta(days=30 + int(draw() * 1_500))
        elif issued_on <= started_on:
            issued_on = min(started_on + timedelta(days=1 + int(draw() * 300)), date(2017, 12, 20))
    trade = TRADES[int(draw() * len(TRADES))]
    key = trade.key_1999 if issued_on < _TRAINED_SINCE and trade.key_1999 else trade.key
    return certificate(block, place, key, level_code, issued_on)


def certificate(
    block: int, place: int, key: str, level_code: int, issued_on: date, *, class_number: str | None = None, mode: str = "SOCIAL_APPRAISAL"
) -> Certificate:
    """A certificate whose number is its own: block, year, level and the holder's place in the block are in it."""
    year = issued_on.year % 100
    if issued_on < _TRAINED_SINCE:
        number, kind = f"{year:02d}10{block:06d}{level_code}{place:05d}", "QUALIFICATION"
    else:
        number, kind = f"S000132{block:06d}{year:02d}{level_code}{place:06d}", "SKILL_LEVEL"
    return Certificate(number, key, level_code, issued_on, APPRAISAL_BODY.uscc, class_number, None, kind, mode)


def graduate(block: int, place: int, partner: str, employers: list[str], chance: Random) -> Person:
    """A graduate of a partner school, placed with a local enterprise in the summer."""
    person = young(block, place, chance)
    employer = chance.choice(employers)
    started_on = date(2018, 7, 2) + timedelta(days=int(chance.random() * 40))
    place_with(person, partner, employer, started_on)
    if chance.random() < 0.1:
        person.placements[0] = person.placements[0]._replace(confirmed_on=None)
    elif chance.random() < 0.03:
        person.placements[0] = person.placements[0]._replace(cancelled_on=date(2018, 11, 20))
    if chance.random() < 0.6:
        trade = TRADES[int(chance.random() * len(TRADES))]
        person.certificates.append(certificate(block, place, trade.key, 4, date(2018, 6, 20), mode="SCHOOL_CERTIFICATION"))
    return person


def young(block: int, place: int, chance: Random) -> Person:
    """Somebody born 1995–1999 elsewhere, who has studied elsewhere and not worked yet."""
    reserve = place if block == 0 else PERSONS + (block - 1) * 200 + place % 200
    id_number, born_on = young_number(reserve)
    index = block * PERSONS + place
    return Person(id_number, name(chance), born_on, mobile(index), account(index), (Hukou(chance.choice(ELSEWHERE), born_on),), ("STUDY",))


def place_with(person: Person, partner: str, employer: str, started_on: date) -> None:
    """Deliver: employed, insured from the month on, reported and confirmed in September."""
    person.employments = (Employment(employer, started_on),)
    person.paid = (Paid(employer, month_of(started_on), LAST_MONTH),)
    person.placements.append(Placement(partner, employer, started_on, REPORTED_ON, CONFIRMED_ON))


def attend(block: Block, training: TrainingClass, person: Person, chance: Random) -> None:
    """Most complete, most of those are certified; some drop out, some attend too little, a few are charged too much."""
    draw = chance.random
    enrolled_on = training.starts_on - timedelta(days=3)
    if draw() < 0.03:
        dropped_on = training.starts_on + timedelta(days=9)
        person.participations.append(Participation(training.number, enrolled_on, 2_000, None, dropped_on=dropped_on))
        return
    share = draw()
    attended = None if share < 0.02 else 6_000 + int(draw() * 2_000) if share < 0.08 else 8_000 + int(draw() * 2_001)
    passed = draw() < 0.85
    charged = refunded = 0
    if training.kind == "UNIVERSAL" and training.level_code < LEVELS[0]:
        fee = price_of(block, training)
        charged = fee - (fee * 8_000 + 5_000) // 10_000
        if draw() < 0.03:
            charged += 6_000
            refunded = 6_000 if draw() < 0.5 else 0
    person.participations.append(
        Participation(training.number, enrolled_on, attended, training.ends_on, "PASSED" if passed else "FAILED", charged, refunded)
    )
    if passed and attended is not None and (training.kind == "SHORTAGE" or draw() < 0.6):
        issued_on = training.ends_on + timedelta(days=20)
        nth = 1 + len(person.certificates)
        place = nth * 10_000 + int(person.mobile[3:]) % PERSONS
        person.certificates.append(
            certificate(block.number, place, training.occupation, training.level_code, issued_on, class_number=training.number)
        )
