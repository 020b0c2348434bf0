"""A ruling and its life: one person proposes, another decides; a third may reverse it."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from awards.tables import Table
from common.bus.fact import FactModel
from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import awards as published
from contracts.awards import PayeeKind, RulingKind


class RulingIsDecided(Conflict):
    title = "该裁定已经决定"


class RulingNotInForce(Conflict):
    title = "只有已作出、未撤销的裁定可以撤销"


class RulingDecidedByItsProposer(Conflict):
    title = "提出人不能自己决定：请另一位经办人决定"


class RulingReversedByItsDecider(Conflict):
    title = "作出裁定的人不能自己撤销：请另一位经办人办理"


class AlreadyRuled(Conflict):
    title = "同一事项已有相同的裁定，或正等待决定"


class EndsBeforeItBegins(Invalid):
    title = "截止日不能早于起始日"


class OnlyBansEnd(Invalid):
    title = "只有限制期有截止日；其他裁定至撤销前一直有效"


class RulingConcernsNothing(Invalid):
    title = "取消、放弃须写明哪一项权益；限制须写明当事人；动用裁量须写明待遇项目和事项"


class RulingState(StrEnum):
    PROPOSED = "PROPOSED"
    MADE = "MADE"
    DECLINED = "DECLINED"
    REVERSED = "REVERSED"


class Ruling(Aggregate, Table, table=True):
    """A finding about one entitlement, or about everything of one beneficiary. Nobody hears of it before it is decided."""

    __tablename__ = "ruling"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
        CheckConstraint("last_on IS NULL OR kind = 'BANNED'", name="only_bans_end"),
        CheckConstraint("(scheme IS NULL) = (kind = 'BANNED') AND (scheme IS NULL) = (entitlement_key IS NULL)", name="concerns_something"),
        CheckConstraint("decided_by <> proposed_by", name="decided_by_another"),
        CheckConstraint("reversed_by <> decided_by", name="reversed_by_another"),
        CheckConstraint("(decided_by IS NULL) = (state = 'PROPOSED')", name="decided_by_somebody"),
        CheckConstraint("(reversed_on IS NULL) = (state <> 'REVERSED')", name="reversed_on_a_day"),
        Index("ix_ruling_beneficiary_id", "beneficiary_id", "id"),
        Index(
            "uq_ruling_one_of_a_kind", "kind", "scheme", "entitlement_key", unique=True,
            postgresql_where=text("scheme IS NOT NULL AND state IN ('PROPOSED', 'MADE')"),
        ),
    )  # fmt: skip
    title: ClassVar[str] = "裁定"
    publishes = published.Ruling
    private = frozenset({"reason"})

    kind: RulingKind = Field(sa_type=one_of(RulingKind, "kind"))
    beneficiary_kind: PayeeKind = Field(sa_type=one_of(PayeeKind, "beneficiary_kind"))
    beneficiary_id: UUID
    scheme: str | None = None
    entitlement_key: str | None = None
    first_on: date
    last_on: date | None = None
    paper_number: str
    reason: str
    state: RulingState = Field(default=RulingState.PROPOSED, sa_type=one_of(RulingState, "state"))
    proposed_by: str
    decided_by: str | None = None
    reversed_by: str | None = None
    reversed_on: date | None = None

    def fact(self) -> FactModel | None:
        """What was only proposed, or declined, is no fact."""
        return super().fact() if self.state in (RulingState.MADE, RulingState.REVERSED) else None

    def must_end_after_it_begins(self) -> None:
        """Raises OnlyBansEnd, EndsBeforeItBegins."""
        if self.last_on is not None and self.kind is not RulingKind.BANNED:
            raise OnlyBansEnd
        if self.last_on is not None and self.last_on < self.first_on:
            raise EndsBeforeItBegins

    def be_decided(self, by: str, *, shall: bool) -> None:
        """Raises RulingIsDecided, RulingDecidedByItsProposer."""
        if self.state is not RulingState.PROPOSED:
            raise RulingIsDecided
        if by == self.proposed_by:
            raise RulingDecidedByItsProposer
        self.state, self.decided_by = RulingState.MADE if shall else RulingState.DECLINED, by

    def be_reversed(self, by: str, today: date) -> None:
        """From today on it counts for nothing. Raises RulingNotInForce, RulingReversedByItsDecider."""
        if self.state is not RulingState.MADE:
            raise RulingNotInForce
        if by == self.decided_by:
            raise RulingReversedByItsDecider
        self.state, self.reversed_by, self.reversed_on = RulingState.REVERSED, by, today
