"""What the bus holds for a service and its facts have not yet: told from the database's offsets, so that every process can tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import asyncpg

from common.bus.facts import Facts
from common.bus.protocol import Bus, Partition


class Backlog(NamedTuple):
    """Of one partition: how many messages wait, and how old the newest event is that was read (None: none was, or its envelope was garbled)."""

    unread: int
    read_up_to: datetime | None

    def behind_seconds(self, now: datetime) -> float | None:
        """How far reading is behind: nothing when nothing waits, unknown when nothing was ever read."""
        if not self.unread:
            return 0.0
        return None if self.read_up_to is None else max(0.0, (now - self.read_up_to).total_seconds())


async def backlog(connection: asyncpg.Connection, bus: Bus, facts: Facts) -> Mapping[Partition, Backlog]:
    """Of each partition of the topics that are read. Raises what the bus raises when it is away.

    The offsets are read first: what is applied meanwhile counts as waiting, and nothing that waits is missed.
    """
    if not facts.topics:
        return {}
    rows = await connection.fetch(
        "SELECT topic, topic_id, partition, next_offset, read_up_to FROM consumer_offset WHERE bus_id = $1 AND group_name = $2",
        facts.bus_id,
        facts.group,
    )
    read = {Partition(row["topic"], row["topic_id"], row["partition"]): (row["next_offset"], row["read_up_to"]) for row in rows}
    ends = await bus.ends(facts.topics)
    return {
        partition: Backlog(max(0, end - offset), up_to)
        for partition, end in ends.items()
        for offset, up_to in (read.get(partition, (0, None)),)
    }


def by_topic(backlogs: Mapping[Partition, Backlog], now: datetime) -> dict[str, tuple[int, float | None]]:
    """By topic: the messages that wait, and how far its slowest partition is behind in seconds (None when one is that nothing was read of)."""
    found: dict[str, tuple[int, float | None]] = {}
    for partition, each in backlogs.items():
        unread, behind = found.get(partition.topic, (0, 0.0))
        seconds = each.behind_seconds(now)
        found[partition.topic] = (unread + each.unread, None if seconds is None or behind is None else max(behind, seconds))
    return found
