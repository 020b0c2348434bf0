"""What is owed and why: entitlements, the decision behind each of their changes, and who is counted for whom."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from awards.tables import Table
from common.database.columns import fen, instant, json, one_of
from common.work import Aggregate
from contracts import awards as published
from contracts.awards import EntitlementState, PayeeKind


class Entitlement(Aggregate, Table, table=True):
    """What one scheme owes for one key: the database itself refuses to owe twice. Written by reconciliation alone.

    `due_fen` is what the rules say now, `accruing_fen` what will be due when only the closing day passes, `settled_fen` what has been paid.
    A displaced row says by what, and in `would_be_fen` what it would be; when the winner was paid to the same payee and less, the row is due
    and `due_fen` is the difference (补足差额). A withdrawn row stays and comes back when the facts come back.
    """

    __tablename__ = "entitlement"
    __table_args__ = (
        UniqueConstraint("scheme", "entitlement_key"),
        CheckConstraint("due_fen = 0 OR state = 'DUE'", name="due_is_due"),
        CheckConstraint("accruing_fen = 0 OR state = 'ACCRUING'", name="accruing_is_accruing"),
        CheckConstraint("due_fen >= 0 AND accruing_fen >= 0 AND would_be_fen >= 0 AND settled_fen >= 0", name="no_negative_sum"),
        CheckConstraint("state <> 'DISPLACED' OR displaced_by_key IS NOT NULL", name="displaced_by_another"),
        CheckConstraint("(displaced_by_key IS NULL) = (displaced_by_scheme IS NULL)", name="displaced_by_one_that_is_named"),
        CheckConstraint("displaced_by_key IS NULL OR state IN ('DISPLACED', 'DUE', 'ACCRUING')", name="displaced_is_due_or_would_be"),
        CheckConstraint("displaced_by_key IS NOT NULL OR would_be_fen = 0", name="would_be_is_displaced"),
        CheckConstraint("settled_fen + carried_fen >= 0", name="nothing_given_away_that_was_not_settled"),
        CheckConstraint("displaced_by_key IS NULL OR due_fen + accruing_fen <= would_be_fen", name="topped_up_to_the_difference"),
        Index("ix_entitlement_dossier", "dossier_kind", "dossier_id"),
        Index("ix_entitlement_person_id", "person_id", "id"),
        Index("ix_entitlement_payee_id", "payee_id", "id"),
    )

    title: ClassVar[str] = "待遇"
    publishes = published.Entitlement
    is_reconciled = True

    scheme: str
    entitlement_key: str
    dossier_kind: str
    dossier_id: str
    payee_kind: PayeeKind = Field(sa_type=one_of(PayeeKind, "payee_kind"))
    payee_id: UUID
    person_id: UUID | None
    state: EntitlementState = Field(sa_type=one_of(EntitlementState, "state"))
    due_fen: int = Field(sa_type=fen)
    accruing_fen: int = Field(sa_type=fen)
    would_be_fen: int = Field(sa_type=fen)
    settled_fen: int = Field(sa_type=fen)
    carried_fen: int = Field(default=0, sa_type=fen, sa_column_kwargs={"server_default": text("0")})
    """What was settled for it under another id of its person; of the other id's row the same, less than nothing."""
    displaced_by_scheme: str | None
    displaced_by_key: str | None
    decided_on: date
    decision_id: UUID


class Decision(Table, table=True):
    """Why an entitlement became what it is (认定记录): enough to replay the rule bit for bit. Only ever added to."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_entitlement_id", "entitlement_id", "id"),)

    id: UUID = Field(primary_key=True)
    entitlement_id: UUID
    entitlement_version: int
    recorded_at: datetime = Field(sa_type=instant)
    business_day: date
    ground_kind: str | None
    ground: dict[str, Any] | None = Field(sa_type=json)
    """The ground as it was judged; None: there was none any more."""
    rule_hash: str
    parameter_set_hash: str
    outcome: str
    amount_fen: int = Field(sa_type=fen)
    state: EntitlementState = Field(sa_type=one_of(EntitlementState, "state"))
    displaced_by_scheme: str | None
    displaced_by_key: str | None
    left_fen: int = Field(default=0, sa_type=fen, sa_column_kwargs={"server_default": text("0")})
    """Of a displaced sum: what is owed all the same, as the difference to what the same payee was paid."""
    cause: str


class Delivered(Table, table=True):
    """Which placement of a person counts, and for which partner and year: at most one in his life (A52)."""

    __tablename__ = "delivered"
    __table_args__ = (Index("ix_delivered_partner_id", "partner_id", "year"),)

    person_id: UUID = Field(primary_key=True)
    placement_id: UUID
    partner_id: UUID
    year: int


class MergedPerson(Table, table=True):
    """Who an alias was found to be when its dossier was last computed: when that changes, both are computed anew."""

    __tablename__ = "merged_person"

    person_id: UUID = Field(primary_key=True)
    canonical_id: UUID


class UndecidedDelivery(Table, table=True):
    """For which partner and year a person may count once it is known what this awaits; he counts for nobody until then."""

    __tablename__ = "undecided_delivery"
    __table_args__ = (Index("ix_undecided_delivery_partner_id", "partner_id", "year"),)

    person_id: UUID = Field(primary_key=True)
    partner_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    placement_id: UUID
    awaits: str
