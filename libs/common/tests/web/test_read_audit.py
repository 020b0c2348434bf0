"""Who looked at whom is written within a second, and a database that is away for a while loses nothing of it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from common.database.engine import Database, raw
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
    async with asyncio.timeout(10):
        with capture_logs() as logs:
            while not any(line["event"] == "read_audit_waits" for line in logs):
                await asyncio.sleep(0.05)
    audit.saw(look("second"))
    await _do(database, "ALTER TABLE elsewhere RENAME TO read_audit")

    async with asyncio.timeout(10):
        while await _purposes(database) != ["first", "second"]:
            await asyncio.sleep(0.05)
    writing.cancel()


async def test_the_end_writes_what_has_collected(database: Database) -> None:
    audit = ReadAudit(database)
    writing = asyncio.create_task(audit.run())
    await asyncio.sleep(0)
    audit.saw(look("last"))
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    assert await _purposes(database) == ["last"]


async def _do(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        await (await raw(session)).execute(statement)


async def _purposes(database: Database) -> list[str]:
    async with database.transaction() as session:
        return [row["purpose"] for row in await (await raw(session)).fetch("SELECT purpose FROM read_audit ORDER BY id")]
