"""Arrival: a person's first employment ever in the city, and the year after it. Ground of newcomer (R11.d)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, NO_LEVEL, LevelCode, Unit
from awards.policy.days import ONE_DAY, Span, years_after
from awards.policy.dossier import City, PersonFacts


class Arrival(Ground):
    identified_by: ClassVar = ("person",)

    person: Fact[UUID] = fact("本人", Unit.PERSON)
    started_on: Fact[date] = fact("首次来本市就业日", Unit.DAY)
    is_first_ever: Fact[bool] = fact("此前在本市就业的记录", words=("此前没有在本市就业", "此前已在本市就业"))
    is_from_outside: Fact[bool] = fact("从外地来本市", words=("从外地来", "户籍、学习和工作此前均在本市"))
    best_level_on_arrival: Fact[LevelCode] = fact("来本市时最高等级", Unit.LEVEL)
    anniversary_on: Fact[date] = fact("满一年之日", Unit.DAY)
    longest_gap_days: Fact[int] = fact("一年内最长间断", Unit.DAYS)
    worked_until: Fact[date] = fact(
        "在本市连续就业截止日",
        Unit.DAY,
        never="至今在职",
        open_until="worked_until",
        open_for="newcomer.gap_days",
        act="再就业，做到满一年前一日",
    )
    last_day_needed: Fact[date] = fact("一年期满前最后一日", Unit.DAY)


def arrivals(person: PersonFacts, city: City) -> Iterator[Arrival]:
    """One, when the person has ever worked in the city."""
    jobs = sorted(Span(each.started_on, each.ended_on or NEVER) for each in person.employments)
    if not jobs:
        return
    started_on = jobs[0].first
    anniversary_on = years_after(started_on, 1)
    last_day_needed = anniversary_on - ONE_DAY
    gap_days, gap, until = _chain(jobs, last_day_needed)
    insured = _insured_before(person, started_on)
    yield Arrival(
        person=person.id,
        started_on=started_on,
        is_first_ever=None if insured else _is_first_ever(person, city),
        is_from_outside=person.is_from_outside(started_on),
        best_level_on_arrival=_best_level(person, started_on),
        anniversary_on=anniversary_on,
        longest_gap_days=gap_days,
        worked_until=until,
        last_day_needed=last_day_needed,
        evidence={name: words for name, words in (("longest_gap_days", gap), ("is_first_ever", insured)) if words},
    )


def _chain(jobs: list[Span], last_day_needed: date) -> tuple[int, str, date]:
    """The longest gap (days strictly between, A54) that begins before the last day needed, in words, and until when the chain reaches."""
    longest, words, until = 0, "", jobs[0].last
    for job in jobs[1:]:
        if until >= last_day_needed:
            break
        days = (job.first - until).days - 1
        if days > longest:
            longest, words = days, f"{until} 离职，{job.first} 再就业"
        until = max(until, job.last)
    return longest, words, until


def _insured_before(person: PersonFacts, started_on: date) -> str:
    """Insurance of a month before the first recorded job: somebody employed him here earlier, and that job is not recorded (A38, A59)."""
    first = min((each.first_month for each in person.insurance), default="")
    return f"{first} 已在本市参保，早于登记的首次就业" if first and first < f"{started_on:%Y-%m}" else ""


def _is_first_ever(person: PersonFacts, city: City) -> bool | None:
    """Known only when the record is complete since before he could work (A59)."""
    complete_since, may_work_from = city.employment_complete_since, person.may_work_from
    if complete_since is None or may_work_from is None:
        return None
    return True if may_work_from >= complete_since else None


def _best_level(person: PersonFacts, day: date) -> LevelCode:
    """The highest level held on arrival; a certificate revoked since counts for nothing (A39, A68)."""
    levels = (held.level_code for held in person.certificates if held.issued_on <= day and held.revoked_on is None)
    return LevelCode(min(levels, default=NO_LEVEL))
