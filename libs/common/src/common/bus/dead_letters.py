"""Dead letters: messages that cannot be read or stored, kept whole with where they stood, until people have dealt with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from common.bus.envelope import UnreadableEvent, read_event
from common.bus.protocol import Message, Partition
from common.refusal import Conflict, NotFound

FLOOD = 20
"""More than this many within five minutes stop a partition."""


class DeadLetterEnded(Conflict):
    title = "这条死信已处理完毕"


class Selection(NamedTuple):
    """Which of them: in this state, and of this topic and with this reason where these are given."""

    state: str = "WAITING"
    topic: str | None = None
    reason: str | None = None


class Group(NamedTuple):
    """Those that wait with one reason on one topic."""

    topic: str
    reason: str
    letters: int
    first_seen_at: datetime
    last_seen_at: datetime


class DeadLetter(NamedTuple):
    """One of them, without its payload."""

    id: UUID
    topic: str
    partition: int
    offset: int
    reason: str
    first_seen_at: datetime
    tries: int
    state: str
    ended_reason: str | None
    aggregate_id: UUID | None
    version: int | None


_COLUMNS = 'id, topic, partition, "offset", reason, first_seen_at, tries, state, ended_reason, aggregate_id, version'


async def write(connection: asyncpg.Connection, unreadable: Message, *, bus_id: str, reason: str) -> None:
    """Set a message aside, in the transaction that moves the offset past it. A second time changes nothing.

    One whose version, or a newer one, has been heard already is of no use to anybody.
    """
    aggregate_id, epoch, version = _identity(unreadable)
    await connection.execute(
        """
        INSERT INTO dead_letter (id, bus_id, topic, topic_id, partition, "offset", key, headers, value, aggregate_id, epoch, version, reason, state,
                                 ended_reason)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, CASE WHEN heard THEN 'OVERTAKEN' ELSE 'WAITING' END,
            CASE WHEN heard THEN 'a version as new had come' END
        FROM (SELECT EXISTS (SELECT FROM fact_version WHERE topic = $3 AND id = $10 AND (epoch, version) >= ($11, $12)) AS heard) AS h
        ON CONFLICT DO NOTHING
        """,
        uuid7(),
        bus_id,
        unreadable.partition.topic,
        unreadable.partition.topic_id,
        unreadable.partition.number,
        unreadable.offset,
        unreadable.key.replace("\x00", "�"),
        json.dumps({name: value.replace("\x00", "�") for name, value in unreadable.headers.items()}),
        unreadable.value,
        aggregate_id,
        epoch,
        version,
        reason,
    )


def _identity(message: Message) -> tuple[UUID | None, int | None, int | None]:
    """Which version it would have been, as far as its envelope can be read."""
    try:
        event = read_event(replace(message, value=b""))
    except UnreadableEvent:
        return None, None, None
    return event.aggregate_id, event.epoch, event.version


async def is_flooded(connection: asyncpg.Connection, partition: Partition) -> bool:
    """Whether so many came in so short a time that this is no accident."""
    recent = await connection.fetchval(
        """
        SELECT count(*) FROM dead_letter
        WHERE topic_id = $1 AND partition = $2 AND first_seen_at > clock_timestamp() - interval '5 minutes' AND state = 'WAITING'
        """,
        partition.topic_id,
        partition.number,
    )
    return bool(recent > FLOOD)


async def resolve_overtaken(connection: asyncpg.Connection, heard: Sequence[tuple[str, UUID, int, int]]) -> None:
    """This version of the aggregate or a newer one has come (topic, id, epoch, version): the dead letter is of no more use."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM dead_letter WHERE state = 'WAITING')"):
        return  # as nearly always: the versions of a whole batch need not be sent
    await connection.execute(
        """
        UPDATE dead_letter AS d SET state = 'OVERTAKEN', ended_reason = 'a version as new has come'
        FROM unnest($1::text[], $2::uuid[], $3::int[], $4::bigint[]) AS h(topic, id, epoch, version)
        WHERE d.state = 'WAITING' AND d.topic = h.topic AND d.aggregate_id = h.id AND (d.epoch, d.version) <= (h.epoch, h.version)
        """,
        *(list(column) for column in zip(*heard, strict=True)),
    )


_SELECTED = "state = $1 AND ($2::text IS NULL OR topic = $2) AND ($3::text IS NULL OR reason = $3)"


async def select(connection: asyncpg.Connection, chosen: Selection, *, before: UUID | None, limit: int) -> list[DeadLetter]:
    """Newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM dead_letter
        WHERE {_SELECTED} AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5
        """,  # noqa: S608 - no value of anybody stands in it
        *chosen,
        before,
        limit,
    )
    return [DeadLetter(*row) for row in rows]


async def oldest(connection: asyncpg.Connection, chosen: Selection, *, limit: int) -> list[UUID]:
    """The ids of those that came first, in the order in which they came."""
    rows = await connection.fetch(
        f"SELECT id FROM dead_letter WHERE {_SELECTED} ORDER BY id LIMIT $4",  # noqa: S608 - no value of anybody stands in it
        *chosen,
        limit,
    )
    return [row["id"] for row in rows]


async def count(connection: asyncpg.Connection, chosen: Selection) -> int:
    """How many these are."""
    number: int = await connection.fetchval(f"SELECT count(*) FROM dead_letter WHERE {_SELECTED}", *chosen)  # noqa: S608 - no value of anybody
    return number


async def groups(connection: asyncpg.Connection) -> list[Group]:
    """Those that wait, by topic and reason, the largest first."""
    rows = await connection.fetch(
        """
        SELECT topic, reason, count(*) AS letters, min(first_seen_at) AS first_seen_at, max(first_seen_at) AS last_seen_at
        FROM dead_letter WHERE state = 'WAITING' GROUP BY topic, reason ORDER BY letters DESC, topic, reason LIMIT 100
        """
    )
    return [Group(*row) for row in rows]


async def read(connection: asyncpg.Connection, id: UUID) -> DeadLetter:
    """One of them, whatever has become of it. Raises NotFound."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM dead_letter WHERE id = $1", id)  # noqa: S608 - no value of anybody stands in it
    if row is None:
        raise NotFound("没有这条死信")
    return DeadLetter(*row)


async def counts(connection: asyncpg.Connection) -> dict[str, tuple[int, int]]:
    """By topic, how many versions are dead and how many discarded; counted from the letters, a version once however often it came.

    What was heard in the end is neither. Of a letter whose envelope cannot be read each is its own version.
    """
    rows = await connection.fetch(
        """
        SELECT topic, count(*) FILTER (WHERE NOT is_discarded) AS dead, count(*) FILTER (WHERE is_discarded) AS discarded
        FROM (SELECT topic, bool_and(state = 'DISCARDED') AS is_discarded FROM dead_letter AS d
              WHERE state <> 'REPLAYED' AND NOT EXISTS (
                  SELECT FROM fact_version AS f WHERE (f.topic, f.id, f.epoch, f.version) = (d.topic, d.aggregate_id, d.epoch, d.version))
              GROUP BY topic, coalesce(aggregate_id, id), epoch, version) AS versions
        GROUP BY topic
        """
    )
    return {row["topic"]: (row["dead"], row["discarded"]) for row in rows}


async def lock(connection: asyncpg.Connection, id: UUID) -> Message:
    """The message again, locked until the transaction ends. Raises NotFound, DeadLetterEnded."""
    state = await connection.fetchval("SELECT state FROM dead_letter WHERE id = $1 FOR UPDATE", id)
    if state not in (None, "WAITING"):
        raise DeadLetterEnded
    return await message(connection, id)


async def message(connection: asyncpg.Connection, id: UUID) -> Message:
    """As it came, or as it was put right. Raises NotFound."""
    row = await connection.fetchrow(
        'SELECT topic, topic_id, partition, "offset", key, headers::text AS headers, value FROM dead_letter WHERE id = $1', id
    )
    if row is None:
        raise NotFound("没有这条死信")
    partition = Partition(row["topic"], row["topic_id"], row["partition"])
    return Message(partition, row["offset"], row["key"], json.loads(row["headers"]), row["value"])


async def end(connection: asyncpg.Connection, id: UUID, *, state: str, reason: str) -> None:
    """REPLAYED or DISCARDED, with the reason. Raises NotFound, DeadLetterEnded."""
    await lock(connection, id)
    await connection.execute("UPDATE dead_letter SET state = $2, ended_reason = $3 WHERE id = $1", id, state, reason)


async def try_failed(connection: asyncpg.Connection, id: UUID, *, reason: str) -> None:
    """A replay did not succeed: it waits on, with the new reason. Raises NotFound, DeadLetterEnded."""
    await lock(connection, id)
    await connection.execute("UPDATE dead_letter SET tries = tries + 1, reason = $2 WHERE id = $1", id, reason)


async def fix(connection: asyncpg.Connection, id: UUID, value: bytes) -> None:
    """Put right what its payload says. Raises NotFound, DeadLetterEnded."""
    await lock(connection, id)
    await connection.execute("UPDATE dead_letter SET value = $2 WHERE id = $1", id, value)
