"""Integrity is counted, not believed: per topic, the distinct versions that its owner published are those that each reader answers for.

published = heard (applied + superseded) + dead + discarded, by distinct (aggregate, version) within one epoch
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True)
class TopicHeard:
    """What a reader answers for, of one topic and the newest epoch that it has heard."""

    topic: str
    epoch: int
    heard: int
    """Distinct versions, applied or superseded by newer ones."""
    dead: int
    """Versions that could not be read: they wait for somebody, or a newer one has overtaken them."""
    discarded: int
    """Versions that somebody discarded, with a reason."""
    counted: int
    """What the running counts say of all epochs; it must equal `kept`."""
    kept: int
    """How many versions are kept of all epochs."""

    @property
    def answered(self) -> int:
        return self.heard + self.dead + self.discarded


@dataclass(frozen=True)
class Difference:
    """A topic that does not close, and by how much."""

    topic: str
    reader: str
    published: int
    answered: int
    what: str

    def __str__(self) -> str:
        return f"{self.reader} of {self.topic}: {self.what}, published {self.published}, answered for {self.answered}"


async def published(connection: asyncpg.Connection) -> dict[str, int]:
    """How many distinct versions this owner has handed to the bus in its present epoch, by topic."""
    rows = await connection.fetch("SELECT topic, events FROM published ORDER BY topic")
    return {row["topic"]: row["events"] for row in rows}


async def heard(connection: asyncpg.Connection, topics: Sequence[str]) -> list[TopicHeard]:
    """What this reader answers for, counted from what it keeps and not from a counter."""
    return [TopicHeard(**dict(row)) for row in await connection.fetch(_HEARD, list(topics))]


_HEARD = """
    WITH asked AS (SELECT unnest($1::text[]) AS topic),
    epochs AS (
        SELECT topic, max(epoch) AS epoch FROM (
            SELECT topic, epoch FROM fact_version WHERE topic = ANY($1::text[])
            UNION ALL SELECT topic, epoch FROM dead_letter WHERE topic = ANY($1::text[])) AS seen GROUP BY topic),
    versions AS (
        SELECT topic, count(*) FILTER (WHERE f.epoch = e.epoch) AS heard, count(*) AS kept
        FROM fact_version AS f JOIN epochs AS e USING (topic) GROUP BY topic),
    -- One version may lie there twice; one that was heard in the end is not dead; of a letter without a readable envelope each is its own.
    letters AS (
        SELECT topic, count(*) FILTER (WHERE NOT is_discarded) AS dead, count(*) FILTER (WHERE is_discarded) AS discarded
        FROM (SELECT d.topic, bool_and(d.state = 'DISCARDED') AS is_discarded
              FROM dead_letter AS d JOIN epochs AS e ON e.topic = d.topic AND e.epoch = coalesce(d.epoch, e.epoch)
              WHERE d.state <> 'REPLAYED' AND NOT EXISTS (
                  SELECT FROM fact_version AS f WHERE (f.topic, f.id, f.epoch, f.version) = (d.topic, d.aggregate_id, d.epoch, d.version))
              GROUP BY d.topic, coalesce(d.aggregate_id, d.id), d.version) AS versions
        GROUP BY topic)
    SELECT asked.topic, coalesce(epochs.epoch, 1) AS epoch, coalesce(versions.heard, 0) AS heard, coalesce(letters.dead, 0) AS dead,
        coalesce(letters.discarded, 0) AS discarded, coalesce(c.applied + c.superseded, 0) AS counted, coalesce(versions.kept, 0) AS kept
    FROM asked LEFT JOIN epochs USING (topic) LEFT JOIN versions USING (topic) LEFT JOIN letters USING (topic) LEFT JOIN fact_count AS c USING (topic)
    ORDER BY asked.topic
"""


def differences(published_by_topic: Mapping[str, int], heard_by_reader: Mapping[str, Iterable[TopicHeard]]) -> list[Difference]:
    """Where the count does not close; empty when nothing is lost or invented. Taken while events are under way, it shows them as missing."""
    found = []
    for reader, topics in heard_by_reader.items():
        for each in topics:
            count = published_by_topic.get(each.topic, 0)
            if each.answered != count:
                found.append(
                    Difference(each.topic, reader, count, each.answered, "missing" if each.answered < count else "more than published")
                )
            if each.counted != each.kept:
                found.append(Difference(each.topic, reader, each.counted, each.kept, "the counts and the versions kept do not agree"))
    return found
