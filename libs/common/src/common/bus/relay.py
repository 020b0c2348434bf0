"""The relay: one per service takes committed events to the bus, and deletes them once the bus has acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from uuid import uuid4

import asyncpg
import structlog

from common.bus.envelope import seal
from common.bus.outbox import event_of
from common.bus.protocol import Bus
from common.database.engine import Database
from common.database.lease import Lease, give_back, is_held, take_lease
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
        self._database, self._bus, self._wake, self._lease_seconds = database, bus, wake, lease_seconds
        self._holder = uuid4()
        self._lease: Lease | None = None
        self._renew_at = 0.0
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
                    # The lease is still ours as far as we know: it is asked for again at once, and given back when we end.
                    self._after_id, self._renew_at = 0, 0.0
                    await asyncio.sleep(backoff)
                    backoff = min(backoff * 2, 5.0)
                    continue
                if not sent:
                    await self._rest()
        finally:
            await asyncio.shield(self._leave())

    async def _rest(self) -> None:
        await rung(self._wake, within_seconds=_POLL_SECONDS if self._lease else 0.5)
        self._wake.clear()

    async def _leave(self) -> None:
        """When the database is away the lease ends by itself: whoever stops us must not be held up by that."""
        if self._lease:
            try:
                async with self._database.raw_transaction() as connection:
                    await give_back(connection, self._lease)
            except Exception as error:
                _log.warning("lease_not_given_back", error=type(error).__name__)

    async def step(self) -> int:
        """Publish one batch; how many events it had. 0 also when another relay holds the lease."""
        if time.monotonic() >= self._renew_at:
            await self._renew()
        if self._lease is None:
            return 0
        if time.monotonic() >= self._full_scan_at:
            self._after_id, self._full_scan_at = 0, time.monotonic() + _FULL_SCAN_SECONDS
        async with self._database.raw_transaction() as connection:
            is_behind = await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE id > $1)", self._after_id)
            rows = await connection.fetch("SELECT * FROM outbox ORDER BY id LIMIT $1", _BATCH) if is_behind else []
        if rows:
            await self._bus.publish([seal(event_of(row)) for row in rows])
            self._sent(len(rows))
            await self._delete(self._lease, rows)
            self._after_id = rows[-1]["id"]
        return len(rows)

    async def _renew(self) -> None:
        async with self._database.raw_transaction() as connection:
            self._lease = await take_lease(connection, NAME, self._holder, seconds=self._lease_seconds)
        self._renew_at = time.monotonic() + (self._lease_seconds / 3 if self._lease else 0.5)

    async def _delete(self, lease: Lease, rows: Sequence[asyncpg.Record]) -> None:
        """What was acknowledged leaves the outbox and is counted. A relay that has lost its lease in between deletes nothing: its
        successor publishes these again, and readers know a version they have heard.
        """
        async with self._database.raw_transaction() as connection:
            if not await is_held(connection, lease):
                self._lease, self._renew_at = None, 0.0
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
