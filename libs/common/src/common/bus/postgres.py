"""The embedded bus: a log table with dense offsets in a database of its own. For one machine; past it the answer is Kafka."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Container, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import asyncpg

from common.bus.protocol import Consumption, Message, OffsetOutOfRange, Outgoing, Partition, Positions, TopicMadeAnew
from common.database.lease import Lease, give_back, take_lease
from common.waking import Bell, rung

_POLL_SECONDS = 0.1
_as_text = json.JSONEncoder(ensure_ascii=False).encode
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS log_identity (one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row), id uuid NOT NULL);
    ALTER TABLE log_identity ADD COLUMN IF NOT EXISTS partitions int;
    CREATE TABLE IF NOT EXISTS log_partition (
        topic text NOT NULL, number int NOT NULL, topic_id uuid NOT NULL, next_offset bigint NOT NULL DEFAULT 0, PRIMARY KEY (topic, number));
    CREATE TABLE IF NOT EXISTS log (
        topic_id uuid NOT NULL, number int NOT NULL, "offset" bigint NOT NULL, key text NOT NULL, headers text NOT NULL, value bytea NOT NULL,
        PRIMARY KEY (topic_id, number, "offset"));
    CREATE TABLE IF NOT EXISTS lease (
        name text PRIMARY KEY, holder uuid NOT NULL, epoch bigint NOT NULL, until timestamptz NOT NULL);
"""
_IDENTITY = """
    UPDATE log_identity SET partitions = coalesce(partitions, (SELECT max(number) + 1 FROM log_partition), $1) RETURNING id, partitions
"""


class PartitionMissing(ConnectionError):
    """The topic was deleted while it was being published to: nothing of the batch was written, and it may be sent again."""


class PostgresBus:
    """Every topic of a log has the same number of partitions; a group has one active reader at a time, by lease."""

    def __init__(self, pool: asyncpg.Pool, id: str, *, partitions: int, lease_seconds: float) -> None:
        self._pool, self.id, self._partitions, self._lease_seconds = pool, id, partitions, lease_seconds
        self._published = Bell()

    @classmethod
    async def open(cls, url: str, *, partitions: int = 2, lease_seconds: float = 10.0, connections: int = 10) -> PostgresBus:
        """Connect, and make the log when it is not there. How many partitions it has was said when it was made, and stays."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=connections)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(4218008)")
            await connection.execute(_SCHEMA)
            await connection.execute("INSERT INTO log_identity (id) VALUES ($1) ON CONFLICT DO NOTHING", uuid4())
            identity, partitions = await connection.fetchrow(_IDENTITY, partitions)
        return cls(pool, f"postgres:{identity}", partitions=partitions, lease_seconds=lease_seconds)

    async def close(self) -> None:
        await self._pool.close()

    async def create_topic(self, topic: str) -> None:
        """Make a topic when it is not there. Publishing to it does the same."""
        await self._pool.execute(
            """
            INSERT INTO log_partition (topic, number, topic_id)
            SELECT $1, n, t.id FROM (SELECT coalesce((SELECT topic_id FROM log_partition WHERE topic = $1 LIMIT 1), $2::uuid) AS id) AS t,
                generate_series(0, $3 - 1) AS n ON CONFLICT DO NOTHING
            """,
            topic,
            uuid4(),
            self._partitions,
        )

    async def delete_topic(self, topic: str) -> None:
        """Throw its log away; the name made anew is another topic. For tests."""
        await self._pool.execute(
            "WITH gone AS (DELETE FROM log_partition WHERE topic = $1 RETURNING topic_id) DELETE FROM log WHERE topic_id IN (SELECT topic_id FROM gone)",
            topic,
        )

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """One transaction: the offsets are taken under the partitions' row locks, so the log is dense and in commit order."""
        by_partition: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        for message in messages:
            by_partition[message.topic, self._number(message.key)].append(message)
        if not by_partition:
            return
        await self._make_sure_of({topic for topic, _ in by_partition})
        async with self._pool.acquire() as connection, connection.transaction():
            for (topic, number), own in sorted(by_partition.items(), key=lambda item: item[0]):
                await _append(connection, topic, number, own)
        self._published.ring()

    async def ends(self, topics: Sequence[str]) -> Mapping[Partition, int]:
        return await _ends(self._pool, topics)

    async def _make_sure_of(self, topics: Collection[str]) -> None:
        """Before the transaction: whoever holds one connection and waits for another may wait for ever."""
        there = await self._pool.fetch("SELECT DISTINCT topic FROM log_partition WHERE topic = ANY($1::text[])", list(topics))
        for topic in sorted(set(topics) - {row["topic"] for row in there}):
            await self.create_topic(topic)

    def _number(self, key: str) -> int:
        return zlib.crc32(key.encode()) % self._partitions

    @asynccontextmanager
    async def consume(self, group: str, topics: Sequence[str], positions: Positions) -> AsyncIterator[Consumption]:
        """Read as the group's one active member, or wait until the present one leaves or hangs."""
        for topic in topics:
            await self.create_topic(topic)
        reading = _Reading(self._pool, group, topics, positions, wake=self._published.listen(), lease_seconds=self._lease_seconds)
        try:
            yield reading
        finally:
            self._published.forget(reading.wake)
            await asyncio.shield(reading.leave())


async def _append(connection: asyncpg.Connection, topic: str, number: int, messages: Sequence[Outgoing]) -> None:
    """Raises PartitionMissing."""
    status = await connection.execute(
        """
        WITH taken AS (
            UPDATE log_partition SET next_offset = next_offset + $3 WHERE topic = $1 AND number = $2
            RETURNING topic_id, next_offset - $3 AS first)
        INSERT INTO log (topic_id, number, "offset", key, headers, value)
        SELECT taken.topic_id, $2, taken.first + m.nth - 1, m.key, m.headers, m.value
        FROM taken, unnest($4::text[], $5::text[], $6::bytea[]) WITH ORDINALITY AS m(key, headers, value, nth)
        """,
        topic,
        number,
        len(messages),
        [message.key for message in messages],
        [_as_text(dict(message.headers)) for message in messages],
        [message.value for message in messages],
    )
    if status != f"INSERT 0 {len(messages)}":
        raise PartitionMissing(f"{topic}/{number}")


async def _ends(pool: asyncpg.Pool, topics: Sequence[str]) -> dict[Partition, int]:
    rows = await pool.fetch("SELECT topic, topic_id, number, next_offset FROM log_partition WHERE topic = ANY($1::text[])", list(topics))
    return {Partition(row["topic"], str(row["topic_id"]), row["number"]): row["next_offset"] for row in rows}


class _Reading:
    """The consumption: positions in memory, taken from the caller whenever the lease is taken anew."""

    def __init__(
        self, pool: asyncpg.Pool, group: str, topics: Sequence[str], positions: Positions, *, wake: asyncio.Event, lease_seconds: float
    ) -> None:
        self._pool, self._group, self._topics, self._ask, self.wake = pool, group, topics, positions, wake
        self._lease_seconds, self._holder = lease_seconds, uuid4()
        self._lease: Lease | None = None
        self._renew_at = 0.0
        self._is_placed, self._turn = False, 0
        self._positions: dict[Partition, int] = {}
        self.stopped: dict[Partition, str] = {}

    async def batch(self, *, limit: int, wait_seconds: float) -> Sequence[Message]:
        deadline = time.monotonic() + wait_seconds
        while True:
            self.wake.clear()
            if await self._is_active():
                await self._place()
                messages = await self._read(limit)
                if messages:
                    return messages
            left = deadline - time.monotonic()
            if left <= 0:
                return ()
            await rung(self.wake, within_seconds=min(_POLL_SECONDS, left))

    async def _is_active(self) -> bool:
        """Hold the lease; whoever takes it anew asks where to read on."""
        if time.monotonic() < self._renew_at:
            return self._lease is not None
        held = self._lease
        async with self._pool.acquire() as connection:
            self._lease = await take_lease(connection, f"group:{self._group}", self._holder, seconds=self._lease_seconds)
        self._renew_at = time.monotonic() + (self._lease_seconds / 3 if self._lease else _POLL_SECONDS)
        if self._lease != held:
            self._is_placed = False
        return self._lease is not None

    async def _place(self) -> None:
        """Take the partitions as they now are, and ask where to read on. What stood still stands still."""
        if not self._is_placed:
            there = await _ends(self._pool, self._topics)
            self._stop_what_ended(there)
            await self._read_on_from_database(there)
            self._is_placed = True

    async def rewind(self) -> None:
        await self._read_on_from_database(self._positions)

    async def _read_on_from_database(self, partitions: Iterable[Partition]) -> None:
        partitions = tuple(partitions)
        known = await self._ask(partitions)
        self._positions = {partition: known.get(partition, 0) for partition in partitions}

    async def _read(self, limit: int) -> list[Message]:
        """The next one of every partition, then the second one of each: a long log does not hold up the others."""
        active = [(p, at) for p, at in self._in_turn() if p not in self.stopped]
        rows = await self._pool.fetch(
            """
            SELECT p.nth, l."offset", l.key, l.headers, l.value
            FROM unnest($1::uuid[], $2::int[], $3::bigint[]) WITH ORDINALITY AS p(topic_id, number, at, nth)
            CROSS JOIN LATERAL (SELECT * FROM log WHERE log.topic_id = p.topic_id AND log.number = p.number AND log."offset" >= p.at
                                ORDER BY log."offset" LIMIT $4) AS l
            ORDER BY l."offset" - p.at, p.nth LIMIT $4
            """,
            [UUID(p.topic_id) for p, _ in active],
            [p.number for p, _ in active],
            [at for _, at in active],
            limit,
        )
        messages = [Message(active[row["nth"] - 1][0], row["offset"], row["key"], json.loads(row["headers"]), row["value"]) for row in rows]
        if not messages:
            await self._stop_what_is_out_of_range()
        for message in messages:
            self._positions[message.partition] = message.offset + 1
        return messages

    def _in_turn(self) -> list[tuple[Partition, int]]:
        """Each time another partition comes first: where a batch has not one for each, everybody has his turn."""
        positions = list(self._positions.items())
        self._turn += 1
        first = self._turn % max(len(positions), 1)
        return positions[first:] + positions[:first]

    async def _stop_what_is_out_of_range(self) -> None:
        """Nothing to read may also mean that the log was cut or made anew under us."""
        ends = await _ends(self._pool, self._topics)
        self._stop_what_ended(ends)
        for partition, at in self._positions.items():
            if partition not in self.stopped and at > ends[partition]:
                self.stopped[partition] = str(OffsetOutOfRange(partition, at, 0, ends[partition]))

    def _stop_what_ended(self, there: Container[Partition]) -> None:
        for partition, at in self._positions.items():
            if partition not in there and partition not in self.stopped:
                self.stopped[partition] = str(TopicMadeAnew(partition, at))

    async def stop(self, partition: Partition, reason: str) -> None:
        self.stopped[partition] = reason

    async def resume(self, partition: Partition) -> None:
        self.stopped.pop(partition, None)
        self._positions.pop(partition, None)
        self._is_placed = False

    async def leave(self) -> None:
        """When the log is away the lease ends by itself: an error here would take the place of a cancellation, and be taken for a failure."""
        lease, self._lease = self._lease, None
        if lease is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                async with self._pool.acquire() as connection:
                    await give_back(connection, lease)
