"""The relay: one per service takes committed events to the bus, and deletes them once the bus has acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence

import asyncpg
import structlog

from common.bus.envelope import seal
from common.bus.outbox import event_of
from common.bus.protocol import Bus
from common.database.engine import Database
from common.database.lease import ASK_AGAIN_SECONDS, Claim
from common.finishing import to_its_end
from common.waking import rung

_log = structlog.get_logger(__name__)
NAME = "relay"
"""The lease that the one relay of a service holds."""
_POLL_SECONDS = 0.02
_FULL_SCAN_SECONDS = 1.0
_BATCH = 500


class Relay:
    """A candidate for the service's one relay; the holder of the lease works, the others wait."""

    def __init__(
        self, database: Database, bus: Bus, *, wake: asyncio.Event, lease_seconds: float = 10.0, sent: Callable[[int], object] = int
    ) -> None:
        """`sent` hears how many events each batch had that the bus has acknowledged."""
        self._sent = sent
        self._database, self._bus, self._wake = database, bus, wake
        self._claim = Claim(database, NAME, seconds=lease_seconds)
        # Rows do not commit in the order of their ids. Whether there is anything behind the last id is a quick question; what is then
        # published is read from the beginning, so that a version never overtakes an older one of its aggregate that committed late.
        # What committed late and is followed by nothing is found by a full scan every second.
        self._after_id = 0
        self._full_scan_at = 0.0

    async def run(self) -> None:
        """Until cancelled; then the lease is given back at once."""
        backoff = 0.1
        try:
            while True:
                try:
                    sent = await to_its_end(self.step())
                    backoff = 0.1
                except Exception as error:
                    _log.warning("relay_waits", error=type(error).__name__)
                    self._after_id = 0
                    self._claim.doubt()
                    await asyncio.sleep(backoff)
                    backoff = min(backoff * 2, 5.0)
                    continue
                if not sent:
                    await self._rest()
        finally:
            await asyncio.shield(self._claim.leave())

    async def _rest(self) -> None:
        await rung(self._wake, within_seconds=_POLL_SECONDS if self._claim.was_ours else ASK_AGAIN_SECONDS)
        self._wake.clear()

    async def step(self) -> int:
        """Publish one batch; how many events it had. 0 also when another relay holds the lease."""
        if not await self._claim.is_ours():
            return 0
        if time.monotonic() >= self._full_scan_at:
            self._after_id, self._full_scan_at = 0, time.monotonic() + _FULL_SCAN_SECONDS
        async with self._database.raw_transaction() as connection:
            is_behind = await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE id > $1)", self._after_id)
            rows = await connection.fetch("SELECT * FROM outbox ORDER BY id LIMIT $1", _BATCH) if is_behind else []
        if rows:
            await self._bus.publish([seal(event_of(row)) for row in rows])
            self._sent(len(rows))
            await self._delete(rows)
            self._after_id = rows[-1]["id"]
        return len(rows)

    async def _delete(self, rows: Sequence[asyncpg.Record]) -> None:
        """What was acknowledged leaves the outbox and is counted. A relay that has lost its lease in between deletes nothing: its
        successor publishes these again, and readers know a version they have heard.
        """
        async with self._database.raw_transaction() as connection:
            if not await self._claim.still_holds(connection):
                return
            deleted = await connection.fetch("DELETE FROM outbox WHERE id = ANY($1::bigint[]) RETURNING topic", [row["id"] for row in rows])
            counts = sorted(Counter(row["topic"] for row in deleted).items())
            await connection.execute(
                """
                INSERT INTO published AS p (topic, events) SELECT * FROM unnest($1::text[], $2::bigint[])
                ON CONFLICT (topic) DO UPDATE SET events = p.events + excluded.events
                """,
                [topic for topic, _ in counts],
                [number for _, number in counts],
            )
