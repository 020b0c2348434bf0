"""Participation: one person in one class. Ground of universal training (R6.c) and of base training (R6.e)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import HIGH_SKILLED, NEVER, Fen, LevelCode, Share, Unit
from awards.kernel.scheme import Fund
from awards.policy import facts
from awards.policy.dossier import CANCELLED, City, PersonFacts
from awards.policy.insured import insured_months

BASE_SOCIAL = "BASE_SOCIAL"
"""A class whose price is the city's standard for its trade and level: a base need not have won a tender of its own."""


class Participation(Ground):
    identified_by: ClassVar = ("person", "training_class")

    person: Fact[UUID] = fact("学员", Unit.PERSON)
    training_class: Fact[UUID] = fact("班级", Unit.RECORD)
    class_kind: Fact[str] = fact("班级类别", Unit.CODE)
    organiser: Fact[UUID] = fact("培训机构", Unit.ORGANISATION)
    occupation_group: Fact[str] = fact("职业（工种）", Unit.CODE)
    fund_by_level: Fact[str] = fact("按等级分的资金", Unit.CODE)
    level_code: Fact[LevelCode] = fact("培训等级", Unit.LEVEL)
    starts_on: Fact[date] = fact("开班日", Unit.DAY, chosen=True)
    is_held: Fact[bool] = fact("班级是否举办", words=("班级没有取消", "班级已取消"))
    designated_from: Fact[date] = fact("定点资格起始日", Unit.DAY, never="机构没有该职业、等级的定点资格")
    designated_until: Fact[date] = fact("定点资格截止日", Unit.DAY)
    recognised_from: Fact[date] = fact("基地认定起始日", Unit.DAY, never="没有认定为实训（培训）基地")
    recognised_until: Fact[date] = fact("基地认定截止日", Unit.DAY)
    is_local: Fact[bool] = fact("开班日的户籍", words=("本市户籍", "非本市户籍"))
    pension_from: Fact[date] = fact("开始领取养老金之日", Unit.DAY, never="未领取养老金")
    paid_months: Fact[int] = fact("截至开班上月累计缴费", Unit.MONTHS, open_until="starts_on")
    paid_months_in_a_row: Fact[int] = fact("截至开班上月连续缴费", Unit.MONTHS, open_until="starts_on")
    paid_months_on_time: Fact[int] = fact("截至开班上月累计缴费（不含补缴）", Unit.MONTHS, open_until="starts_on")
    paid_months_on_time_in_a_row: Fact[int] = fact("截至开班上月连续缴费（不含补缴）", Unit.MONTHS, open_until="starts_on")
    five_in_one_months: Fact[int] = fact("截至开班上月累计缴纳五险", Unit.MONTHS, open_until="starts_on")
    five_in_one_months_in_a_row: Fact[int] = fact("截至开班上月连续缴纳五险", Unit.MONTHS, open_until="starts_on")
    five_in_one_months_on_time: Fact[int] = fact("截至开班上月累计缴纳五险（不含补缴）", Unit.MONTHS, open_until="starts_on")
    five_in_one_months_on_time_in_a_row: Fact[int] = fact("截至开班上月连续缴纳五险（不含补缴）", Unit.MONTHS, open_until="starts_on")
    attended_share: Fact[Share] = fact("出勤率", Unit.SHARE)
    dropped_on: Fact[date] = fact("退学日", Unit.DAY, never="未退学")
    completed_on: Fact[date] = fact("结业日", Unit.DAY, never="尚未结业", open_until="dropped_on")
    certified_on: Fact[date] = fact("本班证书发证日", Unit.DAY, never="尚未取得本班证书", may_come=True)
    certificate_revoked_on: Fact[date] = fact("本班证书撤销日", Unit.DAY, never="未撤销")
    tender_price_fen: Fact[Fen] = fact("中标单价", Unit.FEN)
    standard_price_fen: Fact[Fen] = fact("同等项目最低中标单价", Unit.FEN)
    list_price_fen: Fact[Fen] = fact("班级标价", Unit.FEN)
    net_charged_fen: Fact[Fen] = fact("向学员净收费用", Unit.FEN, falls=True)


def fund_by_level(level_code: int) -> str:
    """Article 16 names the training of 高技能人才 under the talent fund (A63)."""
    fund = Fund.TALENT_DEVELOPMENT if level_code <= HIGH_SKILLED else Fund.EMPLOYMENT
    return str(fund.value)


def participations(person: PersonFacts, city: City) -> Iterator[Participation]:
    """One for each class that the person enrolled in; a class that has not arrived yet is awaited."""
    for taken in person.participations:
        course = city.classes.get(taken.class_id)
        if course is None:
            yield Participation.awaiting(person=person.id, training_class=taken.class_id)
            continue
        designated, tender_price = city.designation(course)
        standard_price = city.standard(course)[0] if course.kind == BASE_SOCIAL else None
        recognised = city.recognition_as_base(course)
        completed_on, why_not = _completed(taken, course)
        certified_on, revoked_on = _certified(person, course, city)
        list_price = next((price for price in (course.price_fen, tender_price, standard_price) if price is not None), None)
        yield Participation(
            person=person.id,
            training_class=course.id,
            class_kind=str(course.kind),
            organiser=course.organiser_id,
            occupation_group=city.group(course.occupation),
            fund_by_level=fund_by_level(course.level_code),
            level_code=LevelCode(course.level_code),
            starts_on=course.starts_on,
            is_held=course.state != CANCELLED,
            designated_from=designated.first,
            designated_until=designated.last,
            recognised_from=recognised.first,
            recognised_until=recognised.last,
            is_local=person.is_local_on(course.starts_on),
            pension_from=(person.person.pension_from or NEVER) if person.person else None,
            **insured_months(person.insurance, course.starts_on),
            attended_share=None if taken.attended_share_bp is None else Share(taken.attended_share_bp),
            dropped_on=taken.dropped_on or NEVER,
            completed_on=completed_on,
            certified_on=certified_on,
            certificate_revoked_on=revoked_on,
            tender_price_fen=_fen(tender_price),
            standard_price_fen=_fen(standard_price),
            list_price_fen=_fen(list_price),
            net_charged_fen=Fen(taken.charged_fen - taken.refunded_fen),
            evidence={"completed_on": why_not} if why_not else {},
        )


def _fen(price: int | None) -> Fen | None:
    return None if price is None else Fen(price)


def _certified(person: PersonFacts, course: facts.TrainingClass, city: City) -> tuple[date, date]:
    """When the class led to a certificate of its own trade and level, and when that was revoked: one that stands, the earliest."""
    found = (
        (held.issued_on, held.revoked_on or NEVER)
        for held in person.certificates
        if held.class_id == course.id and held.issued_on >= course.starts_on and city.leads_to(course, held)
    )
    return min(found, key=lambda days: (days[1] != NEVER, days), default=(NEVER, NEVER))


def _completed(taken: facts.Participation, course: facts.TrainingClass) -> tuple[date, str]:
    """When the training was completed, and why what is entered as its completion is none."""
    if taken.dropped_on:
        return NEVER, f"{taken.dropped_on} 退学"
    if taken.completed_on is not None and taken.completed_on < course.starts_on:
        return NEVER, f"登记的结业日 {taken.completed_on} 早于开班日"
    return taken.completed_on or NEVER, ""
