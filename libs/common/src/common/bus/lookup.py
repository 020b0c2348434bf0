"""Finding replicas by a public field: an organisation by its USCC, a class by its number."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Index, Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus.replicas import Replica
from common.database.engine import raw


def index_field(table: Table, field: str) -> Index:
    """The index that `ids_by_field` needs; declare it beside the replicas."""
    return Index(f"ix_{table.name}_{field}", text(f"(state ->> '{field}')"), _table=table)


async def ids_by_field(session: AsyncSession, replica: Replica, field: str, values: Collection[str]) -> dict[str, UUID]:
    """Value → id, for those that this service has heard of."""
    rows = await (await raw(session)).fetch(
        f"SELECT id, state ->> '{field}' AS value FROM {replica.table} WHERE state ->> '{field}' = ANY($1::text[])",  # noqa: S608 - declared names
        list(values),
    )
    return {row["value"]: row["id"] for row in rows}
