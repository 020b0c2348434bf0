"""A placement and its life: reported → confirmed ⇄ cancelled; what was reported may be corrected."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import matching as published
from contracts.matching import PlacementEvidence
from matching.tables import Table


class AlreadyReported(Conflict):
    title = "这条输送记录已经申报"


class AlreadyConfirmed(Conflict):
    title = "输送记录已确认"


class AlreadyCancelled(Conflict):
    title = "输送记录已取消"


class StartsInFuture(Invalid):
    title = "上岗日期不能晚于今天"


class CancelledOutsideItsTime(Invalid):
    title = "取消日不能早于上岗日，也不能晚于今天"


class YearIsClosed(Conflict):
    title = "该年度申报已截止，不能再申报或更正"


class Placement(Aggregate, Table, table=True):
    """One person, one partner, one employer, one first day. From `cancelled_on` it counts for nothing."""

    __tablename__ = "placement"
    __table_args__ = (
        UniqueConstraint("person_id", "partner_id", "employer_id", "started_on"),
        CheckConstraint("confirmed_on >= reported_on", name="confirmed_after_reported"),
        Index("ix_placement_partner_id", "partner_id", "id"),
    )
    title: ClassVar[str] = "输送记录"
    publishes = published.Placement

    person_id: UUID
    partner_id: UUID
    employer_id: UUID
    started_on: date
    evidence: PlacementEvidence = Field(sa_type=one_of(PlacementEvidence, "evidence"))
    reported_on: date
    confirmed_on: date | None = None
    cancelled_on: date | None = None

    def must_not_start_after(self, today: date) -> None:
        """Raises StartsInFuture."""
        if self.started_on > today:
            raise StartsInFuture

    def confirm(self, today: date) -> None:
        """Also one that was cancelled; it then counts as if it had never been. Raises AlreadyConfirmed."""
        if self.confirmed_on is not None and self.cancelled_on is None:
            raise AlreadyConfirmed
        self.confirmed_on, self.cancelled_on = self.confirmed_on or today, None

    def cancel(self, on: date, *, today: date) -> None:
        """Raises AlreadyCancelled, CancelledOutsideItsTime."""
        if self.cancelled_on is not None:
            raise AlreadyCancelled
        if not self.started_on <= on <= today:
            raise CancelledOutsideItsTime
        self.cancelled_on = on
