"""A title and its life: awarded, perhaps corrected, perhaps withdrawn; withdrawn is the end."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from certification.tables import Table
from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import certification as published
from contracts.certification import TitleKind


class TitleAlreadyAwarded(Conflict):
    title = "该人员的这个称号已按同一文号登记"


class AwardedInFuture(Invalid):
    title = "授予日不能晚于今天"


class ContestNotHeld(Conflict):
    title = "竞赛尚未登记成绩或已取消"


class NotPlaced(Conflict):
    title = "该人员在竞赛的这个项目中没有名次"


class TitleWithdrawn(Conflict):
    title = "称号已撤销"


class TitleWithdrawnOutsideItsTime(Invalid):
    title = "撤销日不能早于授予日，也不能晚于今天"


class Title(Aggregate, Table, table=True):
    """Who holds which title by which paper. From `withdrawn_on` it counts for nothing."""

    __tablename__ = "title"
    __table_args__ = (
        CheckConstraint("withdrawn_on >= awarded_on", name="withdrawn_after_awarded"),
        Index("uq_title_standing", "person_id", "kind", "paper_number", unique=True, postgresql_where=text("withdrawn_on IS NULL")),
        Index("ix_title_person_id", "person_id", "id"),
    )
    title: ClassVar[str] = "称号"
    publishes = published.Title

    person_id: UUID
    kind: TitleKind = Field(sa_type=one_of(TitleKind, "kind"))
    occupation: str | None = None
    awarded_on: date
    paper_number: str = Field(max_length=60)
    contest_id: UUID | None = None
    withdrawn_on: date | None = None

    def must_not_be_awarded_after(self, today: date) -> None:
        """Raises AwardedInFuture."""
        if self.awarded_on > today:
            raise AwardedInFuture

    def must_stand(self) -> None:
        """Raises TitleWithdrawn."""
        if self.withdrawn_on is not None:
            raise TitleWithdrawn

    def withdraw(self, on: date, *, today: date) -> None:
        """Raises TitleWithdrawn, TitleWithdrawnOutsideItsTime."""
        self.must_stand()
        if not self.awarded_on <= on <= today:
            raise TitleWithdrawnOutsideItsTime
        self.withdrawn_on = on
