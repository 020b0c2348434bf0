"""Rules and figures kept by content, so that every decision can be replayed with exactly those that made it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from awards.tables import Table
from common.database.columns import instant, json


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
    first_used_at: datetime = Field(sa_type=instant)


class InForce(Table, table=True):
    """What the rows were last computed with: one row. Another set at start-up means that everything is computed anew."""

    __tablename__ = "in_force"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(primary_key=True, default=1)
    hash: str
