"""The loop that listens: batches into facts transactions, and the three kinds of failure (architecture §4)."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import structlog
from opentelemetry.sdk.trace import TracerProvider

from common.bus import dead_letters
from common.bus.facts import Facts
from common.bus.offsets import OffsetsMoved, PartitionsStopped
from common.bus.protocol import Bus, Consumption, Message, Partition
from common.database.engine import is_transient, is_unstorable
from common.finishing import to_its_end
from common.observability.traces import applying

_log = structlog.get_logger(__name__)
_TRIES = 3
BATCH = 250
"""Read through their contracts in one go: a CPU slice of a few milliseconds."""
_WAIT_SECONDS = 0.5


class Consumer:
    """One member of a service's group. `applied` rings after each commit: reconcilers and waiting readers listen."""

    def __init__(
        self, bus: Bus, facts: Facts, *, group: str, applied: Callable[[], None] = lambda: None, batch: int = BATCH,
        tracing: TracerProvider | None = None,
    ) -> None:  # fmt: skip
        self._tracing = tracing
        self._bus, self._facts, self._group, self._applied, self._batch = bus, facts, group, applied, batch
        self.consumption: Consumption | None = None
        self._known_stops: set[Partition] = set()
        self._rewinds: Counter[Partition] = Counter()

    async def run(self) -> None:
        """Until cancelled. When the bus itself fails, join again."""
        while True:
            try:
                async with self._bus.consume(self._group, self._facts.topics, self._facts.positions) as consumption:
                    self.consumption = consumption
                    self._known_stops.clear()
                    while True:
                        await self.step(consumption)
            except Exception:
                _log.exception("listening_failed", group=self._group)
                await asyncio.sleep(1.0)
            finally:
                self.consumption = None

    async def step(self, consumption: Consumption) -> int:
        """One batch, applied or set aside; how many messages it had."""
        if consumption.stopped:
            await self._look_after_stops(consumption)
        messages = await consumption.batch(limit=self._batch, wait_seconds=_WAIT_SECONDS)
        if messages:
            with applying(self._tracing, self._group, messages):
                await to_its_end(self._apply(consumption, messages))
            self._applied()
        return len(messages)

    async def _look_after_stops(self, consumption: Consumption) -> None:
        """What stands still is written down, for every process to see; what somebody has resumed there is read on here."""
        for partition, reason in tuple(consumption.stopped.items()):
            if partition not in self._known_stops:
                await self._facts.stop(partition, reason)
                self._known_stops.add(partition)
        standing = await self._facts.stopped()
        for partition in self._known_stops.intersection(consumption.stopped) - standing.keys():
            self._known_stops.discard(partition)
            await consumption.resume(partition)

    async def _apply(self, consumption: Consumption, messages: Sequence[Message]) -> None:
        """Transient: the same batch again, for as long as it takes. Invalid: its own dead letter. Anything else: three tries, then stop."""
        tries, backoff = 0, 0.05
        while messages:
            try:
                unreadable = await self._facts.apply(messages)
            except PartitionsStopped as standing:
                messages = await self._without(consumption, messages, standing)
                continue
            except OffsetsMoved as error:
                return await self._read_again(consumption, error)
            except Exception as error:
                if is_unstorable(error):
                    return await self._bisect(consumption, messages)
                if not is_transient(error):
                    tries += 1
                    _log.exception("facts_failed", group=self._group, tries=tries)
                if tries == _TRIES:
                    return await self._stop(consumption, messages, type(error).__name__)
            else:
                return await self._look_back(consumption, messages, unreadable=unreadable)
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, 5.0)
        return None

    async def _look_back(self, consumption: Consumption, messages: Sequence[Message], *, unreadable: int) -> None:
        """After a batch was applied."""
        for partition in {message.partition for message in messages}:
            del self._rewinds[partition]
        if unreadable:
            await self._stop_floods(consumption, messages)

    async def _without(self, consumption: Consumption, messages: Sequence[Message], standing: PartitionsStopped) -> Sequence[Message]:
        """The batch without what stands still, whoever had stopped it."""
        for partition, reason in standing.reasons.items():
            await consumption.stop(partition, reason)
            self._known_stops.add(partition)
        return [message for message in messages if message.partition not in standing.reasons]

    async def _read_again(self, consumption: Consumption, error: OffsetsMoved) -> None:
        """From the positions in the database; where that does not help, something is missing in the log."""
        if error.partition is not None:
            self._rewinds[error.partition] += 1
            if self._rewinds[error.partition] == _TRIES:
                await self._stop_partition(consumption, error.partition, str(error))
                del self._rewinds[error.partition]
        await consumption.rewind()

    async def _bisect(self, consumption: Consumption, messages: Sequence[Message]) -> None:
        """Something in the batch cannot be stored: the one message becomes a dead letter, the others are applied."""
        if len(messages) > 1:
            half = len(messages) // 2
            await self._apply(consumption, messages[:half])
            await self._apply(consumption, messages[half:])
            return
        await self._facts.set_aside(messages[0], "cannot be stored")
        await self._stop_floods(consumption, messages)

    async def _stop(self, consumption: Consumption, messages: Sequence[Message], reason: str) -> None:
        """Find out which partitions fail alone; those stop, the others go on."""
        by_partition: dict[Partition, list[Message]] = defaultdict(list)
        for message in messages:
            by_partition[message.partition].append(message)
        for partition, own in by_partition.items():
            if len(by_partition) > 1:
                await self._apply(consumption, own)
            else:
                await self._stop_partition(consumption, partition, reason)

    async def _stop_floods(self, consumption: Consumption, messages: Sequence[Message]) -> None:
        """More than 20 dead letters in five minutes are no accident: the partition stops."""
        for partition in {message.partition for message in messages}:
            if await self._facts.is_flooded(partition):
                await self._stop_partition(consumption, partition, f"more than {dead_letters.FLOOD} dead letters in five minutes")

    async def _stop_partition(self, consumption: Consumption, partition: Partition, reason: str) -> None:
        _log.error("partition_stopped", topic=partition.topic, partition=partition.number, reason=reason)
        await consumption.stop(partition, reason)
        await self._facts.stop(partition, reason)
        self._known_stops.add(partition)
