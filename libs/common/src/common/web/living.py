"""Examples that work as given: in an invented city the made-up ids of a document give way to those of rows that stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from common.service import Running


def newest(table: str, *, first: str = "id IS NOT NULL", where: str = "TRUE") -> str:
    """The query for a table's newest row, of those that are `first` if there are any."""
    return f"SELECT id FROM {table} WHERE {where} ORDER BY ({first}) DESC, id DESC LIMIT 1"  # noqa: S608 - written by us, in app.py


async def living_ids(running: Running, queries: Mapping[str, str]) -> dict[str, str]:
    """Name → id, of the queries that find a row."""
    found: dict[str, str] = {}
    async with running.database.transaction() as session:
        for name, query in queries.items():
            row_id = (await session.execute(text(query))).scalar_one_or_none()
            if row_id is not None:
                found[name] = str(row_id)
    return found


def with_ids(document: str, ids: Mapping[str, str]) -> str:
    """The document with each made-up id replaced."""
    return re.sub("|".join(map(re.escape, ids)), lambda each: ids[each[0]], document) if ids else document
