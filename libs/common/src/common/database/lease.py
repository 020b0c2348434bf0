"""A lease: who alone does a thing now. It ends by itself, because a session lock is not released by a process that hangs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import structlog

from common.database.engine import Database

_log = structlog.get_logger(__name__)
ASK_AGAIN_SECONDS = 0.5
"""Where somebody else holds it."""


@dataclass(frozen=True)
class Lease:
    """Held by `holder` in its `epoch`; every new holder has a higher one."""

    name: str
    holder: UUID
    epoch: int


async def take_lease(connection: asyncpg.Connection, name: str, holder: UUID, *, seconds: float) -> Lease | None:
    """Take a lease that nobody holds, or renew our own; None while somebody else holds it. The database's clock counts."""
    epoch = await connection.fetchval(
        """
        INSERT INTO lease AS l (name, holder, epoch, until) VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 second')
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
            epoch = l.epoch + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END
        WHERE l.holder = excluded.holder OR l.until < clock_timestamp() RETURNING epoch
        """,
        name,
        holder,
        seconds,
    )
    return None if epoch is None else Lease(name, holder, epoch)


async def is_held(connection: asyncpg.Connection, lease: Lease) -> bool:
    """Whether it is still ours, locked against a new holder until this transaction ends: the fence before every effect."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM lease WHERE name = $1 AND holder = $2 AND epoch = $3 FOR SHARE", lease.name, lease.holder, lease.epoch
        )
    )


async def give_back(connection: asyncpg.Connection, lease: Lease) -> None:
    """Let the next holder in at once."""
    await connection.execute(
        "UPDATE lease SET until = '-infinity' WHERE name = $1 AND holder = $2 AND epoch = $3", lease.name, lease.holder, lease.epoch
    )


class Claim:
    """One loop's claim on a lease: taken as soon as it is free, renewed in time, given back at the end."""

    def __init__(self, database: Database, name: str, *, seconds: float) -> None:
        self._database, self._name, self._seconds = database, name, seconds
        self._holder = uuid4()
        self._lease: Lease | None = None
        self._renew_at = 0.0

    async def is_ours(self) -> bool:
        """Whether the lease is ours as far as we know: whoever was stopped in between may have lost it."""
        if time.monotonic() >= self._renew_at:
            async with self._database.raw_transaction() as connection:
                self._lease = await take_lease(connection, self._name, self._holder, seconds=self._seconds)
            self._renew_at = time.monotonic() + (self._seconds / 3 if self._lease else ASK_AGAIN_SECONDS)
        return self._lease is not None

    @property
    def was_ours(self) -> bool:
        """When we last asked."""
        return self._lease is not None

    async def still_holds(self, connection: asyncpg.Connection) -> bool:
        """The fence before an effect: whether it is ours until this transaction ends. When it is not, we ask for it anew."""
        holds = self._lease is not None and await is_held(connection, self._lease)
        if not holds:
            self._lease, self._renew_at = None, 0.0
        return holds

    def doubt(self) -> None:
        """Ask again before the next step; it is ours until we know better, and given back at the end."""
        self._renew_at = 0.0

    async def leave(self) -> None:
        """When the database is away the lease ends by itself: whoever stops us must not be held up by that."""
        if self._lease:
            try:
                async with self._database.raw_transaction() as connection:
                    await give_back(connection, self._lease)
            except Exception as error:
                _log.warning("lease_not_given_back", name=self._name, error=type(error).__name__)
