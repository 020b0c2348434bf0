"""Certification: a class led to a certificate, or may yet. Ground of R4.b, R4.d, R5.g (training in enterprises) and R7.d (shortage trades)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Fen, LevelCode, Unit
from awards.policy import facts
from awards.policy.days import NOWHEN, Span, joined, span
from awards.policy.dossier import CANCELLED, ENTERPRISE, SOLE_TRADER, City, PersonFacts
from awards.policy.grounds.participation import fund_by_level
from awards.policy.insured import insured_months

PRE_JOB, UPGRADE, IN_HOUSE, IN_ENTERPRISE, SHORTAGE = "PRE_JOB", "UPGRADE", "IN_HOUSE_HIGH_SKILLED", "SCHOOL_IN_ENTERPRISE", "SHORTAGE"
INSIDE_ENTERPRISES = (PRE_JOB, UPGRADE, IN_HOUSE, IN_ENTERPRISE)
"""Kinds of classes that are given for the staff of one enterprise."""
PASSED, DISCRETION_USED = "PASSED", "DISCRETION_USED"
BY_DISCRETION = "school-in-enterprise"
"""The scheme of which the text says 可: somebody has to decide that it is paid."""


class Certification(Ground):
    identified_by: ClassVar = ("record",)

    record: Fact[UUID] = fact("证书（未取证的，为培训记录）", Unit.RECORD)
    person: Fact[UUID] = fact("持证人", Unit.PERSON)
    certificate: Fact[UUID] = fact("证书", Unit.RECORD)
    training_class: Fact[UUID] = fact("班级", Unit.RECORD)
    class_kind: Fact[str] = fact("班级类别", Unit.CODE)
    organiser: Fact[UUID] = fact("培训机构", Unit.ORGANISATION)
    employer: Fact[UUID] = fact("用人企业", Unit.ORGANISATION)
    occupation_group: Fact[str] = fact("职业（工种）", Unit.CODE)
    fund_by_level: Fact[str] = fact("按等级分的资金", Unit.CODE)
    level_code: Fact[LevelCode] = fact("证书等级", Unit.LEVEL)
    class_level_code: Fact[LevelCode] = fact("培训等级", Unit.LEVEL)
    class_starts_on: Fact[date] = fact("开班日", Unit.DAY, chosen=True)
    took_part: Fact[bool] = fact("参加班级培训", words=("班级照常举办，学员没有退学", "没有参加完培训"))
    passed_on: Fact[date] = fact("考核合格结业日", Unit.DAY, never="没有考核合格的结业记录", may_come=True)
    matches_class: Fact[bool] = fact("证书与班级一致", words=("证书与班级的职业、等级一致", "证书与班级的职业或等级不一致"))
    issued_on: Fact[date] = fact("发证日", Unit.DAY, never="尚未取得证书", may_come=True)
    revoked_on: Fact[date] = fact("撤销日", Unit.DAY, never="未撤销")
    # In a shortage trade.
    mandated_from: Fact[date] = fact("委托起始日", Unit.DAY, never="没有委托该基地培训此职业、等级")
    mandated_until: Fact[date] = fact("委托截止日", Unit.DAY)
    listed_from: Fact[date] = fact("列入紧缺目录日", Unit.DAY, never="从未列入紧缺目录")
    listed_until: Fact[date] = fact("移出紧缺目录日", Unit.DAY)
    listed_in_year_from: Fact[date] = fact("列入本年度紧缺目录日", Unit.DAY, never="未列入本年度紧缺目录")
    listed_in_year_until: Fact[date] = fact("本年度紧缺目录截止日", Unit.DAY)
    # Inside an enterprise.
    is_local_enterprise: Fact[bool] = fact("用人单位为本市企业", words=("本市企业", "不是本市企业"))
    is_local_sole_trader: Fact[bool] = fact("用人单位为本市个体工商户", words=("本市个体工商户", "不是本市个体工商户"))
    employed_from: Fact[date] = fact("在该企业就业起始日", Unit.DAY, never="没有在该企业就业的记录")
    employed_until: Fact[date] = fact("在该企业就业截止日", Unit.DAY, never="至今在职")
    employed_by: Fact[date] = fact("最迟应入职之日", Unit.DAY)
    paid_months: Fact[int] = fact("截至开班上月累计缴费", Unit.MONTHS)
    lowest_price_fen: Fact[Fen] = fact("同等项目最低中标单价", Unit.FEN)
    highest_price_fen: Fact[Fen] = fact("同等项目最高中标单价", Unit.FEN)
    is_run_by_school: Fact[bool] = fact("由职业院校举办", words=("由职业院校举办", "不是职业院校举办"))
    has_contract: Fact[bool] = fact("校企培训合同", words=("有校企培训合同", "没有登记校企培训合同"))
    discretion_from: Fact[date] = fact("同意给予补贴之日", Unit.DAY, never="尚未决定给予补贴")
    discretion_until: Fact[date] = fact("同意给予补贴截止日", Unit.DAY)


def certifications(person: PersonFacts, city: City) -> Iterator[Certification]:
    """One for each certificate that a class led to, and one for each shortage class that led to none; a class not yet heard of is awaited."""
    for held in person.certificates:
        if held.class_id is None:
            continue
        course = city.classes.get(held.class_id)
        if course is None:
            yield Certification.awaiting(record=held.id, person=person.id, certificate=held.id, training_class=held.class_id)
        else:
            yield _certification(person, course, city, held)
    certified = {held.class_id for held in person.certificates}
    for taken in person.participations:
        course = city.classes.get(taken.class_id)
        if course is not None and course.kind == SHORTAGE and course.id not in certified:
            yield _without_certificate(person, course, city, taken)


def _certification(person: PersonFacts, course: facts.TrainingClass, city: City, held: facts.Certificate) -> Certification:
    return Certification.awaiting(
        record=held.id,
        certificate=held.id,
        occupation_group=city.group(held.occupation),
        level_code=LevelCode(held.level_code),
        matches_class=city.leads_to(course, held),
        issued_on=held.issued_on,
        revoked_on=held.revoked_on or NEVER,
        **_of_class(person, course),
        **(_in_shortage_trade(course, city) if course.kind == SHORTAGE else {}),
        **(_inside_enterprise(person, course, city, held) if course.kind in INSIDE_ENTERPRISES else {}),
    )


def _without_certificate(person: PersonFacts, course: facts.TrainingClass, city: City, taken: facts.Participation) -> Certification:
    """The class is what counts (A61), and what its certificate would be of."""
    known = _of_class(person, course)
    return Certification.awaiting(
        record=taken.id,
        occupation_group=city.group(course.occupation),
        level_code=LevelCode(course.level_code),
        matches_class=True,
        issued_on=NEVER,
        revoked_on=NEVER,
        **known | {"evidence": known["evidence"] | {"matches_class": "尚未取得，按班级的职业、等级"}},
        **_in_shortage_trade(course, city),
    )


def _of_class(person: PersonFacts, course: facts.TrainingClass) -> dict[str, Any]:
    """What holds of every class, with or without a certificate."""
    absent = _absent(person, course)
    return {
        "person": person.id,
        "training_class": course.id,
        "class_kind": str(course.kind),
        "organiser": course.organiser_id,
        "fund_by_level": fund_by_level(course.level_code),
        "class_level_code": LevelCode(course.level_code),
        "class_starts_on": course.starts_on,
        "took_part": not absent,
        "passed_on": _passed_on(person, course),
        "evidence": {"took_part": absent} if absent else {},
    }


def _absent(person: PersonFacts, course: facts.TrainingClass) -> str:
    """Why the holder cannot have been trained by this class; empty when nothing speaks against it: the certificate names the class."""
    if course.state == CANCELLED:
        return "班级已取消"
    left = [taken.dropped_on for taken in person.participations if taken.class_id == course.id and taken.dropped_on]
    return f"{max(left)} 退学" if left else ""


def _passed_on(person: PersonFacts, course: facts.TrainingClass) -> date:
    """When he completed the class with a pass."""
    days = (
        taken.completed_on
        for taken in person.participations
        if taken.class_id == course.id and taken.result == PASSED and taken.completed_on and taken.completed_on >= course.starts_on
    )
    return min(days, default=NEVER)


def _in_shortage_trade(course: facts.TrainingClass, city: City) -> dict[str, date]:
    mandated, listed, in_year = city.mandate(course), city.listing(course), city.listing_of_the_year(course)
    return {
        "mandated_from": mandated.first,
        "mandated_until": mandated.last,
        "listed_from": listed.first,
        "listed_until": listed.last,
        "listed_in_year_from": in_year.first,
        "listed_in_year_until": in_year.last,
    }


def _inside_enterprise(person: PersonFacts, course: facts.TrainingClass, city: City, held: facts.Certificate) -> dict[str, Any]:
    employer, starts_on = course.employer_id, course.starts_on
    employed_by = held.issued_on if course.kind == PRE_JOB else starts_on
    employed = _employed(person, course, city, employed_by)
    lowest, highest = city.standard(course)
    return {
        "employer": employer,
        "is_local_enterprise": city.is_local(employer, ENTERPRISE, starts_on) if employer else None,
        "is_local_sole_trader": city.is_local(employer, SOLE_TRADER, starts_on) if employer else None,
        "employed_from": employed.first if employed else None,
        "employed_until": employed.last if employed else None,
        "employed_by": employed_by,
        "paid_months": insured_months(person.insurance, starts_on)["paid_months"],
        "lowest_price_fen": lowest,
        "highest_price_fen": highest,
        **(_by_a_school(person, course, city, held) if course.kind == IN_ENTERPRISE else {}),
    }


def _by_a_school(person: PersonFacts, course: facts.TrainingClass, city: City, held: facts.Certificate) -> dict[str, Any]:
    discretion = _discretion(person, held)
    return {
        "is_run_by_school": city.is_school(course.organiser_id, course.starts_on),
        "has_contract": bool(course.contract_number),
        "discretion_from": discretion.first,
        "discretion_until": discretion.last,
    }


def _employed(person: PersonFacts, course: facts.TrainingClass, city: City, employed_by: date) -> Span | None:
    """When he works or worked for the class's enterprise; None where a record that has a beginning says nothing of that day (A59)."""
    if course.employer_id is None:
        return None
    found = person.working_for(course.employer_id, course.starts_on)
    if found.first <= employed_by and course.starts_on <= found.last:
        return found
    complete_since = city.employment_complete_since
    return found if complete_since and complete_since <= course.starts_on else None


def _discretion(person: PersonFacts, held: facts.Certificate) -> Span:
    """Since when, and until when, it stands that what may be paid is paid for this certificate (A12)."""
    keys = {f"{id_}/{held.id}" for id_ in (person.id, *person.aliases)}
    found = joined(
        span(each.first_on, each.last_on, each.reversed_on)
        for each in person.findings.rulings
        if each.kind == DISCRETION_USED and each.scheme == BY_DISCRETION and each.entitlement_key in keys
    )
    return found[-1] if found else NOWHEN
