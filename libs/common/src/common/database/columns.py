"""Column types that SQLModel does not choose by itself (enumerations as checked text, instants, fen, JSON), and one among many."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Enum, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

# SQLModel types `sa_type` as a class, yet passes an instance on to SQLAlchemy as it is.
fen: Any = BigInteger()
instant: Any = DateTime(timezone=True)
json: Any = JSONB()


def one_of(kind: type[StrEnum], name: str) -> Any:
    """Text that the database itself holds to the enumeration's values, under the constraint `ck_<table>_<name>`."""
    return Enum(kind, native_enum=False, create_constraint=True, length=64, name=name, values_callable=lambda e: [m.value for m in e])


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column is one of many: as one array, where `in_` would write a parameter for each of a thousand."""
    is_one: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return is_one
