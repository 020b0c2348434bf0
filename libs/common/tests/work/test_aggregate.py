"""New rows: what they are given, and what they have by default."""

from typing import Any, ClassVar

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from common.database.columns import json
from common.work import Aggregate


class Table(SQLModel, registry=registry(metadata=MetaData())):
    """A table that stands in no database."""


class Parcel(Aggregate, Table, table=True):
    title: ClassVar[str] = "包裹"

    label: str
    weight_kg: int = 1
    note: str | None = None
    contents: list[str] = Field(default=[], sa_type=json)
    handling: dict[str, Any] = Field(default_factory=lambda: {"fragile": False}, sa_type=json)


def test_a_new_row_is_what_it_was_given_and_its_defaults() -> None:
    plain, full = Parcel(label="A"), Parcel(label="B", weight_kg=2, note="left", contents=["book"], handling={})

    assert plain.row() == {
        "id": plain.id, "version": 0, "label": "A", "weight_kg": 1, "note": None, "contents": [], "handling": {"fragile": False},
    }  # fmt: skip
    assert full.row() == {
        "id": full.id, "version": 0, "label": "B", "weight_kg": 2, "note": "left", "contents": ["book"], "handling": {},
    }  # fmt: skip


@pytest.mark.parametrize("column", ["id", "contents", "handling"])
def test_two_new_rows_share_nothing_that_can_change(column: str) -> None:
    one, other = Parcel(label="A"), Parcel(label="A")

    assert getattr(one, column) is not getattr(other, column)
