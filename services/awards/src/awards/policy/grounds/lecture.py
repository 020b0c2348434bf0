"""Lecture: a teacher of a vocational school taught inside an enterprise. Ground of the lecture subsidy (R5.f)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Unit
from awards.policy.dossier import ENTERPRISE, SOLE_TRADER, City, OrganisationFacts


class Lecture(Ground):
    identified_by: ClassVar = ("lecture",)

    lecture: Fact[UUID] = fact("授课记录", Unit.RECORD)
    school: Fact[UUID] = fact("职业院校", Unit.ORGANISATION)
    person: Fact[UUID] = fact("授课教师", Unit.PERSON)
    enterprise: Fact[UUID] = fact("听课企业", Unit.ORGANISATION)
    held_on: Fact[date] = fact("授课日", Unit.DAY)
    hours: Fact[int] = fact("课时", Unit.HOURS)
    is_school: Fact[bool] = fact("派出单位为职业院校", words=("授课当日是职业院校", "授课当日不是职业院校"))
    is_local_enterprise: Fact[bool] = fact("听课单位为本市企业", words=("本市企业", "不是本市企业"))
    is_local_sole_trader: Fact[bool] = fact("听课单位为本市个体工商户", words=("本市个体工商户", "不是本市个体工商户"))
    confirmed_on: Fact[date] = fact("企业确认日", Unit.DAY)
    withdrawn_on: Fact[date] = fact("撤回日", Unit.DAY, never="未撤回")


def lectures(organisation: OrganisationFacts, city: City) -> Iterator[Lecture]:
    """One for each lecture that an enterprise ever confirmed to the school."""
    for held in organisation.lectures:
        yield Lecture(
            lecture=held.id,
            school=held.school_id,
            person=held.teacher_id,
            enterprise=held.enterprise_id,
            held_on=held.held_on,
            hours=held.hours,
            is_school=city.is_school(held.school_id, held.held_on),
            is_local_enterprise=city.is_local(held.enterprise_id, ENTERPRISE, held.held_on),
            is_local_sole_trader=city.is_local(held.enterprise_id, SOLE_TRADER, held.held_on),
            confirmed_on=held.confirmed_on,
            withdrawn_on=held.withdrawn_on or NEVER,
        )
