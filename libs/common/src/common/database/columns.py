"""Column types that SQLModel does not choose by itself: enumerations as checked text, instants, fen, JSON."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Enum
from sqlalchemy.dialects.postgresql import JSONB

# SQLModel types `sa_type` as a class, yet passes an instance on to SQLAlchemy as it is.
fen: Any = BigInteger()
instant: Any = DateTime(timezone=True)
json: Any = JSONB()


def one_of(kind: type[StrEnum], name: str) -> Any:
    """Text that the database itself holds to the enumeration's values, under the constraint `ck_<table>_<name>`."""
    return Enum(kind, native_enum=False, create_constraint=True, length=64, name=name, values_callable=lambda e: [m.value for m in e])
