"""Arrival: a person's first employment ever in the city, and the year after it. Ground of newcomer (R11.d)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, LevelCode, Unit
from awards.policy.days import ONE_DAY, Span, years_after
from awards.policy.dossier import City, PersonFacts, workplace

SECTIONS = "ABCDEFGHIJKLMNOPQRST"
UNREGISTERED = 0
INDUSTRIES = {
    UNREGISTERED: "行业尚未登记", 1: "农、林、牧、渔业", 2: "采矿业", 3: "制造业", 4: "电力、热力、燃气及水生产和供应业", 5: "建筑业",
    6: "批发和零售业", 7: "交通运输、仓储和邮政业", 8: "住宿和餐饮业", 9: "信息传输、软件和信息技术服务业", 10: "金融业", 11: "房地产业",
    12: "租赁和商务服务业", 13: "科学研究和技术服务业", 14: "水利、环境和公共设施管理业", 15: "居民服务、修理和其他服务业", 16: "教育",
    17: "卫生和社会工作", 18: "文化、体育和娱乐业", 19: "公共管理、社会保障和社会组织", 20: "国际组织",
}  # fmt: skip
"""Sections of the national classification of industries (GB/T 4754), A to T."""


class Arrival(Ground):
    identified_by: ClassVar = ("person",)

    person: Fact[UUID] = fact("本人", Unit.PERSON)
    started_on: Fact[date] = fact("首次来本市就业日", Unit.DAY)
    is_first_ever: Fact[bool] = fact("此前在本市就业的记录", words=("此前没有在本市就业", "此前已在本市就业"))
    is_from_outside: Fact[bool] = fact("从外地来本市", words=("从外地来", "户籍、学习和工作此前均在本市"))
    best_level_on_arrival: Fact[LevelCode] = fact("来本市时最高等级", Unit.LEVEL)
    best_level_after_a_year: Fact[LevelCode] = fact(
        "满一年之日最高等级", Unit.LEVEL, falls=True, open_until="anniversary_on", act="取得高级工及以上证书"
    )
    industry: Fact[int] = fact("首次就业单位的行业门类", Unit.NUMBER, names=INDUSTRIES)
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
        best_level_on_arrival=person.best_level(started_on),
        best_level_after_a_year=person.best_level(anniversary_on),
        industry=_industry(person, city, started_on),
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


def _industry(person: PersonFacts, city: City, started_on: date) -> int:
    """Of who employed him first, by the letter of its code; of several the first in the order of sections."""
    first = {workplace(job) for job in person.employments if job.started_on == started_on}
    codes = (city.industry_on(employer, started_on) or "" for employer in first)
    return min((SECTIONS.index(code[0]) + 1 for code in codes if code[:1] and code[0] in SECTIONS), default=UNREGISTERED)
