"""A reader of a bus that keeps its effects and its positions together, as a service's database would."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from uuid import uuid4

from common.bus.protocol import Bus, Consumption, Message, Outgoing, Partition

_DEADLINE_SECONDS = 20.0


@dataclass
class Reader:
    """A group whose effects are the messages that it has applied; where it reads on stands beside them, as in a database."""

    bus: Bus
    topics: Sequence[str]
    group: str = field(default_factory=lambda: f"group-{uuid4().hex}")
    positions: dict[Partition, int] = field(default_factory=dict)
    applied: list[Message] = field(default_factory=list)

    async def where(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        return {partition: self.positions[partition] for partition in partitions if partition in self.positions}

    def joined(self) -> AbstractAsyncContextManager[Consumption]:
        """One more member of the group."""
        return self.bus.consume(self.group, self.topics, self.where)

    async def backlog(self) -> Mapping[Partition, int]:
        """What each log holds beyond the position."""
        return {partition: end - self.positions.get(partition, 0) for partition, end in (await self.bus.ends(self.topics)).items()}

    def apply(self, messages: Iterable[Message]) -> None:
        """What a facts transaction does: effects and positions together; what was applied before is passed over, a gap is an error."""
        for message in messages:
            at = self.positions.get(message.partition, 0)
            assert message.offset <= at, f"jumped over {at}"
            if message.offset == at:
                self.applied.append(message)
                self.positions[message.partition] = at + 1

    async def read(self, consumption: Consumption, until: Callable[[], bool], *, limit: int = 1000) -> list[Message]:
        """Read and apply until something is so; what was delivered in this time."""
        delivered: list[Message] = []
        await self.until(until, self._step(consumption, delivered, limit))
        return delivered

    def _step(self, consumption: Consumption, delivered: list[Message], limit: int) -> Callable[[], Awaitable[None]]:
        async def step() -> None:
            messages = await consumption.batch(limit=limit, wait_seconds=0.1)
            delivered.extend(messages)
            self.apply(messages)

        return step

    async def until(self, is_so: Callable[[], bool], step: Callable[[], Awaitable[None]]) -> None:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, f"not in time: {len(self.applied)} messages applied"
            await step()

    def has(self, count: int) -> Callable[[], bool]:
        return lambda: len(self.applied) >= count

    def values(self) -> list[bytes]:
        return [message.value for message in self.applied]


def told(topic: str, key: str, *values: object, headers: Mapping[str, str] | None = None) -> list[Outgoing]:
    """Messages of one key, with these texts."""
    return [Outgoing(topic, key, headers or {}, str(value).encode()) for value in values]


def by_partition(messages: Iterable[Message]) -> dict[Partition, list[Message]]:
    sorted_out: dict[Partition, list[Message]] = defaultdict(list)
    for message in messages:
        sorted_out[message.partition].append(message)
    return sorted_out
