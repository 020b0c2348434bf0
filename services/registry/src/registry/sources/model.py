"""A source of facts and the day since which it is complete."""

from datetime import date
from typing import ClassVar

from sqlmodel import Field

from common.database.columns import one_of
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import SourceKind
from registry.tables import Table


class Source(Aggregate, Table, table=True):
    """One row for each kind of source."""

    __tablename__ = "source"
    title: ClassVar[str] = "数据来源"
    publishes = published.Source

    kind: SourceKind = Field(unique=True, sa_type=one_of(SourceKind, "kind"))
    complete_since: date
