"""One person's employment by one organisation; its first day is part of what it is, its last day may come later."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import EmploymentEvidence, EmploymentKind
from registry.tables import Table


class EmploymentAlreadyKnown(Conflict):
    title = "该人员在该单位同日起的就业记录已登记"


class EndsBeforeItStarts(Invalid):
    title = "终止日期早于起始日期"


class StartsInFuture(Invalid):
    title = "起始日期不能晚于今天"


class Employment(Aggregate, Table, table=True):
    """Unique by person, organisation and first day; `ended_on` is the last day, inside."""

    __tablename__ = "employment"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "started_on"),
        CheckConstraint("ended_on >= started_on", name="ends_after_start"),
        Index("ix_employment_organisation_id", "organisation_id", "id"),
    )
    title: ClassVar[str] = "就业记录"
    publishes = published.Employment

    person_id: UUID
    organisation_id: UUID
    using_organisation_id: UUID | None = None
    kind: EmploymentKind = Field(sa_type=one_of(EmploymentKind, "kind"))
    started_on: date
    ended_on: date | None = None
    evidence: EmploymentEvidence = Field(sa_type=one_of(EmploymentEvidence, "evidence"))
    engaged_level_code: int | None = None

    def must_not_start_after(self, today: date) -> None:
        """Raises StartsInFuture."""
        if self.started_on > today:
            raise StartsInFuture

    def last_until(self, ended_on: date | None) -> None:
        """Raises EndsBeforeItStarts."""
        if ended_on is not None and ended_on < self.started_on:
            raise EndsBeforeItStarts
        self.ended_on = ended_on
