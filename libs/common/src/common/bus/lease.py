"""A lease: who alone does a thing now. It ends by itself, because a session lock is not released by a process that hangs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import asyncpg


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
