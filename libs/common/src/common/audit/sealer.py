"""The sealer: one per service ties the rows of the audit into the chain, seconds after their commit and without holding anybody up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import date

import asyncpg
import structlog

from common.audit.heads import Head, HeadFiles, heads_of_days, newest_head
from common.audit.seal import CONTENT, GENESIS, AuditKeys, Seal
from common.database.engine import Database, is_transient
from common.database.lease import Claim
from common.waking import rung

_log = structlog.get_logger(__name__)
_LOOK_SECONDS = 2.0
"""Other processes cannot ring: so often is looked for what they have committed."""
_GATHER_SECONDS = 0.2
"""What is committed together is sealed together: writers and sealer share a machine."""
_WHOLE_SECONDS = 2.0
"""So often is looked for what committed late, with an id behind the last that was seen."""
_BATCH = 500
_REST_AFTER_BREAK_SECONDS = 5.0


class ChainBroken(RuntimeError):
    """The chain no longer contains a seal that we have set or that was exported: nothing is built upon what somebody has cut."""

    def __init__(self, seal_no: int) -> None:
        super().__init__(f"seal {seal_no} is missing or is another")
        self.seal_no = seal_no


class Sealer:
    """A candidate for the service's one sealer; the holder of the lease works, the others wait. Should two work, the number of a seal, which is unique, decides."""

    def __init__(
        self, database: Database, keys: AuditKeys, *, heads: HeadFiles | None, wake: asyncio.Event, lease_seconds: float = 10.0
    ) -> None:
        """`heads`: where the chain's heads are exported; None: nowhere."""
        self._database, self._keys, self._heads, self._wake = database, keys, heads, wake
        self._claim = Claim(database, "sealer", seconds=lease_seconds)
        self._known: Seal | Head | None = None
        """A seal that the chain must contain."""
        self._has_read_heads = False
        self._exports = True
        self._closed = date.min
        self._place = _Place()

    async def run(self) -> None:
        """Until cancelled; then the lease is given back at once."""
        backoff = 0.1
        try:
            while True:
                try:
                    await self.step()
                    backoff = 0.1
                except ChainBroken as broken:
                    _log.error("audit_chain_broken", seal_no=broken.seal_no)
                    await asyncio.sleep(_REST_AFTER_BREAK_SECONDS)
                    continue
                except Exception as error:
                    tell = _log.warning if is_transient(error) else _log.exception
                    tell("sealer_waits", error=type(error).__name__)
                    self._claim.doubt()
                    await asyncio.sleep(backoff)
                    backoff = min(backoff * 2, 5.0)
                    continue
                if not self._place.is_under_way:
                    await self._rest()
        finally:
            await asyncio.shield(self._claim.leave())

    async def _rest(self) -> None:
        await rung(self._wake, within_seconds=_LOOK_SECONDS)
        await asyncio.sleep(_GATHER_SECONDS)
        self._wake.clear()

    async def step(self) -> int:
        """Seal one batch; how many rows it had. 0 also when another sealer holds the lease. Raises ChainBroken."""
        if not await self._claim.is_ours():
            return 0
        await self._read_heads()
        sealed, newest = list[Seal](), None
        try:
            async with self._database.raw_transaction() as connection:
                # Whoever is stopped in the midst of it holds nobody up: the server ends his transaction. And what has been sealed is on
                # the disk before a head of it is known outside.
                await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL synchronous_commit = on")
                last = await self._last(connection)
                today = await connection.fetchval("SELECT day FROM business_day")
                if last and today and last.day < today:
                    await self._close_day(connection, last)
                if today is None:
                    return 0
                sealed = await self._seal_batch(connection, last, today)
                if sealed and self._heads:
                    newest = await newest_head(connection)
        except asyncpg.UniqueViolationError:
            _log.info("another_sealer_at_work")
            self._claim.doubt()
            return 0
        self._place.confirm()
        if sealed:
            self._known = sealed[-1]
        if self._heads is not None:
            await self._export(self._heads, newest)
        return len(sealed)

    async def _last(self, connection: asyncpg.Connection) -> Seal | None:
        """The chain's end. Raises ChainBroken when a seal that we know is no longer in it."""
        if self._known is not None:
            hash_ = await connection.fetchval("SELECT hash FROM audit_seal WHERE seal_no = $1", self._known.seal_no)
            if hash_ != self._known.hash:
                raise ChainBroken(self._known.seal_no)
        row = await connection.fetchrow(f"SELECT {', '.join(Seal._fields)} FROM audit_seal ORDER BY seal_no DESC LIMIT 1")  # noqa: S608 - declared names
        return Seal(*row) if row else None

    async def _seal_batch(self, connection: asyncpg.Connection, last: Seal | None, today: date) -> list[Seal]:
        sealed: list[Seal] = []
        for audit_id, content in await self._place.unsealed(connection):
            seal_no, previous = (last.seal_no + 1, last.hash) if last else (1, GENESIS)
            last = self._keys.seal(seal_no, audit_id, today, previous, content)
            sealed.append(last)
        if sealed:
            await connection.copy_records_to_table("audit_seal", records=sealed, columns=Seal._fields)
        return sealed

    async def _close_day(self, connection: asyncpg.Connection, last: Seal) -> None:
        """A later day has begun: how the chain stands is the head of the day of its last seal."""
        if self._closed == last.day:
            return
        before = await connection.fetchval("SELECT coalesce(max(seal_no), 0) FROM audit_head WHERE day < $1", last.day)
        await connection.execute(
            "INSERT INTO audit_head (day, seal_no, count, hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            last.day,
            last.seal_no,
            last.seal_no - before,
            last.hash,
        )
        self._closed, self._exports = last.day, True

    async def _read_heads(self) -> None:
        """What was exported before this process began must be in the chain. Raises UnreadableHeads, OSError."""
        if self._heads is not None and not self._has_read_heads:
            self._known = await asyncio.to_thread(self._heads.furthest)
        self._has_read_heads = True

    async def _export(self, files: HeadFiles, newest: Head | None) -> None:
        """What could not be written is written later: `verify` tells of it, and no act waits for it."""
        try:
            if self._exports:
                async with self._database.raw_transaction() as connection:
                    heads = await heads_of_days(connection)
                await asyncio.to_thread(files.export, heads)
                self._exports = False
            if newest is not None:
                await asyncio.to_thread(files.keep, newest)
        except Exception as error:
            _log.warning("audit_head_not_exported", error=type(error).__name__)


class _Place:
    """Where rows without a seal are looked for. They do not commit in the order of their ids: a quick pass looks behind the last id that was seen, a whole
    one every few seconds from `_floor` on, below which none is missing.

    An id that was given out belongs to a transaction that has its number by then. When all that were under way have ended, no row can appear any more
    among the ids given out before; a whole pass that begins now sees them all, and the next one begins behind them.
    """

    def __init__(self) -> None:
        self.is_under_way = False
        """Whether a pass has begun and not yet come to its end."""
        self._floor = self._next_floor = self._at = self._end = 0
        self._looked_to, self._is_last = 0, True
        self._is_whole, self._whole_began, self._whole_again_at = True, 0.0, 0.0
        self._settling: tuple[int, int] | None = None
        """An id, and the number below which every transaction must have ended."""

    async def unsealed(self, connection: asyncpg.Connection) -> Sequence[tuple[int, Sequence[str | None]]]:
        """Those among the next rows that have no seal, with their content. `confirm` when that is committed; the same ones again when not."""
        if not self.is_under_way:
            await self._begin(connection)
        rows = await connection.fetch(_NEXT_ROWS, self._at, _BATCH)
        self._looked_to, self._is_last = rows[-1]["id"] if rows else self._at, len(rows) < _BATCH
        return [(row["id"], row["content"]) for row in rows if row["content"] is not None]

    def confirm(self) -> None:
        """What was found is sealed."""
        self._at, self.is_under_way = self._looked_to, not self._is_last
        if not self._is_last:
            return
        self._end = max(self._end, self._looked_to)
        if self._is_whole:
            self._floor = max(self._floor, self._next_floor)
            # A transaction that lasts for long keeps the floor down: looking over everything above it must not become all that is done.
            took = time.monotonic() - self._whole_began
            self._whole_again_at = time.monotonic() + max(_WHOLE_SECONDS, 10 * took)

    async def _begin(self, connection: asyncpg.Connection) -> None:
        self._is_whole = time.monotonic() >= self._whole_again_at
        self._at = self._floor if self._is_whole else self._end
        if not self._is_whole:
            return
        self._whole_began = time.monotonic()
        # In this order: whoever has one of these ids is under way by now, or has ended.
        given_out = await connection.fetchval("SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM audit_id_seq")
        row = await connection.fetchrow(_TRANSACTIONS)
        if self._settling is not None and row["oldest"] >= self._settling[1]:
            self._next_floor, self._settling = self._settling[0], None
        if self._settling is None:
            self._settling = given_out, row["next"]


_TRANSACTIONS = """
    SELECT pg_snapshot_xmin(now)::text::bigint AS oldest, pg_snapshot_xmax(now)::text::bigint AS next FROM pg_current_snapshot() AS now
"""
# The rows first, then one look into the index for each: a plan that joins all of both tables is not to be had.
_NEXT_ROWS = f"""
    SELECT a.id, CASE WHEN sealed.seal_no IS NULL THEN {CONTENT} END AS content
    FROM (SELECT * FROM audit WHERE id > $1 ORDER BY id LIMIT $2) AS a
    LEFT JOIN LATERAL (SELECT seal_no FROM audit_seal AS s WHERE s.audit_id = a.id LIMIT 1) AS sealed ON true ORDER BY a.id
"""  # noqa: S608 - declared columns
