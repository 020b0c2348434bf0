"""Lending's own tables."""

from typing import ClassVar

from sqlalchemy import Column, Integer, MetaData, Text
from sqlalchemy import Table as CoreTable
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from common.bus.fact import its
from common.bus.replicas import replica_tables, replicate
from common.database.foundation import NAMING
from common.refusal import Conflict
from common.work import Aggregate
from lending.facts import BookFact, LoanFact


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Every table model of lending derives from it."""


class BookIsChained(Conflict):
    title = "这本书不能移动"


class Book(Aggregate, Table, table=True):
    """`note` is private; a book that is not listed is nobody else's business."""

    __tablename__ = "book"
    title: ClassVar[str] = "书"
    publishes = BookFact
    private: ClassVar[frozenset[str]] = frozenset({"note"})

    name: str
    shelf: str = Field(index=True)
    note: str | None = None
    is_listed: bool = True

    def fact(self) -> BookFact | None:
        return BookFact.model_validate(self.row()) if self.is_listed else None

    def move(self, shelf: str) -> None:
        """Raises BookIsChained."""
        if self.name == "chained":
            raise BookIsChained
        self.shelf = shelf


loans = replicate(LoanFact, names={"reader": its("reader"), "book": its("book")})
replica_tables(Table.metadata, (loans,))

reckoning = CoreTable(
    "reckoning",
    Table.metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("days", Integer, nullable=False),
    Column("times", Integer, nullable=False),
)
"""What reconcilers write: the days that a reader has had books, and how often that was computed."""
