"""Delivery: a partner placed a person; partner-year: what it delivered in a year. Grounds of the partner bonus (R8.e)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Unit
from awards.policy.dossier import ENTERPRISE, SOLE_TRADER, City, PersonFacts

_EVIDENCE = {"CONTRACT": "凭劳动合同", "INSURANCE": "凭社会保险记录"}


class Delivery(Ground):
    identified_by: ClassVar = ("placement",)

    placement: Fact[UUID] = fact("输送记录", Unit.RECORD)
    person: Fact[UUID] = fact("被输送人", Unit.PERSON)
    partner: Fact[UUID] = fact("合作单位", Unit.ORGANISATION)
    year: Fact[int] = fact("年度", Unit.NUMBER)
    started_on: Fact[date] = fact("上岗日", Unit.DAY)
    is_local_enterprise: Fact[bool] = fact("用人单位为本市企业", words=("本市企业", "不是本市企业"))
    is_local_sole_trader: Fact[bool] = fact("用人单位为本市个体工商户", words=("本市个体工商户", "不是本市个体工商户"))
    agreed_from: Fact[date] = fact("合作协议起始日", Unit.DAY, never="没有合作协议")
    agreed_until: Fact[date] = fact("合作协议截止日", Unit.DAY)
    confirmed_on: Fact[date] = fact("确认日", Unit.DAY, never="尚未确认")
    cancelled_on: Fact[date] = fact("取消日", Unit.DAY, never="未取消")
    reported_on: Fact[date] = fact("申报日", Unit.DAY)
    report_by: Fact[date] = fact("年度申报截止日", Unit.DAY, never="年度申报截止日尚未公布")


class PartnerYear(Ground):
    identified_by: ClassVar = ("partner", "year")

    partner: Fact[UUID] = fact("合作单位", Unit.ORGANISATION)
    year: Fact[int] = fact("年度", Unit.NUMBER)
    year_ends_on: Fact[date] = fact("年末", Unit.DAY)
    closes_on: Fact[date] = fact("年度申报截止日", Unit.DAY)
    persons: Fact[int] = fact("输送人数", Unit.HEADS, open_until="closes_on")
    undecided: Fact[int] = fact("尚未认定人数", Unit.HEADS)


def deliveries(person: PersonFacts, city: City) -> Iterator[Delivery]:
    """One for each placement that was ever reported."""
    for placed in person.placements:
        agreed = city.agreement(placed.partner_id, placed.started_on)
        yield Delivery(
            placement=placed.id,
            person=person.id,
            partner=placed.partner_id,
            year=placed.started_on.year,
            started_on=placed.started_on,
            is_local_enterprise=city.is_local(placed.employer_id, ENTERPRISE, placed.started_on),
            is_local_sole_trader=city.is_local(placed.employer_id, SOLE_TRADER, placed.started_on),
            agreed_from=agreed.first,
            agreed_until=agreed.last,
            confirmed_on=placed.confirmed_on or NEVER,
            cancelled_on=placed.cancelled_on or NEVER,
            reported_on=placed.reported_on,
            report_by=city.closes_on(placed.started_on.year) or NEVER,
            evidence={"confirmed_on": _EVIDENCE[placed.evidence]} if placed.evidence in _EVIDENCE else {},
        )


def partner_year(partner_id: UUID, year: int, persons: int, undecided: Mapping[str, int], city: City) -> PartnerYear:
    """What a partner delivered in a year: so many persons count; of others it waits to be known (persons by what) whether they do."""
    waiting = "、".join(f"{awaits} {number} 人" for awaits, number in sorted(undecided.items()))
    return PartnerYear(
        partner=partner_id,
        year=year,
        year_ends_on=date(year, 12, 31),
        closes_on=city.closes_on(year),
        persons=persons,
        undecided=sum(undecided.values()),
        evidence={"undecided": f"待查明：{waiting}"} if undecided else {},
    )
