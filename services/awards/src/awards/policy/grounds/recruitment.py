"""Recruitment: an organisation employs somebody who holds a title, or a certificate of 高级技师. Ground of recruited-master (R11.b)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, LevelCode, Unit
from awards.policy import facts
from awards.policy.days import ONE_DAY, Span, joined, nearest
from awards.policy.dossier import ENTERPRISE, SOLE_TRADER, City, PersonFacts, nth_month, workplace

NATIONAL, PROVINCIAL, SHORTAGE, NONE = 1, 2, 3, 9
TIERS = {NATIONAL: "国家技术能手", PROVINCIAL: "省级技术能手", SHORTAGE: "紧缺职业的高级技师", NONE: "都不是"}
SENIOR_TECHNICIAN = LevelCode(1)
_TITLES = {"NATIONAL_TECHNICAL_EXPERT": NATIONAL, "PROVINCIAL_TECHNICAL_EXPERT": PROVINCIAL}
_INSTITUTIONS = ("PUBLIC_INSTITUTION", "SECONDARY_SCHOOL", "HIGHER_VOCATIONAL")


class Recruitment(Ground):
    identified_by: ClassVar = ("employment",)

    employment: Fact[UUID] = fact("就业记录", Unit.RECORD)
    person: Fact[UUID] = fact("被引进人", Unit.PERSON)
    employer: Fact[UUID] = fact("引进单位", Unit.ORGANISATION)
    started_on: Fact[date] = fact("到岗日", Unit.DAY)
    left_on: Fact[date] = fact("离开该单位之日", Unit.DAY, never="至今在职")
    is_local_enterprise: Fact[bool] = fact("引进单位为本市企业", words=("本市企业", "不是本市企业"))
    is_local_institution: Fact[bool] = fact("引进单位为本市事业单位或学校", words=("本市事业单位或学校", "不是本市事业单位或学校"))
    is_local_sole_trader: Fact[bool] = fact("引进单位为本市个体工商户", words=("本市个体工商户", "不是本市个体工商户"))
    is_from_outside: Fact[bool] = fact("从外地来本市", words=("从外地来", "户籍、学习和工作此前均在本市"))
    uninsured_months: Fact[int] = fact("到岗当月之前连续未在本市参保", Unit.MONTHS)
    was_never_insured: Fact[bool] = fact("此前从未在本市参保", words=("从未在本市参保", "此前在本市参保过"))
    is_national: Fact[bool] = fact("到岗时为国家技术能手", words=("国家技术能手", "没有全国技术能手称号"))
    is_provincial: Fact[bool] = fact("到岗时为省级技术能手", words=("省级技术能手", "没有省级技术能手称号"))
    is_short: Fact[bool] = fact("到岗时为紧缺职业的高级技师", words=("紧缺职业的高级技师", "没有目录内职业的高级技师证书"))
    tier: Fact[int] = fact("到岗时的最高层次", Unit.NUMBER, names=TIERS)


def recruitments(person: PersonFacts, city: City) -> Iterator[Recruitment]:
    """One for each start with an organisation, of who ever held a title or a certificate of 高级技师."""
    if not any(held.level_code == SENIOR_TECHNICIAN for held in person.certificates) and not any(
        str(title.kind) in _TITLES for title in person.titles
    ):
        return
    for job in person.employments:
        employer, day = workplace(job), job.started_on
        reasons = _reasons(person, city, day)
        months, was_never = _uninsured(person, city, day)
        yield Recruitment(
            employment=job.id,
            person=person.id,
            employer=employer,
            started_on=day,
            left_on=_left(person, job),
            is_local_enterprise=city.is_local(employer, ENTERPRISE, day),
            is_local_institution=_any(city.is_local(employer, kind, day) for kind in _INSTITUTIONS),
            is_local_sole_trader=city.is_local(employer, SOLE_TRADER, day),
            is_from_outside=person.is_from_outside(day),
            uninsured_months=months,
            was_never_insured=was_never,
            is_national=NATIONAL in reasons,
            is_provincial=PROVINCIAL in reasons,
            is_short=SHORTAGE in reasons,
            tier=min(reasons, default=NONE),
            evidence={name: reasons[tier] for name, tier in _FLAGS.items() if tier in reasons},
        )


_FLAGS = {"is_national": NATIONAL, "is_provincial": PROVINCIAL, "is_short": SHORTAGE}


def _reasons(person: PersonFacts, city: City, day: date) -> dict[int, str]:
    """What he brought with him, and since when: dated on or before the day (A60); what was withdrawn since counts for nothing (A68)."""
    found: dict[int, str] = {}
    for title in sorted(person.titles, key=lambda title: title.awarded_on):
        tier = _TITLES.get(str(title.kind))
        if tier and title.awarded_on <= day and title.withdrawn_on is None:
            found.setdefault(tier, f"{title.awarded_on} 授予")
    for held in sorted(person.certificates, key=lambda held: held.issued_on):
        if held.level_code == SENIOR_TECHNICIAN and held.issued_on <= day and held.revoked_on is None:
            listed = city.listed(held.occupation, (SENIOR_TECHNICIAN,), day)
            if listed.covers(day):
                found.setdefault(SHORTAGE, f"{held.issued_on} 发证，所在职业自 {listed.first} 起在紧缺目录内")
    return found


def _left(person: PersonFacts, job: facts.Employment) -> date:
    """The day after the last with this employer; a contract that follows on another without a gap is no leaving."""
    same = (Span(each.started_on, each.ended_on or NEVER) for each in person.employments if workplace(each) == workplace(job))
    last = nearest(joined(same), job.started_on).last
    return NEVER if last == NEVER else last + ONE_DAY


def _uninsured(person: PersonFacts, city: City, day: date) -> tuple[int, bool | None]:
    """How many whole months before the month of the day are known to be without insurance (A53), and whether he never had any (None: unknown).

    Before the record of insurance begins nothing is known (A59).
    """
    month, since = nth_month(f"{day:%Y-%m}"), city.insurance_complete_since
    paid = [min(nth_month(each.last_month), month - 1) for each in person.insurance if nth_month(each.first_month) < month]
    if since is None:
        return (month - 1 - max(paid) if paid else 0), (False if paid else None)
    begins = nth_month(f"{since:%Y-%m}") + (since.day > 1)
    if paid and max(paid) >= begins - 1:
        return month - 1 - max(paid), False
    born = person.may_work_from
    was_never = True if not paid and born is not None and nth_month(f"{born:%Y-%m}") >= begins else None
    return max(0, month - begins), was_never


def _any(these: Iterator[bool | None]) -> bool | None:
    known = list(these)
    return True if True in known else None if None in known else False
