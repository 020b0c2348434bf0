"""Offsets live in our database, in the transaction of the effects; the bus's own commit is a hint at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from common.bus.protocol import Message, Partition


class OffsetsMoved(Exception):
    """Another worker applied these messages, or some before them are missing: read again from the positions."""


async def lock_offsets(
    connection: asyncpg.Connection, bus_id: str, group: str, partitions: Iterable[Partition], *, create: bool
) -> dict[Partition, int]:
    """The next offset of each partition, in one order. With `create` the rows are made and locked: always first in a transaction."""
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
        SELECT topic_id, partition, next_offset FROM consumer_offset
        WHERE bus_id = $1 AND group_name = $2 AND (topic_id, partition) IN (SELECT * FROM unnest($3::text[], $4::int[]))
        ORDER BY topic_id, partition {"FOR UPDATE" if create else ""}
        """,  # noqa: S608 - no value of anybody stands in it
        bus_id,
        group,
        *columns[:2],
    )
    held = {(row["topic_id"], row["partition"]): row["next_offset"] for row in rows}
    return {p: held[p.topic_id, p.number] for p in ordered if (p.topic_id, p.number) in held}


async def move_offsets(
    connection: asyncpg.Connection, bus_id: str, group: str, was: Mapping[Partition, int], messages: Sequence[Message]
) -> None:
    """Move each partition's offset past these messages. Raises OffsetsMoved when they do not join on to where it stands."""
    moved: dict[Partition, int] = {}
    for message in messages:
        expected = moved.get(message.partition, was[message.partition])
        if message.offset != expected:
            raise OffsetsMoved(f"{message.partition.topic}/{message.partition.number}: expected {expected}, read {message.offset}")
        moved[message.partition] = message.offset + 1
    ordered = sorted(moved)
    status = await connection.execute(
        """
        UPDATE consumer_offset AS o SET next_offset = m.next FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[]) AS m(topic_id, partition, was, next)
        WHERE o.bus_id = $1 AND o.group_name = $2 AND o.topic_id = m.topic_id AND o.partition = m.partition AND o.next_offset = m.was
        """,
        bus_id,
        group,
        [p.topic_id for p in ordered],
        [p.number for p in ordered],
        [was[p] for p in ordered],
        [moved[p] for p in ordered],
    )
    if status != f"UPDATE {len(ordered)}":
        raise OffsetsMoved("another worker moved an offset")
