"""Offsets live in our database, in the transaction of the effects; the bus's own commit is a hint at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from common.bus.envelope import recorded_at
from common.bus.protocol import Message, Partition


class OffsetsMoved(Exception):
    """Another worker applied these messages, or some before them are missing: read again from the positions."""

    def __init__(self, what: str, partition: Partition | None = None) -> None:
        super().__init__(what)
        self.partition = partition


class PartitionsStopped(Exception):
    """Somebody has stopped these partitions, whoever reads them now."""

    def __init__(self, reasons: Mapping[Partition, str]) -> None:
        super().__init__(", ".join(f"{partition.topic}/{partition.number}" for partition in reasons))
        self.reasons = reasons


async def lock_offsets(
    connection: asyncpg.Connection, bus_id: str, group: str, partitions: Iterable[Partition], *, create: bool
) -> dict[Partition, int]:
    """The next offset of each partition, in one order. With `create` the rows are made and locked: always first in a transaction.

    Raises PartitionsStopped, to whoever locks them.
    """
    ordered = sorted(set(partitions))
    columns = ([p.topic_id for p in ordered], [p.number for p in ordered], [p.topic for p in ordered])
    if create:
        await connection.execute(
            """
            INSERT INTO consumer_offset (bus_id, group_name, topic_id, partition, topic, next_offset)
            SELECT $1, $2, p.*, 0 FROM unnest($3::text[], $4::int[], $5::text[]) AS p ON CONFLICT DO NOTHING
            """,
            bus_id,
            group,
            *columns,
        )
    rows = await connection.fetch(
        f"""
        SELECT topic_id, partition, next_offset, stopped_reason FROM consumer_offset
        WHERE bus_id = $1 AND group_name = $2 AND (topic_id, partition) IN (SELECT * FROM unnest($3::text[], $4::int[]))
        ORDER BY topic_id, partition {"FOR UPDATE" if create else ""}
        """,  # noqa: S608 - no value of anybody stands in it
        bus_id,
        group,
        *columns[:2],
    )
    held = {(row["topic_id"], row["partition"]): row for row in rows}
    found = {p: held[p.topic_id, p.number] for p in ordered if (p.topic_id, p.number) in held}
    stopped = {p: row["stopped_reason"] for p, row in found.items() if row["stopped_reason"] is not None}
    if create and stopped:
        raise PartitionsStopped(stopped)
    return {p: row["next_offset"] for p, row in found.items()}


async def move_offsets(
    connection: asyncpg.Connection, bus_id: str, group: str, was: Mapping[Partition, int], messages: Sequence[Message]
) -> None:
    """Move each partition's offset past these messages. Raises OffsetsMoved when they do not join on to where it stands."""
    last: dict[Partition, Message] = {}
    for message in messages:
        expected = last[message.partition].offset + 1 if message.partition in last else was[message.partition]
        if message.offset != expected:
            raise OffsetsMoved(f"offset {expected} is expected and {message.offset} was read", message.partition)
        last[message.partition] = message
    ordered = sorted(last)
    status = await connection.execute(
        """
        UPDATE consumer_offset AS o SET next_offset = m.next, read_up_to = coalesce(m.recorded_at, o.read_up_to)
        FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::timestamptz[]) AS m(topic_id, partition, was, next, recorded_at)
        WHERE o.bus_id = $1 AND o.group_name = $2 AND o.topic_id = m.topic_id AND o.partition = m.partition AND o.next_offset = m.was
        """,
        bus_id,
        group,
        [p.topic_id for p in ordered],
        [p.number for p in ordered],
        [was[p] for p in ordered],
        [last[p].offset + 1 for p in ordered],
        [recorded_at(last[p]) for p in ordered],
    )
    if status != f"UPDATE {len(ordered)}":
        raise OffsetsMoved("another worker moved an offset")


async def stop_partition(connection: asyncpg.Connection, bus_id: str, group: str, partition: Partition, reason: str) -> None:
    """Let nobody of the group apply more of it until it is resumed. One that stands still keeps its first reason."""
    await connection.execute(
        """
        INSERT INTO consumer_offset AS o (bus_id, group_name, topic_id, partition, topic, next_offset, stopped_reason)
        VALUES ($1, $2, $3, $4, $5, 0, $6)
        ON CONFLICT (bus_id, topic_id, group_name, partition) DO UPDATE SET stopped_reason = coalesce(o.stopped_reason, excluded.stopped_reason)
        """,
        bus_id,
        group,
        partition.topic_id,
        partition.number,
        partition.topic,
        reason,
    )


async def stopped_partitions(connection: asyncpg.Connection, bus_id: str, group: str) -> dict[Partition, str]:
    """Those that stand still, with the reason."""
    rows = await connection.fetch(
        """
        SELECT topic, topic_id, partition, stopped_reason FROM consumer_offset
        WHERE bus_id = $1 AND group_name = $2 AND stopped_reason IS NOT NULL ORDER BY topic, partition
        """,
        bus_id,
        group,
    )
    return {Partition(row["topic"], row["topic_id"], row["partition"]): row["stopped_reason"] for row in rows}


async def resume_partition(connection: asyncpg.Connection, bus_id: str, group: str, topic: str, number: int) -> list[str]:
    """Let it be read on, whichever lives of the topic stand still; why they did. Whoever reads it asks within a second."""
    rows = await connection.fetch(
        """
        UPDATE consumer_offset AS o SET stopped_reason = NULL FROM consumer_offset AS was
        WHERE o.bus_id = $1 AND o.group_name = $2 AND o.topic = $3 AND o.partition = $4 AND o.stopped_reason IS NOT NULL
            AND (was.bus_id, was.topic_id, was.group_name, was.partition) = (o.bus_id, o.topic_id, o.group_name, o.partition)
        RETURNING was.stopped_reason
        """,
        bus_id,
        group,
        topic,
        number,
    )
    return [row["stopped_reason"] for row in rows]
