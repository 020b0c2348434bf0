"""A sitting (鉴定批次) and its life: planned → completed | annulled; completed → annulled."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from certification.tables import Table
from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import certification as published
from contracts.certification import EvaluationMode, SittingState


class SittingNotPlanned(Conflict):
    title = "鉴定批次已完成或已作废"


class SittingAlreadyAnnulled(Conflict):
    title = "鉴定批次已作废"


class SittingAnnulled(Conflict):
    title = "鉴定批次已作废，不能再凭它发证"


class MorePassedThanEntered(Invalid):
    title = "合格人数多于参加人数"


class NotHeldYet(Conflict):
    title = "鉴定日期未到，不能登记结果"


class Sitting(Aggregate, Table, table=True):
    """One appraisal sitting of one occupation and level, by one body."""

    __tablename__ = "sitting"
    __table_args__ = (
        CheckConstraint("level_code BETWEEN 1 AND 5", name="level_code"),
        CheckConstraint("passed_count BETWEEN 0 AND entered_count", name="passed_of_entered"),
    )
    title: ClassVar[str] = "鉴定批次"
    publishes = published.Sitting

    mode: EvaluationMode = Field(sa_type=one_of(EvaluationMode, "mode"))
    body_id: UUID
    occupation: str
    level_code: int
    held_on: date
    entered_count: int = 0
    passed_count: int = 0
    state: SittingState = Field(default=SittingState.PLANNED, sa_type=one_of(SittingState, "state"))

    def complete(self, *, entered_count: int, passed_count: int, today: date) -> None:
        """Enter the counts. Raises SittingNotPlanned, MorePassedThanEntered, NotHeldYet."""
        self.must_be_planned()
        if passed_count > entered_count:
            raise MorePassedThanEntered
        if self.held_on > today:
            raise NotHeldYet
        self.entered_count, self.passed_count, self.state = entered_count, passed_count, SittingState.COMPLETED

    def must_be_planned(self) -> None:
        """Raises SittingNotPlanned."""
        if self.state is not SittingState.PLANNED:
            raise SittingNotPlanned

    def must_stand(self) -> None:
        """Raises SittingAnnulled."""
        if self.state is SittingState.ANNULLED:
            raise SittingAnnulled

    def annul(self) -> None:
        """It never counted. Raises SittingAlreadyAnnulled."""
        if self.state is SittingState.ANNULLED:
            raise SittingAlreadyAnnulled
        self.state = SittingState.ANNULLED
