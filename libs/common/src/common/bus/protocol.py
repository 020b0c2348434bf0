"""What a bus is: a durable log of messages by topic and partition, read from positions that the reader keeps himself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Partition(NamedTuple):
    """One partition of one topic's one life: a topic that was deleted and made anew has another `topic_id`."""

    topic: str
    topic_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be published; messages of one topic and key keep their order."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands in the log. Header values that are no UTF-8 arrive with replacement characters."""

    partition: Partition
    offset: int
    key: str
    headers: Mapping[str, str]
    value: bytes


class OffsetOutOfRange(Exception):
    """The position asked for is not in the log: it was cut or made anew. The partition stops; it never jumps."""

    def __init__(self, partition: Partition, position: int, first: int, end: int) -> None:
        super().__init__(f"{partition.topic}/{partition.number}: position {position} is outside the log [{first}, {end}]")
        self.partition, self.position, self.first, self.end = partition, position, first, end


class TopicMadeAnew(Exception):
    """The topic that was read is gone, or another one has its name. What the new one holds is another log, not the rest of this one."""

    def __init__(self, partition: Partition, position: int) -> None:
        super().__init__(f"{partition.topic}/{partition.number}: the topic was deleted or made anew after position {position}")


Positions = Callable[[Iterable[Partition]], Awaitable[Mapping[Partition, int]]]
"""Where to read on: the next offset of each partition; one that is absent begins at 0. Asked at every assignment."""


class Consumption(Protocol):
    """One member of a group, reading its share of the partitions."""

    async def batch(self, *, limit: int, wait_seconds: float) -> Sequence[Message]:
        """Up to `limit` messages, in order within each partition; empty when none came in time.

        A partition whose position is outside its log, or whose topic was made anew, is stopped and shows in `stopped`; the others go on.
        """
        ...

    async def rewind(self) -> None:
        """Read again from the positions in the database: after a failed transaction."""
        ...

    async def stop(self, partition: Partition, reason: str) -> None:
        """Deliver nothing more of this partition until `resume`."""
        ...

    async def resume(self, partition: Partition) -> None:
        """Read the partition on from its position in the database; of a topic that was made anew, the new log from its beginning."""
        ...

    @property
    def stopped(self) -> Mapping[Partition, str]:
        """The partitions that stand still, with the reason."""
        ...


class Bus(Protocol):
    """A log that keeps everything. `id` names this log: offsets of another log mean nothing here."""

    @property
    def id(self) -> str: ...

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Returns when every message is durable; raises when any is not (then all may be sent again)."""
        ...

    async def ends(self, topics: Sequence[str]) -> Mapping[Partition, int]:
        """Where each partition's log ends: the offset that its next message will have. A topic that is not there is absent."""
        ...

    def consume(self, group: str, topics: Sequence[str], positions: Positions) -> AbstractAsyncContextManager[Consumption]:
        """Join the group; leaving the context leaves the group at once."""
        ...

    async def close(self) -> None: ...
