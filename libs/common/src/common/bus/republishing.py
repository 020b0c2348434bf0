"""Publishing anew what a service owns, straight from its tables: after a restore, or when the log itself is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from common.bus.envelope import seal
from common.bus.event import Event
from common.bus.fact import REPUBLISHED, FactModel
from common.bus.relay import NAME as RELAY
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.database.lease import Lease, give_back, take_lease
from common.work.aggregate import Aggregate

if TYPE_CHECKING:
    from common.service import Running

_CHUNK = 1000
_LEASE_SECONDS = 60.0


class StillAtWork(RuntimeError):
    """A worker of the service runs: what it publishes meanwhile could not be counted. Stop api and workers first."""


async def republish(running: Running) -> dict[str, int]:
    """Publish the present state of everything that the service owns, in a new epoch; how many aggregates, by topic.

    The new epoch outranks whatever readers had heard, the versions that a restore lost too. Counting begins anew with it: `published` holds what
    this epoch has published. Broken off, it is simply run again. Raises StillAtWork.
    """
    holder, counts = uuid4(), dict[str, int]()
    async with running.database.raw_transaction() as connection:
        lease = await _must_hold_lease(connection, holder)
        await _begin_epoch(connection)
    for model in running.service.publishes:
        if model.publishes is not None:
            counts[model.publishes.topic] = await _republish(running, model, holder)
    async with running.database.raw_transaction() as connection:
        await connection.executemany("INSERT INTO published (topic, events) VALUES ($1, $2)", list(counts.items()))
        await give_back(connection, lease)
    return counts


async def _must_hold_lease(connection: asyncpg.Connection, holder: UUID) -> Lease:
    """The relay's lease: while it is ours no worker publishes. Raises StillAtWork."""
    lease = await take_lease(connection, RELAY, holder, seconds=_LEASE_SECONDS)
    if lease is None:
        raise StillAtWork
    return lease


async def _begin_epoch(connection: asyncpg.Connection) -> None:
    """What waits in the outbox is contained in the tables, and is published from there."""
    await connection.execute("UPDATE epoch SET number = number + 1")
    await connection.execute("DELETE FROM outbox")
    await connection.execute("DELETE FROM published")


async def _republish(running: Running, model: type[Aggregate], holder: UUID) -> int:
    cause, count = f"republish:{uuid7()}", 0
    async for events in _chunks(running, model, cause):
        async with running.database.raw_transaction() as connection:
            await _must_hold_lease(connection, holder)
        await running.bus.publish([seal(event) for event in events])
        count += len(events)
    return count


async def _chunks(running: Running, model: type[Aggregate], cause: str) -> AsyncIterator[list[Event]]:
    """Every row once, in order of ids; each chunk is read in a transaction of its own."""
    after, size = UUID(int=0), _CHUNK
    while size == _CHUNK:
        async with running.database.transaction() as session:
            _, epoch = await today_and_epoch(await raw(session))
            found = await session.execute(select(model).where(col(model.id) > after).order_by(col(model.id)).limit(_CHUNK))
            rows = list(found.scalars())
            now = datetime.now(UTC)
            events = [_event(fact, row.version, epoch, now, cause) for row in rows if (fact := row.fact()) is not None]
        yield events
        after, size = rows[-1].id if rows else after, len(rows)


def _event(fact: FactModel, version: int, epoch: int, now: datetime, cause: str) -> Event:
    return Event(
        id=uuid7(), type=fact.event_type(REPUBLISHED), topic=fact.topic, key=fact.key, aggregate_id=fact.id, epoch=epoch, version=version,
        recorded_at=now, cause=cause, bulk=True, data=fact.model_dump_json().encode(),
    )  # fmt: skip
