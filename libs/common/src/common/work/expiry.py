"""What need not be kept for ever: Idempotency-Keys, thirty days after their request."""

from __future__ import annotations

import asyncio

import structlog

from common.database.engine import Database, is_transient

_log = structlog.get_logger(__name__)
_EVERY_SECONDS = 3600
_ROWS_AT_ONCE = 1000
"""So short a transaction holds nobody up; the rest is for the next one."""


class Expiry:
    """Removes what has expired; any number of workers may do so at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Now and every hour, until cancelled."""
        while True:
            try:
                await self.remove()
            except Exception as error:
                tell = _log.warning if is_transient(error) else _log.exception
                tell("expired keys not removed, trying again", error=type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def remove(self) -> int:
        """Everything that has expired by now; how many rows that were."""
        removed = 0
        while True:
            async with self._database.raw_transaction() as connection:
                rows = await connection.fetch(REMOVE, _ROWS_AT_ONCE)
            removed += len(rows)
            if len(rows) < _ROWS_AT_ONCE:
                return removed


REMOVE = """
    DELETE FROM idempotency WHERE (principal, operation, key) IN (
        SELECT principal, operation, key FROM idempotency WHERE at < now() - interval '30 days' ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED
    ) RETURNING true
"""
