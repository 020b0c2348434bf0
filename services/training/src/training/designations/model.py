"""A tender's result and its life: awarded, perhaps withdrawn."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from common.database.columns import fen
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from training.tables import Table


class DesignationAlreadyAwarded(Conflict):
    title = "该机构在此次招标中已取得同一职业、等级的定点资格"


class DesignationAlreadyWithdrawn(Conflict):
    title = "定点资格已被取消"


class WithdrawnBeforeValid(Invalid):
    title = "取消日早于资格起始日"


class ValidityReversed(Invalid):
    title = "截止日早于起始日"


class Designation(Aggregate, Table, table=True):
    """One institution, one occupation and level, one tender. From `withdrawn_on` it no longer counts."""

    __tablename__ = "designation"
    __table_args__ = (
        UniqueConstraint("tender_number", "organisation_id", "occupation", "level_code"),
        CheckConstraint("level_code BETWEEN 1 AND 5", name="level_code"),
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
    )
    title: ClassVar[str] = "定点资格"
    publishes = published.Designation

    organisation_id: UUID = Field(index=True)
    tender_number: str = Field(max_length=60)
    occupation: str
    level_code: int
    price_fen: int = Field(sa_type=fen)
    valid_from: date
    valid_to: date
    withdrawn_on: date | None = None

    def must_be_in_order(self) -> None:
        """Raises ValidityReversed."""
        if self.valid_to < self.valid_from:
            raise ValidityReversed

    def withdraw(self, on: date) -> None:
        """Raises DesignationAlreadyWithdrawn, WithdrawnBeforeValid."""
        if self.withdrawn_on is not None:
            raise DesignationAlreadyWithdrawn
        if on < self.valid_from:
            raise WithdrawnBeforeValid
        self.withdrawn_on = on
