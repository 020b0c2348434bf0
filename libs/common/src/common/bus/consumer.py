"""The loop that listens: batches into facts transactions, and the three kinds of failure (architecture §4)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog

from common.bus import dead_letters
from common.bus.facts import Facts
from common.bus.offsets import OffsetsMoved
from common.bus.protocol import Bus, Consumption, Message, Partition
from common.database.engine import is_transient, is_unstorable

_log = structlog.get_logger(__name__)
_TRIES = 3
_BATCH = 1000
_WAIT_SECONDS = 0.5


class Consumer:
    """One member of a service's group. `applied` rings after each commit: reconcilers and waiting readers listen."""

    def __init__(self, bus: Bus, facts: Facts, *, group: str, applied: Callable[[], None] = lambda: None, batch: int = _BATCH) -> None:
        self._bus, self._facts, self._group, self._applied, self._batch = bus, facts, group, applied, batch
        self.consumption: Consumption | None = None

    async def run(self) -> None:
        """Until cancelled. When the bus itself fails, join again."""
        while True:
            try:
                async with self._bus.consume(self._group, self._facts.topics, self._facts.positions) as consumption:
                    self.consumption = consumption
                    while True:
                        await self.step(consumption)
            except Exception:
                _log.exception("listening_failed", group=self._group)
                await asyncio.sleep(1.0)
            finally:
                self.consumption = None

    async def step(self, consumption: Consumption) -> int:
        """One batch, applied or set aside; how many messages it had."""
        messages = await consumption.batch(limit=self._batch, wait_seconds=_WAIT_SECONDS)
        if messages:
            await self._apply(consumption, messages)
            self._applied()
        return len(messages)

    async def _apply(self, consumption: Consumption, messages: Sequence[Message]) -> None:
        """Transient: the same batch again, for as long as it takes. Invalid: its own dead letter. Anything else: three tries, then stop."""
        tries, backoff = 0, 0.05
        while True:
            try:
                unreadable = await self._facts.apply(messages)
            except OffsetsMoved:
                await consumption.rewind()
                return
            except Exception as error:
                if is_unstorable(error):
                    await self._bisect(consumption, messages)
                    return
                if not is_transient(error):
                    tries += 1
                    _log.exception("facts_failed", group=self._group, tries=tries)
                    if tries == _TRIES:
                        await self._stop(consumption, messages, type(error).__name__)
                        return
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, 5.0)
                continue
            if unreadable:
                await self._stop_floods(consumption, messages)
            return

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
                _log.error("partition_stopped", topic=partition.topic, partition=partition.number, reason=reason)
                await consumption.stop(partition, reason)

    async def _stop_floods(self, consumption: Consumption, messages: Sequence[Message]) -> None:
        """More than 20 dead letters in five minutes are no accident: the partition stops."""
        for partition in {message.partition for message in messages}:
            if await self._facts.is_flooded(partition):
                _log.error("partition_stopped", topic=partition.topic, partition=partition.number, reason="too many dead letters")
                await consumption.stop(partition, f"more than {dead_letters.FLOOD} dead letters in five minutes")
