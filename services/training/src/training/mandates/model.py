"""A mandate and its life: signed, perhaps ended before its time."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from training.tables import Table


class MandateAlreadySigned(Conflict):
    title = "该基地本年度同一职业、等级的委托已登记"


class MandateAlreadyEnded(Conflict):
    title = "委托已终止"


class MandateReversed(Invalid):
    title = "委托截止或终止日早于起始日"


class Mandate(Aggregate, Table, table=True):
    """One base, one occupation and level, one catalogue year. From `ended_on` it no longer counts."""

    __tablename__ = "mandate"
    __table_args__ = (
        UniqueConstraint("organisation_id", "occupation", "level_code", "catalogue_year"),
        CheckConstraint("level_code BETWEEN 1 AND 5", name="level_code"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
    )
    title: ClassVar[str] = "委托"
    publishes = published.Mandate

    organisation_id: UUID
    occupation: str
    level_code: int
    catalogue_year: int
    valid_from: date
    valid_to: date
    ended_on: date | None = None

    def must_be_in_order(self) -> None:
        """Raises MandateReversed."""
        if self.valid_to < self.valid_from:
            raise MandateReversed

    def end(self, on: date) -> None:
        """Raises MandateAlreadyEnded, MandateReversed."""
        if self.ended_on is not None:
            raise MandateAlreadyEnded
        if on < self.valid_from:
            raise MandateReversed
        self.ended_on = on
