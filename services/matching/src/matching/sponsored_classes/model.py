"""A sponsored class and its life: opened, students come and leave, enterprises pay by voucher, closed in the end or cancelled."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field
from uuid_utils.compat import uuid7

from common.database.columns import json, one_of
from common.refusal import Conflict, Invalid, NotFound
from common.work import Aggregate
from contracts import matching as published
from contracts.matching import SponsoredClassState
from matching.tables import Table

MOST_STUDENTS, MOST_PAYMENTS = 400, 600
"""The whole class travels as one event, of 256 KiB at the most."""


class SponsoredClassNumberTaken(Conflict):
    title = "班级编号已被使用"


class SponsoredClassNotOpen(Conflict):
    title = "班级已结束或已取消"


class SponsoredClassCancelled(Conflict):
    title = "班级已取消"


class SponsoredClassFull(Conflict):
    title = f"一个班至多登记 {MOST_STUDENTS} 名学生，请另开一班"


class AlreadyInTheClass(Conflict):
    title = "该学生当日已在班"


class NotInTheClass(Conflict):
    title = "该学生现在不在班"


class PaidAfterLeaving(Conflict):
    title = "离班日或其后有为该学生（或当日仅有的学生）付的款，请先退款"


class NotEnrolledThatDay(Conflict):
    title = "付款当日该学生不在班，或班里没有学生"


class TooManyPayments(Conflict):
    title = f"一个班至多登记 {MOST_PAYMENTS} 笔付款，请合并为整笔"


class PaymentAlreadyReported(Conflict):
    title = "同一单位、同一凭证、同一日、同一学生的付款已登记"


class PaymentAlreadyProven(Conflict):
    title = "付款凭证已核实"


class PaymentNotProven(Conflict):
    title = "付款凭证没有核实，无须撤回"


class RefundAbovePayment(Conflict):
    title = "退款合计超过付款"


class OpensInFuture(Invalid):
    title = "开班日不能晚于今天"


class EnrolledOutsideItsTime(Invalid):
    title = "入班日不能早于开班日，也不能晚于今天"


class LeftOutsideItsTime(Invalid):
    title = "离班日不能早于入班日，也不能晚于今天"


class PaidBeforeOpening(Invalid):
    title = "付款日早于开班日"


class PaidInFuture(Invalid):
    title = "付款日不能晚于今天"


class NothingPaid(Invalid):
    title = "金额应大于零"


class ClosedOutsideItsTime(Invalid):
    title = "结束日不能早于开班日，也不能晚于今天"


class SponsoredClass(Aggregate, Table, table=True):
    """Students and payments stand in it: one row, one version, one event. The number of a voucher never leaves this table."""

    __tablename__ = "sponsored_class"
    __table_args__ = (CheckConstraint("closed_on >= opened_on", name="closed_after_opened"),)
    title: ClassVar[str] = "张家港班"
    publishes = published.SponsoredClass

    number: str = Field(unique=True, max_length=60)
    school_id: UUID = Field(index=True)
    opened_on: date
    closed_on: date | None = None
    students: list[dict[str, Any]] = Field(default=[], sa_type=json)
    """person_id, enrolled_on, left_on (None while he belongs to it)."""
    payments: list[dict[str, Any]] = Field(default=[], sa_type=json)
    """payment_id, enterprise_id, student_id (None: for all), paid_on, amount_fen, refunded_fen, is_proven; and voucher_number."""
    state: SponsoredClassState = Field(default=SponsoredClassState.OPEN, sa_type=one_of(SponsoredClassState, "state"))

    def must_have_opened(self, today: date) -> None:
        """Raises OpensInFuture."""
        if self.opened_on > today:
            raise OpensInFuture

    def enrol(self, person_id: UUID, *, on: date, today: date) -> None:
        """Again, too, after he had left. Raises SponsoredClassNotOpen, EnrolledOutsideItsTime, AlreadyInTheClass, SponsoredClassFull."""
        self._must_be_open()
        if not self.opened_on <= on <= today:
            raise EnrolledOutsideItsTime
        if any(each["left_on"] is None or on.isoformat() < each["left_on"] for each in self._stays_of(person_id)):
            raise AlreadyInTheClass
        if len(self.students) >= MOST_STUDENTS:
            raise SponsoredClassFull
        self.students = [*self.students, {"person_id": str(person_id), "enrolled_on": on.isoformat(), "left_on": None}]

    def leave(self, person_id: UUID, *, on: date, today: date) -> None:
        """From `on` he does not belong to it any more. Raises SponsoredClassNotOpen, NotInTheClass, LeftOutsideItsTime, PaidAfterLeaving."""
        self._must_be_open()
        stay = next((each for each in self._stays_of(person_id) if each["left_on"] is None), None)
        if stay is None:
            raise NotInTheClass
        if not stay["enrolled_on"] <= on.isoformat() <= today.isoformat():
            raise LeftOutsideItsTime
        students = [each | {"left_on": on.isoformat()} if each is stay else each for each in self.students]
        if not all(_belong(students, payment) for payment in self.payments if payment["refunded_fen"] < payment["amount_fen"]):
            raise PaidAfterLeaving
        self.students = students

    def pay(
        self, enterprise_id: UUID, *, student_id: UUID | None, paid_on: date, amount_fen: int, voucher_number: str, today: date
    ) -> None:
        """For one student, or for all who belong to it that day.

        Raises SponsoredClassNotOpen, NothingPaid, PaidBeforeOpening, PaidInFuture, NotEnrolledThatDay, PaymentAlreadyReported, TooManyPayments.
        """
        self._must_be_open()
        if not amount_fen:
            raise NothingPaid
        if paid_on < self.opened_on:
            raise PaidBeforeOpening
        if paid_on > today:
            raise PaidInFuture
        said = {
            "enterprise_id": str(enterprise_id), "student_id": str(student_id) if student_id else None, "paid_on": paid_on.isoformat(),
            "voucher_number": voucher_number,
        }  # fmt: skip
        if not _belong(self.students, said):
            raise NotEnrolledThatDay
        if any(said.items() <= payment.items() for payment in self.payments):
            raise PaymentAlreadyReported
        if len(self.payments) >= MOST_PAYMENTS:
            raise TooManyPayments
        new = {"payment_id": str(uuid7()), "amount_fen": amount_fen, "refunded_fen": 0, "is_proven": False}
        self.payments = [*self.payments, said | new]

    def prove(self, payment_id: UUID, *, is_proven: bool) -> None:
        """A clerk has seen the voucher, or takes that back.

        Raises SponsoredClassCancelled, NotFound, PaymentAlreadyProven, PaymentNotProven.
        """
        if self.state is SponsoredClassState.CANCELLED:
            raise SponsoredClassCancelled
        payment = self._payment(payment_id)
        if is_proven and payment["is_proven"]:
            raise PaymentAlreadyProven
        if not is_proven and not payment["is_proven"]:
            raise PaymentNotProven
        self._change(payment, is_proven=is_proven)

    def refund(self, payment_id: UUID, *, amount_fen: int) -> None:
        """At any time, of a class that has ended too. Raises NotFound, NothingPaid, RefundAbovePayment."""
        if not amount_fen:
            raise NothingPaid
        payment = self._payment(payment_id)
        if payment["refunded_fen"] + amount_fen > payment["amount_fen"]:
            raise RefundAbovePayment
        self._change(payment, refunded_fen=payment["refunded_fen"] + amount_fen)

    def close(self, on: date, *, today: date) -> None:
        """It has come to its end. Raises SponsoredClassNotOpen, ClosedOutsideItsTime."""
        self._must_be_open()
        if not self.opened_on <= on <= today:
            raise ClosedOutsideItsTime
        self.state, self.closed_on = SponsoredClassState.CLOSED, on

    def cancel(self) -> None:
        """It counts as if it had never been. Raises SponsoredClassCancelled."""
        if self.state is SponsoredClassState.CANCELLED:
            raise SponsoredClassCancelled
        self.state = SponsoredClassState.CANCELLED

    def _must_be_open(self) -> None:
        if self.state is not SponsoredClassState.OPEN:
            raise SponsoredClassNotOpen

    def _stays_of(self, person_id: UUID) -> list[dict[str, Any]]:
        return [each for each in self.students if each["person_id"] == str(person_id)]

    def _payment(self, payment_id: UUID) -> dict[str, Any]:
        found = next((each for each in self.payments if each["payment_id"] == str(payment_id)), None)
        if found is None:
            raise NotFound("没有这笔付款")
        return found

    def _change(self, payment: dict[str, Any], **changed: Any) -> None:
        self.payments = [each | changed if each is payment else each for each in self.payments]


def _belong(students: Iterable[dict[str, Any]], payment: dict[str, Any]) -> bool:
    """Whether anybody whom the payment is for belonged to the class that day."""
    return any(
        each["enrolled_on"] <= payment["paid_on"] and (each["left_on"] is None or payment["paid_on"] < each["left_on"])
        for each in students
        if payment["student_id"] in (None, each["person_id"])
    )
