"""A year's catalogue: published, perhaps amended."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from common.database.columns import json
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from training.tables import Table


class CatalogueAlreadyPublished(Conflict):
    title = "该年度的紧缺目录已公布，请修订"


class CatalogueReversed(Invalid):
    title = "目录失效日早于生效日"


class Catalogue(Aggregate, Table, table=True):
    """`entries`: occupation and levels. Without `in_force_to` it stays until the next one replaces it (A62)."""

    __tablename__ = "catalogue"
    __table_args__ = (CheckConstraint("in_force_to >= in_force_from", name="in_force"),)
    title: ClassVar[str] = "紧缺目录"
    publishes = published.Catalogue

    year: int = Field(unique=True)
    entries: list[dict[str, Any]] = Field(sa_type=json)
    in_force_from: date
    in_force_to: date | None = None
    paper_number: str = Field(max_length=60)

    def must_be_in_order(self) -> None:
        """Raises CatalogueReversed."""
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            raise CatalogueReversed
