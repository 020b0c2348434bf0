"""What the bus holds for a service and its facts have not yet: told from the database's offsets, so that every process can tell."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from common.bus.facts import Facts
from common.bus.protocol import Bus, Partition


async def backlog(connection: asyncpg.Connection, bus: Bus, facts: Facts) -> Mapping[Partition, int]:
    """How many messages each partition of the topics that are read holds beyond the offset. Raises what the bus raises when it is away.

    The offsets are read first: what is applied meanwhile counts as waiting, and nothing that waits is missed.
    """
    if not facts.topics:
        return {}
    rows = await connection.fetch(
        "SELECT topic, topic_id, partition, next_offset FROM consumer_offset WHERE bus_id = $1 AND group_name = $2",
        facts.bus_id,
        facts.group,
    )
    read = {Partition(row["topic"], row["topic_id"], row["partition"]): row["next_offset"] for row in rows}
    ends = await bus.ends(facts.topics)
    return {partition: max(0, end - read.get(partition, 0)) for partition, end in ends.items()}
