"""Certification: a class led to a certificate. Ground of shortage training (R7.d), later of employer training (R4.b) and its kin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, LevelCode, Unit
from awards.policy import facts
from awards.policy.dossier import CANCELLED, City, PersonFacts


class Certification(Ground):
    identified_by: ClassVar = ("certificate",)

    person: Fact[UUID] = fact("持证人", Unit.PERSON)
    certificate: Fact[UUID] = fact("证书", Unit.RECORD)
    training_class: Fact[UUID] = fact("班级", Unit.RECORD)
    class_kind: Fact[str] = fact("班级类别", Unit.CODE)
    organiser: Fact[UUID] = fact("培养基地", Unit.ORGANISATION)
    occupation_group: Fact[str] = fact("职业（工种）", Unit.CODE)
    level_code: Fact[LevelCode] = fact("证书等级", Unit.LEVEL)
    class_starts_on: Fact[date] = fact("开班日", Unit.DAY, chosen=True)
    took_part: Fact[bool] = fact("参加班级培训", words=("班级照常举办，学员没有退学", "没有参加完培训"))
    mandated_from: Fact[date] = fact("委托起始日", Unit.DAY, never="没有委托该基地培训此职业、等级")
    mandated_until: Fact[date] = fact("委托截止日", Unit.DAY)
    listed_from: Fact[date] = fact("列入紧缺目录日", Unit.DAY, never="从未列入紧缺目录")
    listed_until: Fact[date] = fact("移出紧缺目录日", Unit.DAY)
    matches_class: Fact[bool] = fact("证书与班级一致", words=("证书与班级的职业、等级一致", "证书与班级的职业或等级不一致"))
    issued_on: Fact[date] = fact("发证日", Unit.DAY)
    revoked_on: Fact[date] = fact("撤销日", Unit.DAY, never="未撤销")


def certifications(person: PersonFacts, city: City) -> Iterator[Certification]:
    """One for each certificate that a class led to; a class that has not arrived yet is awaited."""
    for held in person.certificates:
        if held.class_id is None:
            continue
        course = city.classes.get(held.class_id)
        if course is None:
            yield Certification.awaiting(person=person.id, certificate=held.id, training_class=held.class_id)
            continue
        mandated, listed = city.mandate(course), city.listing(course)
        absent = _absent(person, course)
        yield Certification(
            person=person.id,
            certificate=held.id,
            training_class=course.id,
            class_kind=str(course.kind),
            organiser=course.organiser_id,
            occupation_group=city.group(held.occupation),
            level_code=LevelCode(held.level_code),
            class_starts_on=course.starts_on,
            took_part=not absent,
            mandated_from=mandated.first,
            mandated_until=mandated.last,
            listed_from=listed.first,
            listed_until=listed.last,
            matches_class=held.level_code == course.level_code and city.is_same(held.occupation, course.occupation),
            issued_on=held.issued_on,
            revoked_on=held.revoked_on or NEVER,
            evidence={"took_part": absent} if absent else {},
        )


def _absent(person: PersonFacts, course: facts.TrainingClass) -> str:
    """Why the holder cannot have been trained by this class; empty when nothing speaks against it: the certificate names the class."""
    if course.state == CANCELLED:
        return "班级已取消"
    left = [taken.dropped_on for taken in person.participations if taken.class_id == course.id and taken.dropped_on]
    return f"{max(left)} 退学" if left else ""
