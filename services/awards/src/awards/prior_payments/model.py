"""An earlier payment, and by what it must tell what it paid for."""

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from awards.policy.stacking import PAID_FOR
from awards.tables import Table
from common.database.columns import fen, one_of
from common.refusal import Conflict, Fault, Invalid
from common.work import Aggregate
from contracts import awards as published
from contracts.awards import PayeeKind

NATURAL_KEY = ("scheme", "beneficiary_id", "person_id", "occupation", "level_code", "year", "paid_on", "paper_number")
"""What tells one payment from another: the same file twice is no second payment."""


class AlreadyLoaded(Conflict):
    title = "这笔既往支付已经录入"


class AlreadyWithdrawn(Conflict):
    title = "这笔既往支付已作废"


class PaidInFuture(Invalid):
    title = "支付日期不能晚于今天"


class SchemeNotTold(Invalid):
    title = "没有这个待遇项目，或这个项目的既往支付无法与某一事项对应"


class TooLittleTold(Invalid):
    title = "缺少说明这笔钱为何事支付的内容"


class PriorPayment(Aggregate, Table, table=True):
    """Loaded once, and never changed: what was entered in error is withdrawn. From `withdrawn_on` on it counts as never paid."""

    __tablename__ = "prior_payment"
    __table_args__ = (
        UniqueConstraint(*NATURAL_KEY, name="uq_prior_payment_natural_key", postgresql_nulls_not_distinct=True),
        CheckConstraint("amount_fen > 0", name="something_was_paid"),
        CheckConstraint("beneficiary_kind <> 'PERSON' OR person_id = beneficiary_id", name="paid_to_the_person_is_paid_for_him"),
        CheckConstraint("(occupation IS NULL) = (level_code IS NULL)", name="a_level_is_of_an_occupation"),
        Index("ix_prior_payment_person_id", "person_id", "id"),
        Index("ix_prior_payment_beneficiary_id", "beneficiary_id", "id"),
    )
    title: ClassVar[str] = "既往支付"
    publishes = published.PriorPayment

    beneficiary_kind: PayeeKind = Field(sa_type=one_of(PayeeKind, "beneficiary_kind"))
    beneficiary_id: UUID
    scheme: str
    person_id: UUID | None = None
    occupation: str | None = None
    level_code: int | None = None
    year: int | None = None
    amount_fen: int = Field(sa_type=fen)
    paid_on: date
    paper_number: str
    withdrawn_on: date | None = None

    def must_tell_what_it_paid_for(self) -> None:
        """Raises SchemeNotTold, TooLittleTold: what tells nothing apart would stand in the way of everything, or of nothing."""
        if missing := self.missing():
            raise TooLittleTold(faults=[Fault(f"/{name}", "这个待遇项目须填写") for name in missing])

    def missing(self) -> list[str]:
        """The fields that are needed to tell what was paid for, and are empty. Raises SchemeNotTold."""
        told_by = PAID_FOR.get(self.scheme)
        if told_by is None:
            raise SchemeNotTold
        fields = {"person": "person_id", "occupation_group": "occupation", "payee": "beneficiary_id"}
        needed = (fields.get(name, name) for name in told_by)
        return [name for name in needed if getattr(self, name) is None]

    def must_be_past(self, today: date) -> None:
        """Raises PaidInFuture."""
        if self.paid_on > today:
            raise PaidInFuture

    def withdraw(self, today: date) -> Self:
        """Raises AlreadyWithdrawn."""
        if self.withdrawn_on is not None:
            raise AlreadyWithdrawn
        self.withdrawn_on = today
        return self
