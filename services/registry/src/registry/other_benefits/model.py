"""One payment by another fund for one person's certificate or training: reported, perhaps withdrawn."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from common.database.columns import fen, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import OtherBenefitScheme
from registry.tables import Table


class OtherBenefitAlreadyReported(Conflict):
    title = "该人员同一项目、职业、等级和发放日的补贴已登记"


class OtherBenefitAlreadyWithdrawn(Conflict):
    title = "这笔补贴已登记退回"


class OtherBenefitNotWithdrawn(Conflict):
    title = "这笔补贴没有登记退回，无须撤回"


class PaidInFuture(Invalid):
    title = "发放日不能晚于今天"


class NothingPaid(Invalid):
    title = "补贴金额应大于零"


class WithdrawnBeforePaid(Invalid):
    title = "退回日早于发放日"


class OtherBenefit(Aggregate, Table, table=True):
    """Unique by person, scheme, occupation, level and day of payment. From `withdrawn_on` on it counts as never paid."""

    __tablename__ = "other_benefit"
    __table_args__ = (
        UniqueConstraint("person_id", "scheme", "occupation", "level_code", "paid_on"),
        CheckConstraint("level_code BETWEEN 1 AND 5", name="level_code"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("withdrawn_on >= paid_on", name="withdrawn"),
    )
    title: ClassVar[str] = "其他补贴"
    publishes = published.OtherBenefit

    person_id: UUID
    scheme: OtherBenefitScheme = Field(sa_type=one_of(OtherBenefitScheme, "scheme"))
    occupation: str
    level_code: int
    amount_fen: int = Field(sa_type=fen)
    paid_on: date
    withdrawn_on: date | None = None

    def must_not_be_paid_after(self, today: date) -> None:
        """Raises PaidInFuture."""
        if self.paid_on > today:
            raise PaidInFuture

    def amount_to(self, amount_fen: int) -> None:
        """What was paid. Raises NothingPaid; OtherBenefitAlreadyWithdrawn when that changes what was."""
        if amount_fen == 0:
            raise NothingPaid
        if amount_fen != self.amount_fen and self.withdrawn_on is not None:
            raise OtherBenefitAlreadyWithdrawn
        self.amount_fen = amount_fen

    def withdraw(self, on: date | None) -> None:
        """None takes a withdrawal back. Raises OtherBenefitAlreadyWithdrawn, OtherBenefitNotWithdrawn, WithdrawnBeforePaid."""
        if on is None and self.withdrawn_on is None:
            raise OtherBenefitNotWithdrawn
        if on is not None and self.withdrawn_on is not None:
            raise OtherBenefitAlreadyWithdrawn
        if on is not None and on < self.paid_on:
            raise WithdrawnBeforePaid
        self.withdrawn_on = on
