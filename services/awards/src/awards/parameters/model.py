"""Figures with their history on two axes, and sets of them kept by content, so that every decision can be replayed with those that made it."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from awards.kernel.parameters import Entry, read_figure
from awards.tables import Table
from common.database.columns import instant, json
from common.work import Aggregate
from contracts import awards as published


class ParameterFigure(Aggregate, Table, table=True):
    """One value of a parameter: in force from `effective_from` on, known from `known_since` on. Nothing of it is ever edited.

    What takes its place is another row, and only `known_until` says so: what was known on a past day stays known of that day.
    """

    __tablename__ = "parameter_figure"
    __table_args__ = (
        Index("ix_parameter_figure_known", "parameter", "effective_from", unique=True, postgresql_where=text("known_until IS NULL")),
        CheckConstraint("valid_to >= effective_from", name="ends_after_it_begins"),
        CheckConstraint("known_until >= known_since", name="known_until_after_since"),
    )

    title: ClassVar[str] = "标准"
    publishes = published.Parameter

    parameter: str
    value: Any = Field(sa_type=json)
    """As in a seed file: a number, a word, a day, a mapping of level to number; null: not set."""
    effective_from: date
    valid_to: date | None = None
    published_on: date | None = None
    reviewed_until: date | None = None
    paper_number: str = ""
    known_since: datetime = Field(sa_type=instant)
    known_until: datetime | None = Field(default=None, sa_type=instant)
    proposal_id: UUID | None = None
    """By which proposal it was decided; None: it came with the program, as the first entry."""

    def entry(self) -> Entry:
        """Raises ParametersRefused."""
        days = ("effective_from", "valid_to", "published_on", "reviewed_until")
        written = {"value": self.value, "paper": self.paper_number} | {name: getattr(self, name) for name in days}
        return Entry(self.parameter, read_figure(self.parameter, written), self.known_since, self.known_until)


class ParameterSet(Table, table=True):
    """Every figure of one set."""

    __tablename__ = "parameter_set"

    hash: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=json)
    first_used_at: datetime = Field(sa_type=instant)


class RuleText(Table, table=True):
    """A rule as its tree was written out, and as the rule page read."""

    __tablename__ = "rule"

    hash: str = Field(primary_key=True)
    scheme: str
    signature: str
    description: dict[str, Any] = Field(sa_type=json)
    tree: dict[str, Any] | None = Field(default=None, sa_type=json)
    """All of it, to be read back (kernel/written.py); rules that were replaced before trees were kept have none."""
    first_used_at: datetime = Field(sa_type=instant)


class InForce(Table, table=True):
    """What the rows are computed with: one row. Other rules at start-up mean that everything is computed anew; other figures concern some."""

    __tablename__ = "in_force"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(primary_key=True, default=1)
    hash: str
    """Of the rules: whoever has others must end."""
    figures: str | None = None
    """Of the parameter set: whoever has another reads it."""
