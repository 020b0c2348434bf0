"""Participation: one person in one class. Ground of universal training (R6.c), later of base training (R6.e)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Fen, LevelCode, Share, Unit
from awards.policy import facts
from awards.policy.dossier import CANCELLED, City, PersonFacts


class Participation(Ground):
    identified_by: ClassVar = ("person", "training_class")

    person: Fact[UUID] = fact("学员", Unit.PERSON)
    training_class: Fact[UUID] = fact("班级", Unit.RECORD)
    class_kind: Fact[str] = fact("班级类别", Unit.CODE)
    organiser: Fact[UUID] = fact("培训机构", Unit.ORGANISATION)
    occupation_group: Fact[str] = fact("职业（工种）", Unit.CODE)
    level_code: Fact[LevelCode] = fact("培训等级", Unit.LEVEL)
    starts_on: Fact[date] = fact("开班日", Unit.DAY, chosen=True)
    is_held: Fact[bool] = fact("班级是否举办", words=("班级没有取消", "班级已取消"))
    designated_from: Fact[date] = fact("定点资格起始日", Unit.DAY, never="机构没有该职业、等级的定点资格")
    designated_until: Fact[date] = fact("定点资格截止日", Unit.DAY)
    is_local: Fact[bool] = fact("开班日的户籍", words=("本市户籍", "非本市户籍"))
    paid_months: Fact[int] = fact("截至开班上月累计缴费", Unit.MONTHS, open_until="starts_on")
    attended_share: Fact[Share] = fact("出勤率", Unit.SHARE)
    dropped_on: Fact[date] = fact("退学日", Unit.DAY, never="未退学")
    completed_on: Fact[date] = fact("结业日", Unit.DAY, never="尚未结业", open_until="dropped_on")
    tender_price_fen: Fact[Fen] = fact("中标单价", Unit.FEN)
    list_price_fen: Fact[Fen] = fact("班级标价", Unit.FEN)
    net_charged_fen: Fact[Fen] = fact("向学员净收费用", Unit.FEN, falls=True)


def participations(person: PersonFacts, city: City) -> Iterator[Participation]:
    """One for each class that the person enrolled in; a class that has not arrived yet is awaited."""
    for taken in person.participations:
        course = city.classes.get(taken.class_id)
        if course is None:
            yield Participation.awaiting(person=person.id, training_class=taken.class_id)
            continue
        designated, tender_price = city.designation(course)
        completed_on, why_not = _completed(taken, course)
        list_price = course.price_fen if course.price_fen is not None else tender_price
        yield Participation(
            person=person.id,
            training_class=course.id,
            class_kind=str(course.kind),
            organiser=course.organiser_id,
            occupation_group=city.group(course.occupation),
            level_code=LevelCode(course.level_code),
            starts_on=course.starts_on,
            is_held=course.state != CANCELLED,
            designated_from=designated.first,
            designated_until=designated.last,
            is_local=person.is_local_on(course.starts_on),
            paid_months=person.paid_months_before(course.starts_on),
            attended_share=None if taken.attended_share_bp is None else Share(taken.attended_share_bp),
            dropped_on=taken.dropped_on or NEVER,
            completed_on=completed_on,
            tender_price_fen=None if tender_price is None else Fen(tender_price),
            list_price_fen=None if list_price is None else Fen(list_price),
            net_charged_fen=Fen(taken.charged_fen - taken.refunded_fen),
            evidence={"completed_on": why_not} if why_not else {},
        )


def _completed(taken: facts.Participation, course: facts.TrainingClass) -> tuple[date, str]:
    """When the training was completed, and why what is entered as its completion is none."""
    if taken.dropped_on:
        return NEVER, f"{taken.dropped_on} 退学"
    if taken.completed_on is not None and taken.completed_on < course.starts_on:
        return NEVER, f"登记的结业日 {taken.completed_on} 早于开班日"
    return taken.completed_on or NEVER, ""
