"""Examples that work as given: in an invented city the made-up ids of a document give way to those of rows that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from common.service import Running


def newest(table: str, *, first: str = "id IS NOT NULL", where: str = "TRUE") -> str:
    """The query for a table's newest row, of those that are `first` if there are any."""
    return f"SELECT id FROM {table} WHERE {where} ORDER BY ({first}) DESC, id DESC LIMIT 1"  # noqa: S608 - written by us, in app.py


async def living_id(running: Running, query: str) -> str | None:
    """What one query finds."""
    async with running.database.transaction() as session:
        found = (await session.execute(text(query))).scalar_one_or_none()
    return None if found is None else str(found)


async def living_ids(services: Iterable[Running], made_up: Mapping[str, str]) -> dict[str, str]:
    """Made-up id → id of a living row. Where there is no such row yet the made-up one stays."""
    found: dict[str, str] = {}
    for running in services:
        for name, query in running.service.living.items():
            if row_id := await living_id(running, query):
                found[made_up[name]] = row_id
    return found


def with_ids(document: str, ids: Mapping[str, str]) -> str:
    """The document with each made-up id replaced."""
    return re.sub("|".join(map(re.escape, ids)), lambda each: ids[each[0]], document) if ids else document
