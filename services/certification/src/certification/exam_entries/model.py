"""A person's entry for a sitting and its life: entered → settled, perhaps settled anew; or withdrawn."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from certification.sittings.model import NotHeldYet, Sitting
from certification.tables import Table
from common.database.columns import fen
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import certification as published


class AlreadyEntered(Conflict):
    title = "该人员已报名此鉴定批次"


class WithdrawnSince(Conflict):
    title = "该人员在这个报名日之后撤销过报名，请按新的报名日登记"


class RegisteredInFuture(Invalid):
    title = "报名日不能晚于今天"


class RegisteredAfterSitting(Invalid):
    title = "报名日晚于鉴定日"


class FeeUnknown(Conflict):
    title = "职业目录没有登记该职业、等级的鉴定费"


class EntryWithdrawn(Conflict):
    title = "报名已撤销"


class TookPart(Conflict):
    title = "该人员已参加鉴定，不能撤销报名"


class ChargedAboveFee(Invalid):
    title = "本人实付多于鉴定费"


class WithdrawnOutsideItsTime(Invalid):
    title = "撤销日不能早于报名日，也不能晚于今天"


class ExamEntry(Aggregate, Table, table=True):
    """Who registered when, which attempt it is, and what it costs. The fee is that of the day on which it was entered, and stays."""

    __tablename__ = "exam_entry"
    __table_args__ = (
        CheckConstraint("attempt >= 1", name="attempt"),
        CheckConstraint("fee_fen >= 0", name="fee"),
        CheckConstraint("charged_fen BETWEEN 0 AND fee_fen", name="charged_of_fee"),
        CheckConstraint("withdrawn_on >= registered_on", name="withdrawn_after_registered"),
        CheckConstraint("withdrawn_on IS NULL OR took_part IS NOT TRUE", name="withdrawn_or_took_part"),
        Index("uq_exam_entry_standing", "person_id", "sitting_id", unique=True, postgresql_where=text("withdrawn_on IS NULL")),
        Index("ix_exam_entry_person_id", "person_id", "id"),
        Index("ix_exam_entry_sitting_id", "sitting_id", "id"),
        Index("ix_exam_entry_school_id", "school_id", "id"),
    )
    title: ClassVar[str] = "鉴定报名"
    publishes = published.ExamEntry

    person_id: UUID
    sitting_id: UUID
    school_id: UUID | None = None
    registered_on: date
    attempt: int = 1
    fee_fen: int = Field(sa_type=fen)
    charged_fen: int = Field(default=0, sa_type=fen)
    took_part: bool | None = None
    withdrawn_on: date | None = None

    def must_be_in_time(self, sitting: Sitting, *, today: date) -> None:
        """Raises SittingNotPlanned, RegisteredInFuture, RegisteredAfterSitting."""
        sitting.must_be_planned()
        if self.registered_on > today:
            raise RegisteredInFuture
        if self.registered_on > sitting.held_on:
            raise RegisteredAfterSitting

    def must_not_repeat(self, earlier: "Iterable[ExamEntry]") -> None:
        """Beside his earlier entries for the same sitting. Raises AlreadyEntered, WithdrawnSince."""
        for each in earlier:
            if each.withdrawn_on is None:
                raise AlreadyEntered
            if self.registered_on < each.withdrawn_on:
                raise WithdrawnSince

    def settle(self, sitting: Sitting, *, took_part: bool, charged_fen: int, today: date) -> None:
        """Also anew, when it was entered wrongly. Raises EntryWithdrawn, NotHeldYet, ChargedAboveFee."""
        self.must_stand()
        if sitting.held_on > today:
            raise NotHeldYet
        if charged_fen > self.fee_fen:
            raise ChargedAboveFee
        self.took_part, self.charged_fen = took_part, charged_fen

    def withdraw(self, on: date, *, today: date) -> None:
        """Raises EntryWithdrawn, TookPart, WithdrawnOutsideItsTime."""
        self.must_stand()
        if self.took_part:
            raise TookPart
        if not self.registered_on <= on <= today:
            raise WithdrawnOutsideItsTime
        self.withdrawn_on = on

    def must_stand(self) -> None:
        """Raises EntryWithdrawn."""
        if self.withdrawn_on is not None:
            raise EntryWithdrawn
