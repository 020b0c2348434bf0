"""One person in one class: enrolled → completed or dropped; what was reported may be corrected."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from common.database.columns import fen, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from contracts.training import ParticipationResult
from training.tables import Table


class AlreadyEnrolled(Conflict):
    title = "该人员已报名此班级"


class AlreadyEnded(Conflict):
    title = "该人员已结业或已退学"


class CompletedBeforeEnrolled(Invalid):
    title = "结业或退学日期早于报名日期"


class CompletedBeforeClass(Invalid):
    title = "结业日期早于开班日"


class DayInFuture(Invalid):
    title = "日期不能晚于今天"


class RefundedMoreThanCharged(Invalid):
    title = "退费多于收费"


class Participation(Aggregate, Table, table=True):
    """Attendance, completion, and what the trainee was charged (A24)."""

    __tablename__ = "participation"
    __table_args__ = (
        UniqueConstraint("person_id", "class_id"),
        CheckConstraint("attended_share_bp BETWEEN 0 AND 10000", name="attended_share"),
        CheckConstraint("completed_on >= enrolled_on", name="completed_after_enrolled"),
        CheckConstraint("refunded_fen BETWEEN 0 AND charged_fen", name="refunded_of_charged"),
        Index("ix_participation_class_id", "class_id", "id"),
    )
    title: ClassVar[str] = "参训记录"
    publishes = published.Participation

    person_id: UUID
    class_id: UUID
    enrolled_on: date
    attended_share_bp: int | None = None
    completed_on: date | None = None
    result: ParticipationResult | None = Field(default=None, sa_type=one_of(ParticipationResult, "result"))
    charged_fen: int = Field(default=0, sa_type=fen)
    refunded_fen: int = Field(default=0, sa_type=fen)
    dropped_on: date | None = None

    def must_be_in_order(self, today: date, *, class_starts_on: date) -> None:
        """Raises DayInFuture, CompletedBeforeEnrolled, CompletedBeforeClass, RefundedMoreThanCharged."""
        days = [day for day in (self.completed_on, self.dropped_on) if day]
        if any(day > today for day in (self.enrolled_on, *days)):
            raise DayInFuture
        if any(day < self.enrolled_on for day in days):
            raise CompletedBeforeEnrolled
        if self.completed_on is not None and self.completed_on < class_starts_on:
            raise CompletedBeforeClass
        if self.refunded_fen > self.charged_fen:
            raise RefundedMoreThanCharged

    def must_be_under_way(self) -> None:
        """Raises AlreadyEnded."""
        if self.completed_on is not None or self.dropped_on is not None:
            raise AlreadyEnded

    @property
    def arrival_verb(self) -> str:
        """What a new row of a roster says has happened."""
        return "dropped" if self.dropped_on else "completed" if self.completed_on else "enrolled"
