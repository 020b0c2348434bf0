"""Who looked at whom is written within a second, and a database that is away for a while loses nothing of it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from common.database.engine import Database, raw
from common.testing.until import until
from common.web.reading import ReadAudit


def look(purpose: str) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC), "actor": "clerk-7", "role": "CLERK", "operation": "read_book", "purpose": purpose, "request_id": None,
        "person_ids": [uuid7()],
    }  # fmt: skip


async def test_looks_while_the_database_refuses_are_written_when_it_takes_them_again(database: Database) -> None:
    audit = ReadAudit(database)
    writing = asyncio.create_task(audit.run())
    await _do(database, "ALTER TABLE read_audit RENAME TO elsewhere")
    audit.saw(look("first"))
    with capture_logs() as logs:
        await until(lambda: _said(logs, "read_audit_waits"))
    audit.saw(look("second"))
    await _do(database, "ALTER TABLE elsewhere RENAME TO read_audit")

    await until(lambda: _are_written(database, ["first", "second"]))
    writing.cancel()


async def test_the_end_writes_what_has_collected(database: Database) -> None:
    audit = ReadAudit(database)
    writing = asyncio.create_task(audit.run())
    await asyncio.sleep(0)
    audit.saw(look("last"))
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    assert await _purposes(database) == ["last"]


async def test_two_who_write_at_once_write_each_look_once(database: Database) -> None:
    audit = ReadAudit(database)
    audit.saw(look("only"))

    await asyncio.gather(audit.flush(), audit.flush())

    assert await _purposes(database) == ["only"]


async def _said(logs: Sequence[Mapping[str, Any]], event: str) -> bool:
    return any(line["event"] == event for line in logs)


async def _are_written(database: Database, purposes: list[str]) -> bool:
    return await _purposes(database) == purposes


async def _do(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        await (await raw(session)).execute(statement)


async def _purposes(database: Database) -> list[str]:
    async with database.transaction() as session:
        return [row["purpose"] for row in await (await raw(session)).fetch("SELECT purpose FROM read_audit ORDER BY id")]
