"""The outbox: events commit with the state that they tell of; the relay takes them to the bus afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from common.bus.envelope import LARGEST_BYTES, EventTooLarge
from common.bus.event import Event

_COLUMNS = (
    "event_id", "topic", "type", "key", "aggregate_id", "epoch", "version", "recorded_at", "cause", "bulk", "trace_parent", "data",
)  # fmt: skip


async def insert_events(connection: asyncpg.Connection, events: Sequence[Event]) -> None:
    """Append in the transaction of the act, in order. Raises EventTooLarge."""
    if not events:
        return
    if any(len(event.data) > LARGEST_BYTES for event in events):
        raise EventTooLarge
    rows = [
        (e.id, e.topic, e.type, e.key, e.aggregate_id, e.epoch, e.version, e.recorded_at, e.cause, e.bulk, e.trace_parent, e.data)
        for e in events
    ]
    await connection.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)


def event_of(row: asyncpg.Record) -> Event:
    """A row of the outbox as the event it is."""
    return Event(
        id=row["event_id"],
        type=row["type"],
        topic=row["topic"],
        key=row["key"],
        aggregate_id=row["aggregate_id"],
        epoch=row["epoch"],
        version=row["version"],
        recorded_at=row["recorded_at"],
        cause=row["cause"],
        bulk=row["bulk"],
        data=row["data"],
        trace_parent=row["trace_parent"],
    )
