"""Many rows of one model at once: new ones by COPY, changed ones by one UPDATE. As many statements take several times as long."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import Column, String, Table
from sqlalchemy.dialects.postgresql import asyncpg as dialects

_DIALECT: Any = dialects.dialect()  # type: ignore[no-untyped-call]


async def copy_rows(connection: asyncpg.Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by column name, each with the same columns; values as the model has them."""
    writers = _writers(table)
    columns = tuple(name for name in rows[0] if name in writers)
    writes = [(name, writers[name]) for name in columns]
    records = [tuple(row[name] if write is None else write(row[name]) for name, write in writes) for row in rows]
    await connection.copy_records_to_table(table.name, records=records, columns=columns)


async def update_rows(connection: asyncpg.Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, columns: Collection[str]) -> None:
    """Change these columns of the rows, found by their `id`; values as the model has them. Raises RowsMissing."""
    writers = _writers(table)
    names = ("id", *(name for name in columns if name != "id"))
    values = [[row[name] if (write := writers[name]) is None else write(row[name]) for row in rows] for name in names]
    arrays = ", ".join(f"${nth}::{_array_of(table.columns[name])}" for nth, name in enumerate(names, start=1))
    quoted = [f'"{name}"' for name in names]
    changed = ", ".join(f"{name} = n.{name}" for name in quoted[1:])
    query = f'UPDATE "{table.name}" AS t SET {changed} FROM unnest({arrays}) AS n({", ".join(quoted)}) WHERE t.id = n.id'  # noqa: S608 - declared names
    status = await connection.execute(query, *values)
    if status != f"UPDATE {len(rows)}":
        raise RowsMissing(f"{table.name}: {len(rows)} rows to be changed, {status}")


class RowsMissing(RuntimeError):
    """Rows that were read under a lock are no longer there."""


def _array_of(column: Column[Any]) -> str:
    # A cast to varchar(64) would cut without a word what the column itself refuses.
    return "text[]" if isinstance(column.type, String) else f"{column.type.compile(_DIALECT)}[]"


@cache
def _writers(table: Table) -> dict[str, Callable[[Any], Any] | None]:
    """What SQLAlchemy itself would do to a value of each column; None: nothing."""
    return {column.name: column.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for column in table.columns}
