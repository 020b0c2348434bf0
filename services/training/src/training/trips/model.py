"""A trip and its life: selected → completed, perhaps with report and cost entered anew; selected → cancelled."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from common.database.columns import fen, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from contracts.training import TripState
from training.tables import Table


class TripReversed(Invalid):
    title = "选派日、出发日、返回日先后颠倒"


class SelectedInFuture(Invalid):
    title = "选派日不能晚于今天"


class TripsOverlap(Conflict):
    title = "该人员在这段时间已有另一次研修"


class TripNotOver(Conflict):
    title = "研修尚未结束，不能登记报告和费用"


class ReportedOutsideItsTime(Invalid):
    title = "报告日不能早于返回日，也不能晚于今天"


class TripCancelled(Conflict):
    title = "研修已取消"


class TripCompleted(Conflict):
    title = "研修已完成，不能取消"


class Trip(Aggregate, Table, table=True):
    """Who was selected for which journey, sent by whom; then the report that he handed in, and the cost that was proven."""

    __tablename__ = "trip"
    __table_args__ = (
        CheckConstraint("selected_on <= starts_on AND starts_on <= ends_on", name="in_order"),
        CheckConstraint("cost_fen >= 0", name="cost"),
        CheckConstraint("reported_on >= ends_on", name="reported_after_return"),
        CheckConstraint("(state = 'COMPLETED') = (reported_on IS NOT NULL AND cost_fen IS NOT NULL)", name="completed_with_report"),
        Index("ix_trip_person_id", "person_id", "id"),
        Index("ix_trip_sender_id", "sender_id", "id"),
    )
    title: ClassVar[str] = "出国研修"
    publishes = published.Trip

    person_id: UUID
    sender_id: UUID
    occupation: str
    selected_on: date
    starts_on: date
    ends_on: date
    reported_on: date | None = None
    cost_fen: int | None = Field(default=None, sa_type=fen)
    state: TripState = Field(default=TripState.SELECTED, sa_type=one_of(TripState, "state"))

    def must_be_in_order(self, today: date) -> None:
        """Raises SelectedInFuture, TripReversed."""
        if self.selected_on > today:
            raise SelectedInFuture
        if not self.selected_on <= self.starts_on <= self.ends_on:
            raise TripReversed

    def complete(self, *, reported_on: date, cost_fen: int, today: date) -> None:
        """Also anew, when it was entered wrongly. Raises TripCancelled, TripNotOver, ReportedOutsideItsTime."""
        self.must_not_be_cancelled()
        if self.ends_on > today:
            raise TripNotOver
        if not self.ends_on <= reported_on <= today:
            raise ReportedOutsideItsTime
        self.reported_on, self.cost_fen, self.state = reported_on, cost_fen, TripState.COMPLETED

    def cancel(self) -> None:
        """Raises TripCancelled, TripCompleted."""
        self.must_not_be_cancelled()
        if self.state is TripState.COMPLETED:
            raise TripCompleted
        self.state = TripState.CANCELLED

    def must_not_be_cancelled(self) -> None:
        """Raises TripCancelled."""
        if self.state is TripState.CANCELLED:
            raise TripCancelled
