"""Sponsored place: what one enterprise paid for one student of a sponsored class (张家港班). Ground of the match (R8.d)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Fen, Unit
from awards.kernel.sharing import Parts, shared_equally
from awards.policy import facts
from awards.policy.dossier import CANCELLED, ENTERPRISE, SOLE_TRADER, City, SponsoredClassFacts


class SponsoredPlace(Ground):
    """`by_…`: what each sponsor proved to have paid for the student, in the order of their ids; who is no local enterprise counts nothing.

    `…_on_average`: as if everything that a sponsor paid for the class had been paid equally for all who ever belonged to it (A64).
    """

    identified_by: ClassVar = ("sponsored_class", "person", "sponsor")

    sponsored_class: Fact[UUID] = fact("张家港班", Unit.RECORD)
    person: Fact[UUID] = fact("学生", Unit.PERSON)
    sponsor: Fact[UUID] = fact("出资单位", Unit.ORGANISATION)
    school: Fact[UUID] = fact("开班学校", Unit.ORGANISATION)
    opened_on: Fact[date] = fact("开班日", Unit.DAY)
    is_held: Fact[bool] = fact("班级是否取消", words=("班级没有取消", "班级已取消"))
    is_school: Fact[bool] = fact("开班学校为职业院校", words=("开班当日是职业院校", "开班当日不是职业院校"))
    is_outside: Fact[bool] = fact("学校在外市", words=("开班当日在外市", "开班当日在本市"))
    is_local_enterprise: Fact[bool] = fact("出资单位为本市企业", words=("本市企业", "不是本市企业"))
    is_local_sole_trader: Fact[bool] = fact("出资单位为本市个体工商户", words=("本市个体工商户", "不是本市个体工商户"))
    enterprises: Fact[int] = fact("已证实出资的本市企业", Unit.FIRMS)
    enterprises_and_sole_traders: Fact[int] = fact("已证实出资的本市企业和个体工商户", Unit.FIRMS)
    paid_fen: Fact[Fen] = fact("为该学生付款", Unit.FEN)
    paid_on_average_fen: Fact[Fen] = fact("为全班付款的人均数", Unit.FEN)
    is_proven: Fact[bool] = fact("付款凭证", words=("付款凭证已核实", "没有付款"))
    is_proven_on_average: Fact[bool] = fact("付款凭证", words=("付款凭证已核实", "没有付款"))
    place: Fact[int] = fact("按编号排在第几位", Unit.NUMBER)
    by_enterprises: Fact[Parts] = fact("各企业为该学生已证实付款", Unit.PARTS)
    by_all: Fact[Parts] = fact("各企业和个体工商户为该学生已证实付款", Unit.PARTS)
    by_enterprises_on_average: Fact[Parts] = fact("各企业为全班已证实付款的人均数", Unit.PARTS)
    by_all_on_average: Fact[Parts] = fact("各企业和个体工商户为全班已证实付款的人均数", Unit.PARTS)


@dataclass(frozen=True)
class _Sponsor:
    """`None`: nothing is known of it on the day of the opening."""

    id: UUID
    is_local_enterprise: bool | None
    is_local_sole_trader: bool | None


ForWhom = Mapping[tuple[UUID, UUID], int]
"""Fen by student and sponsor."""


class _Paid:
    """Who paid how much for whom, refunds taken off: for each student, and on average over the class."""

    def __init__(self, course: facts.SponsoredClass, payments: Sequence[facts.SponsorPayment]) -> None:
        self._course = course
        self._payments = [(payment, among) for payment in payments if (among := self._for_whom(payment))]

    def _for_whom(self, payment: facts.SponsorPayment) -> list[UUID]:
        """The students that were enrolled on the day of payment; of a payment for one only he."""
        enrolled = {
            each.person_id
            for each in self._course.students
            if each.enrolled_on <= payment.paid_on < (each.left_on or NEVER) and payment.student_id in (None, each.person_id)
        }
        return sorted(enrolled)

    @cached_property
    def for_each(self) -> ForWhom:
        paid: dict[tuple[UUID, UUID], int] = defaultdict(int)
        for payment, among in self._payments:
            for student, fen in zip(among, shared_equally(payment.amount_fen - payment.refunded_fen, len(among)), strict=True):
                paid[student, payment.enterprise_id] += fen
        return paid

    @cached_property
    def by_sponsor(self) -> Mapping[UUID, int]:
        paid: dict[UUID, int] = defaultdict(int)
        for payment, _ in self._payments:
            paid[payment.enterprise_id] += payment.amount_fen - payment.refunded_fen
        return paid

    def on_average(self, students: Sequence[UUID]) -> ForWhom:
        return {
            (student, sponsor): fen
            for sponsor, whole in self.by_sponsor.items()
            for student, fen in zip(students, shared_equally(whole, len(students)), strict=True)
        }


def sponsored_places(known: SponsoredClassFacts, city: City) -> Iterator[SponsoredPlace]:
    """One for each student and sponsor of the class."""
    course = known.sponsored_class
    if course is None:
        return
    students = sorted({each.person_id for each in course.students})
    sponsors = _sponsors(course, city)
    paid, proven = _Paid(course, course.payments), _Paid(course, [each for each in course.payments if each.is_proven])
    is_school, is_outside = city.is_school(course.school_id, course.opened_on), city.is_outside(course.school_id, course.opened_on)
    enterprises, enterprises_and_sole_traders = _how_many(sponsors, proven, _is_enterprise), _how_many(sponsors, proven, _is_either)
    paid_on_average, proven_on_average = paid.on_average(students), proven.on_average(students)
    for student in students:
        by_enterprises, by_enterprises_on_average = (
            _by_each(sponsors, student, of, _is_enterprise) for of in (proven.for_each, proven_on_average)
        )
        by_all, by_all_on_average = (_by_each(sponsors, student, of, _is_either) for of in (proven.for_each, proven_on_average))
        for place, sponsor in enumerate(sponsors):
            pair = student, sponsor.id
            yield SponsoredPlace(
                sponsored_class=course.id,
                person=student,
                sponsor=sponsor.id,
                school=course.school_id,
                opened_on=course.opened_on,
                is_held=course.state != CANCELLED,
                is_school=is_school,
                is_outside=is_outside,
                is_local_enterprise=sponsor.is_local_enterprise,
                is_local_sole_trader=sponsor.is_local_sole_trader,
                enterprises=enterprises,
                enterprises_and_sole_traders=enterprises_and_sole_traders,
                paid_fen=Fen(paid.for_each.get(pair, 0)),
                paid_on_average_fen=Fen(paid_on_average.get(pair, 0)),
                is_proven=_is_proven(paid.for_each.get(pair, 0), proven.for_each.get(pair, 0)),
                is_proven_on_average=_is_proven(paid_on_average.get(pair, 0), proven_on_average.get(pair, 0)),
                place=place,
                by_enterprises=by_enterprises,
                by_all=by_all,
                by_enterprises_on_average=by_enterprises_on_average,
                by_all_on_average=by_all_on_average,
            )


def _sponsors(course: facts.SponsoredClass, city: City) -> list[_Sponsor]:
    return [
        _Sponsor(id_, city.is_local(id_, ENTERPRISE, course.opened_on), city.is_local(id_, SOLE_TRADER, course.opened_on))
        for id_ in sorted({each.enterprise_id for each in course.payments})
    ]


Counts = Callable[[_Sponsor], bool | None]


def _is_enterprise(sponsor: _Sponsor) -> bool | None:
    return sponsor.is_local_enterprise


def _is_either(sponsor: _Sponsor) -> bool | None:
    return None if sponsor.is_local_enterprise is None else sponsor.is_local_enterprise or sponsor.is_local_sole_trader


def _by_each(sponsors: Sequence[_Sponsor], student: UUID, proven: ForWhom, counts: Counts) -> Parts | None:
    """None while it is unknown whether somebody who paid counts: how all share depends on it."""
    paid = [(proven.get((student, sponsor.id), 0), counts(sponsor)) for sponsor in sponsors]
    if any(fen and is_counted is None for fen, is_counted in paid):
        return None
    return tuple(fen if is_counted else 0 for fen, is_counted in paid)


def _how_many(sponsors: Sequence[_Sponsor], proven: _Paid, counts: Counts) -> int | None:
    paying = [counts(sponsor) for sponsor in sponsors if proven.by_sponsor.get(sponsor.id)]
    return None if None in paying else sum(map(bool, paying))


def _is_proven(paid: int, proven: int) -> bool | None:
    """None: paid, it is said, and nobody has seen the voucher yet."""
    return True if proven else None if paid else False
