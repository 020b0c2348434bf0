"""One member of a Kafka group: partitions come from the group, positions from our own database, and nothing ever jumps.

The listener that aiokafka calls at a rebalance only notes what happened; `batch` acts on it. So no lock is shared between the two, and
a slow database does not hold up the heartbeats.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from common.bus.cluster import Cluster
from common.bus.kafka_client import start
from common.bus.protocol import Message, OffsetOutOfRange, Partition, Positions, TopicMadeAnew

_log = structlog.get_logger(__name__)
_NOWHERE = TopicPartition("nowhere", 0)
_JOINING_SECONDS = 0.05
_FETCH_WAIT_MS = 200


class TopicsMissing(Exception):
    """Topics that are read but not declared on the broker."""


@dataclass(frozen=True, kw_only=True)
class KafkaTimes:
    """How long we wait before we act. `session_seconds`: a member that is silent for so long loses its partitions.

    `stalled_seconds`: a consumer that gets nothing for so long, though there is something, is made anew. `leave_seconds`: a client that
    cannot reach the broker is not waited for any longer, and ends by itself.
    """

    request_seconds: float = 10.0
    publish_seconds: float = 20.0
    session_seconds: float = 10.0
    stalled_seconds: float = 30.0
    leave_seconds: float = 5.0


class KafkaReading:
    """The consumption of one member. `retire` ends a consumer without waiting for a broker that is away."""

    def __init__(
        self, servers: str, cluster: Cluster, group: str, topics: Sequence[str], positions: Positions, *, times: KafkaTimes,
        retire: Callable[[Any], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._servers, self._cluster, self._group, self._topics, self._ask = servers, cluster, group, tuple(topics), positions
        self._times, self._retire = times, retire
        self._consumer: Any = None
        self._membership = _Membership()
        self._placed_for, self._must_join_anew = -1, False
        self._partitions: dict[TopicPartition, Partition] = {}
        self._positions: dict[Partition, int] = {}
        self.stopped: dict[Partition, str] = {}
        self._watch = _Watch(times.stalled_seconds)

    async def join(self) -> None:
        """A new member of the group. Raises TopicsMissing, KafkaError."""
        missing = set(self._topics) - set((await self._cluster.describe(self._topics)).topics)
        if missing:
            raise TopicsMissing(", ".join(sorted(missing)))
        self._membership, self._placed_for = _Membership(), -1
        self._partitions.clear()
        consumer: Any = AIOKafkaConsumer
        session_ms = int(self._times.session_seconds * 1000)
        self._consumer = consumer(
            bootstrap_servers=self._servers,
            client_id=f"craftport-{self._group}",
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 10,
            # A member waits in its request for the others to join, as long as the session: the request must outlast that.
            request_timeout_ms=session_ms * 2,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )
        await start(self._consumer.start(), patience_seconds=self._times.leave_seconds)
        self._consumer.subscribe(list(self._topics), listener=self._membership)

    async def leave(self) -> None:
        """Give the partitions back."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await self._retire(consumer)

    async def batch(self, *, limit: int, wait_seconds: float) -> Sequence[Message]:
        deadline = time.monotonic() + wait_seconds
        self._watch.begin()
        while True:
            if self._must_join_anew:
                await self._join_anew()
            await self._place()
            left = max(0.0, deadline - time.monotonic())
            messages = await self._of_this_life(await self._read(limit, left if self._is_placed else min(left, _JOINING_SECONDS)))
            for message in messages:
                self._positions[message.partition] = message.offset + 1
            await self._look_after_progress()
            if messages or left <= 0:
                self._watch.end()
                return messages

    @property
    def _is_placed(self) -> bool:
        return self._membership.joined and self._placed_for == self._membership.generation

    async def _place(self) -> None:
        """After an assignment: ask where to read on. What stood still and is still ours stands still; a topic that is gone does."""
        if self._is_placed or not self._membership.joined:
            return
        generation = self._membership.generation
        topics = (await self._cluster.describe(self._topics)).topics
        mine = {tp: Partition(tp.topic, topics[tp.topic].id, tp.partition) for tp in self._consumer.assignment() if tp.topic in topics}
        placed = await self._seek(mine)
        if generation != self._membership.generation or not self._membership.joined:
            return
        ended = {p for p in (*self._partitions.values(), *self.stopped) if p.topic not in topics or topics[p.topic].id != p.topic_id}
        for partition in ended:
            self._note_stop(partition, TopicMadeAnew(partition, self._positions.get(partition, 0)))
        self.stopped = {partition: why for partition, why in self.stopped.items() if partition in placed or partition in ended}
        self._partitions, self._positions, self._placed_for = mine, placed, generation

    async def _seek(self, partitions: Mapping[TopicPartition, Partition]) -> dict[Partition, int]:
        """Go to the positions in the database; a partition whose position is not in its log is stopped."""
        if not partitions:
            return {}
        known = await self._ask(partitions.values())
        firsts = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        for tp, partition in partitions.items():
            at = known.get(partition, 0)
            if not firsts[tp] <= at <= ends[tp]:
                self._note_stop(partition, OffsetOutOfRange(partition, at, firsts[tp], ends[tp]))
            if not self._consumer.assignment() >= {tp}:
                continue  # taken from us meanwhile; the next assignment places anew
            self._consumer.seek(tp, at if partition not in self.stopped else ends[tp])
            if partition in self.stopped:
                self._consumer.pause(tp)
            else:
                self._consumer.resume(tp)
        return {partition: known.get(partition, 0) for partition in partitions.values()}

    def _note_stop(self, partition: Partition, reason: Exception) -> None:
        if partition not in self.stopped:
            _log.error("partition_stopped", topic=partition.topic, partition=partition.number, reason=str(reason))
            self.stopped[partition] = str(reason)

    async def _read(self, limit: int, wait_seconds: float) -> list[Message]:
        found: list[Message] = []
        try:
            # While the group rebalances it waits for as long as that takes, whatever it was told.
            async with asyncio.timeout(wait_seconds + _FETCH_WAIT_MS / 1000):
                await self._fill(found, dict(self._partitions) if self._is_placed else {}, limit, wait_seconds)
        except (TimeoutError, NoOffsetForPartitionError):
            pass
        except OffsetOutOfRangeError as error:
            await self._stop_what_is_out_of_range(error.args[0])
        return found

    async def _fill(self, found: list[Message], partitions: Mapping[TopicPartition, Partition], limit: int, wait_seconds: float) -> None:
        """Wait for the first message; then of every partition its share, and of whichever has more. aiokafka itself empties one after the
        other: what comes to a partition would wait for the backlogs of all others.
        """
        wanted = [tp for tp, partition in partitions.items() if partition not in self.stopped] or [_NOWHERE]
        share = max(1, limit // len(wanted))
        for asked, most in ((wanted, 1), *(([tp], share) for tp in wanted), (wanted, limit)):
            wait_ms = 0 if found else int(wait_seconds * 1000)
            fetched = await self._consumer.getmany(*asked, timeout_ms=wait_ms, max_records=min(most, limit - len(found)))
            found += [_message(partitions[tp], record) for tp, records in fetched.items() for record in records]
            if not found or len(found) == limit:
                return

    async def _stop_what_is_out_of_range(self, positions: Mapping[TopicPartition, int]) -> None:
        """The log was cut or made anew under us."""
        held = {tp: at for tp, at in positions.items() if tp in self._partitions and self._consumer.assignment() >= {tp}}
        firsts, ends = await self._consumer.beginning_offsets(held), await self._consumer.end_offsets(held)
        for tp, at in held.items():
            self._note_stop(self._partitions[tp], OffsetOutOfRange(self._partitions[tp], at, firsts[tp], ends[tp]))
            self._pause(self._partitions[tp])

    async def _look_after_progress(self) -> None:
        """Now and then: whether every topic is still the one it was, and what is in the log arrives."""
        if not self._watch.is_due():
            return
        if not self._membership.joined:
            stalled = self._watch.has_stalled({_NOWHERE: 0})
        elif self._is_placed:
            await self._stop_what_was_made_anew()
            behind = {tp: self._positions[p] for tp, p in self._partitions.items() if p not in self.stopped}
            ends = await self._consumer.end_offsets(behind) if behind else {}
            stalled = self._watch.has_stalled({tp: at for tp, at in behind.items() if ends[tp] > at})
        else:
            return
        if stalled:
            _log.warning("consumer_made_anew", group=self._group, joined=self._membership.joined)
            await self._join_anew()

    async def _join_anew(self) -> None:
        await self.leave()
        await self.join()
        self._must_join_anew = False

    async def _of_this_life(self, messages: list[Message]) -> list[Message]:
        """The library asks for topics by name: what it found may stand in the log of a topic made anew, and is not ours to read on."""
        if messages:
            try:
                await self._stop_what_was_made_anew()
            except BaseException:
                self._placed_for = -1  # aiokafka has gone past them: they are read again
                raise
        return [message for message in messages if message.partition not in self.stopped]

    async def _stop_what_was_made_anew(self) -> None:
        topics = (await self._cluster.describe(self._topics)).topics
        for partition in self._partitions.values():
            topic = topics.get(partition.topic)
            if (topic is None or topic.id != partition.topic_id) and partition not in self.stopped:
                self._note_stop(partition, TopicMadeAnew(partition, self._positions[partition]))
                self._pause(partition)

    def _pause(self, partition: Partition) -> None:
        for tp in self._tps(partition):
            self._consumer.pause(tp)

    def _tps(self, partition: Partition) -> Iterable[TopicPartition]:
        """The partition as aiokafka names it, when it is assigned to us now."""
        return [tp for tp, own in self._partitions.items() if own == partition and tp in self._consumer.assignment()]

    async def rewind(self) -> None:
        self._positions |= await self._seek(self._partitions)

    async def stop(self, partition: Partition, reason: str) -> None:
        self.stopped[partition] = reason
        self._pause(partition)

    async def resume(self, partition: Partition) -> None:
        self.stopped.pop(partition, None)
        self._placed_for = -1
        # Of a topic that ended we have nothing any more, and aiokafka would look for a new one of that name in minutes only.
        self._must_join_anew |= partition not in self._partitions.values()
        self._partitions = {tp: own for tp, own in self._partitions.items() if own != partition}


class _Membership(ConsumerRebalanceListener):
    """What the group last told us: whether we are in it, and the how manieth assignment this is."""

    def __init__(self) -> None:
        self.joined, self.generation = False, 0

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        del revoked
        self.joined = False

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        del assigned
        self.generation += 1
        self.joined = True


class _Watch:
    """Tells a consumer that has stalled from one that has nothing to do, or whose reader was busy."""

    def __init__(self, stalled_seconds: float) -> None:
        self._stalled_seconds = stalled_seconds
        self._every = stalled_seconds / 4
        self._next = self._ended = time.monotonic()
        self._since: dict[TopicPartition, tuple[int, float]] = {}

    def begin(self) -> None:
        """The reader asks for messages. The time in which it did not ask does not count."""
        if time.monotonic() - self._ended > self._every:
            self._since.clear()

    def end(self) -> None:
        self._ended = time.monotonic()

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._every
        return True

    def has_stalled(self, behind: Mapping[TopicPartition, int]) -> bool:
        """Whether one of these, which have something to read at their position, has stood there for too long."""
        now = time.monotonic()
        self._since = {tp: self._since[tp] if tp in self._since and self._since[tp][0] == at else (at, now) for tp, at in behind.items()}
        if not any(now - since >= self._stalled_seconds for _, since in self._since.values()):
            return False
        self._since.clear()
        return True


def _message(partition: Partition, record: Any) -> Message:
    """A record as it stands, whoever wrote it: what is no UTF-8 has replacement characters, what is missing is empty."""
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    return Message(partition, record.offset, (record.key or b"").decode("utf-8", "replace"), headers, record.value or b"")
