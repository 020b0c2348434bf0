"""The audit row of an act: who did what to which row, and what changed. Personal values never stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from pydantic_core import to_json


class AuditRow(NamedTuple):
    """One line of the audit, in the order of the table's columns."""

    at: datetime
    actor: str
    role: str
    operation: str
    subject: str
    subject_id: UUID | None
    version: int | None
    verb: str
    cause: str
    request_id: str | None
    changes: str


def changes(was: Mapping[str, Any] | None, now: Mapping[str, Any], *, private: frozenset[str]) -> str:
    """What changed, as JSON: {column: [before, after]}, {column: null} for a private one; empty for a new row."""
    if was is None:
        return "{}"
    different = {name: None if name in private else [was[name], now[name]] for name in now if now[name] != was[name]}
    different.pop("version", None)
    return to_json(different).decode()


async def insert_audit(connection: asyncpg.Connection, rows: Sequence[AuditRow]) -> None:
    """Append the rows in the transaction of the act."""
    if rows:
        await connection.copy_records_to_table("audit", records=rows, columns=AuditRow._fields)
