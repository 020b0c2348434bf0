"""The facts transaction: a batch of messages becomes replicas, versions, counts and marks, and the offsets move; or nothing does.

No rule runs here. A row marks the dossiers that it named before and those that it names now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from pydantic import ValidationError

from common.bus import dead_letters
from common.bus.envelope import UnreadableEvent, read_event
from common.bus.event import Event
from common.bus.fact import FactModel
from common.bus.masking import NO_WORDS, masked, vocabulary
from common.bus.offsets import lock_offsets, move_offsets, stop_partition, stopped_partitions
from common.bus.protocol import Message, Partition
from common.bus.rate import faded
from common.bus.replicas import Replica
from common.database.engine import Database
from common.reconciling.dossier import Dossiers
from common.reconciling.marks import Mark, Urgency, write_marks


class Heard(NamedTuple):
    """A message that could be read: its event and its state."""

    event: Event
    fact: FactModel


@dataclass
class Batch:
    """A batch sorted out: what can be applied, and what cannot be read, with the reason."""

    heard: list[Heard] = field(default_factory=list)
    unreadable: list[tuple[Message, str]] = field(default_factory=list)


class Facts:
    """One service's ears. `keeps_history`: every version's state is kept, to answer as of a past day (awards, insight)."""

    def __init__(
        self, database: Database, replicas: Sequence[Replica], dossiers: Dossiers, *, group: str, bus_id: str, keeps_history: bool
    ) -> None:
        self._database, self._dossiers = database, dossiers
        self._replicas = {replica.topic: replica for replica in replicas}
        dossiers.must_have(*(kind for replica in replicas for kind in replica.kinds))
        self._types = {
            replica.contract.event_type(verb): replica for replica in replicas for verb in replica.contract.verbs
        }  # an unknown verb is as unreadable as an unknown field type: its owner did not say what it means
        self.group, self.bus_id, self._keeps_history = group, bus_id, keeps_history

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self._replicas)

    def sort_out(self, messages: Iterable[Message]) -> Batch:
        """Read each message through its contract. Nothing is refused twice: what is unreadable here is a dead letter."""
        batch = Batch()
        for message in messages:
            try:
                event = read_event(message)
                replica = self._types.get(event.type)
                if replica is None:
                    raise UnreadableEvent("ce_type is unknown")
                fact = replica.contract.parse(event.data)
                if fact.id != event.aggregate_id:
                    raise UnreadableEvent("the subject is not the aggregate's id")
                batch.heard.append(Heard(event, fact))
            except UnreadableEvent as error:
                batch.unreadable.append((message, str(error)))
            except ValidationError as error:
                batch.unreadable.append((message, _breaks(error, self._types[message.headers["ce_type"]].contract)))
        return batch

    def shown(self, message: Message) -> Any:
        """Its payload as an operator may see it; None when it is no JSON. Of a topic that is no longer read every field is unknown."""
        replica = self._replicas.get(message.partition.topic)
        return masked(message.value, vocabulary(replica.contract) if replica else NO_WORDS)

    async def positions(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """Where to read on, by partition."""
        async with self._database.raw_transaction() as connection:
            return await lock_offsets(connection, self.bus_id, self.group, partitions, create=False)

    async def apply(self, messages: Sequence[Message]) -> int:
        """The transaction; how many messages were unreadable. Messages below the offset were applied before and are passed over.

        Raises PartitionsStopped when somebody has stopped one of the partitions, OffsetsMoved.
        """
        async with self._database.raw_transaction() as connection:
            offsets = await lock_offsets(connection, self.bus_id, self.group, {m.partition for m in messages}, create=True)
            fresh = [message for message in messages if message.offset >= offsets[message.partition]]
            batch = self.sort_out(fresh)
            ends = _where_floods_begin(batch.unreadable)
            if ends:
                fresh = [message for message in fresh if message.offset <= ends.get(message.partition, message.offset)]
                batch = self.sort_out(fresh)
            await self.keep(connection, batch.heard)
            for message, reason in batch.unreadable:
                await dead_letters.write(connection, message, bus_id=self.bus_id, reason=reason)
            await move_offsets(connection, self.bus_id, self.group, offsets, fresh)
        return len(batch.unreadable)

    async def set_aside(self, message: Message, reason: str) -> None:
        """One message that cannot be stored becomes a dead letter, and its partition goes on behind it."""
        async with self._database.raw_transaction() as connection:
            offsets = await lock_offsets(connection, self.bus_id, self.group, (message.partition,), create=True)
            await dead_letters.write(connection, message, bus_id=self.bus_id, reason=reason)
            await move_offsets(connection, self.bus_id, self.group, offsets, (message,))

    async def stop(self, partition: Partition, reason: str) -> None:
        """Whoever reads this partition, in whichever process: nothing more of it is applied until somebody resumes it."""
        async with self._database.raw_transaction() as connection:
            await stop_partition(connection, self.bus_id, self.group, partition, reason)

    async def stopped(self) -> Mapping[Partition, str]:
        """The partitions that stand still, with the reason."""
        async with self._database.raw_transaction() as connection:
            return await stopped_partitions(connection, self.bus_id, self.group)

    async def is_flooded(self, partition: Partition) -> bool:
        """Whether so many dead letters came in so short a time that the partition must stop."""
        async with self._database.raw_transaction() as connection:
            return await dead_letters.is_flooded(connection, partition)

    async def keep(self, connection: asyncpg.Connection, heard: Sequence[Heard]) -> None:
        """Versions, replicas, counts and marks of what was heard, in the caller's transaction."""
        if not heard:
            return
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        new = await self._keep_versions(connection, heard, counts)
        marks: list[Mark] = []
        for topic in sorted(new):
            marks += await self._upsert(connection, self._replicas[topic], new[topic], counts[topic])
        await _count(connection, counts)
        await dead_letters.resolve_overtaken(
            connection, [(h.event.topic, h.event.aggregate_id, h.event.epoch, h.event.version) for h in heard]
        )
        await write_marks(connection, marks)

    async def _keep_versions(
        self, connection: asyncpg.Connection, heard: Sequence[Heard], counts: dict[str, Counter[str]]
    ) -> dict[str, list[Heard]]:
        """Append every version; those heard for the first time, by topic. The rest are duplicates."""
        by_version = {(h.event.topic, h.event.aggregate_id, h.event.epoch, h.event.version): h for h in heard}
        ordered = sorted(by_version)
        rows = await connection.fetch(
            _KEEP_VERSIONS,
            *map(list, zip(*ordered, strict=True)),
            [by_version[key].event.recorded_at for key in ordered],
            [by_version[key].event.data.decode() if self._keeps_history else None for key in ordered],
        )
        new: dict[str, list[Heard]] = defaultdict(list)
        for row in rows:
            new[row["topic"]].append(by_version[tuple(row)])
        for h in heard:
            counts[h.event.topic]["duplicate"] += 1
        for topic, first_heard in new.items():
            counts[topic]["duplicate"] -= len(first_heard)
        return new

    async def _upsert(self, connection: asyncpg.Connection, replica: Replica, heard: Sequence[Heard], count: Counter[str]) -> list[Mark]:
        """Replace older states; the marks of what they named before and name now."""
        newest: dict[UUID, Heard] = {}
        for h in heard:
            held = newest.get(h.event.aggregate_id)
            if held is None or (held.event.epoch, held.event.version) < (h.event.epoch, h.event.version):
                newest[h.event.aggregate_id] = h
        ordered = [newest[id_] for id_ in sorted(newest)]
        ids = [h.event.aggregate_id for h in ordered]
        names = [replica.named_by(h.fact) for h in ordered]
        applied = await connection.fetch(
            _upsert_sql(replica),
            ids,
            [h.event.epoch for h in ordered],
            [h.event.version for h in ordered],
            [h.event.data.decode() for h in ordered],
            *(list(column) for column in zip(*names, strict=True)),
        )
        changed = {row["id"]: row["was"] or (None,) * len(names[0]) for row in applied}
        count["applied"] += len(changed)
        count["superseded"] += len(heard) - len(changed)
        return [
            self._dossiers.mark(kind, name, urgency=Urgency.BULK if h.event.bulk else Urgency.LIVE, cause=h.event.cause)
            for h, now in zip(ordered, names, strict=True)
            if h.event.aggregate_id in changed
            for kind, *named in zip(replica.kinds, now, changed[h.event.aggregate_id], strict=True)
            for name in dict.fromkeys(named)
            if name is not None
        ]


def _where_floods_begin(unreadable: Sequence[tuple[Message, str]]) -> dict[Partition, int]:
    """Where a partition has so many unreadable messages in one batch that it will be stopped anyway: the offset of the last one to set aside."""
    by_partition: dict[Partition, list[int]] = defaultdict(list)
    for message, _ in unreadable:
        by_partition[message.partition].append(message.offset)
    return {partition: offsets[dead_letters.FLOOD] for partition, offsets in by_partition.items() if len(offsets) > dead_letters.FLOOD + 1}


def _breaks(error: ValidationError, contract: type[FactModel]) -> str:
    """Where a state breaks its contract, without any value: the key of a mapping is one too."""
    known = vocabulary(contract).fields
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    places = [".".join(str(part) if isinstance(part, int) or part in known else "*" for part in fault["loc"]) for fault in faults[:5]]
    return "; ".join(f"{place or 'data'}: {fault['type']}" for place, fault in zip(places, faults, strict=False))


_KEEP_VERSIONS = """
    INSERT INTO fact_version (topic, id, epoch, version, recorded_at, state)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[], $4::bigint[], $5::timestamptz[], $6::jsonb[])
    ON CONFLICT DO NOTHING RETURNING topic, id, epoch, version
"""


def _upsert_sql(replica: Replica) -> str:
    columns = "".join(f", {column}" for column in replica.columns)
    arrays = "".join(f", ${5 + n}::text[]" for n in range(len(replica.columns)))
    replaced = "".join(f", {column} = excluded.{column}" for column in replica.columns)
    was = ", ".join(f"held.{column}" for column in replica.columns)
    return f"""
        INSERT INTO {replica.table} AS held (id, epoch, version, state{columns})
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::jsonb[]{arrays})
        ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version, state = excluded.state, was = ARRAY[{was}]::text[]{replaced}
        WHERE (held.epoch, held.version) < (excluded.epoch, excluded.version) RETURNING id, was
    """  # noqa: S608 - table and columns come from the declaration, never from a message


_COUNT = f"""
    INSERT INTO fact_count AS c (topic, applied, superseded, duplicate, per_minute, rated_at)
    SELECT topic, applied, superseded, duplicate, applied + superseded + duplicate, clock_timestamp()
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS new(topic, applied, superseded, duplicate)
    ON CONFLICT (topic) DO UPDATE SET applied = c.applied + excluded.applied, superseded = c.superseded + excluded.superseded,
        duplicate = c.duplicate + excluded.duplicate, per_minute = {faded("c")} + excluded.per_minute, rated_at = excluded.rated_at
"""  # noqa: S608 - no value of anybody stands in it


async def _count(connection: asyncpg.Connection, counts: Mapping[str, Counter[str]]) -> None:
    """Add to the topic's counts, in topic order: the row is the last lock but the marks."""
    topics = sorted(counts)
    await connection.execute(
        _COUNT,
        topics,
        *([counts[topic][what] for topic in topics] for what in ("applied", "superseded", "duplicate")),
    )
