"""The topics as `deploy/kafka/topics.yaml` declares them, put on a broker: `python -m common.bus.topics <file> <servers>`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from common.bus.cluster import Cluster


class TopicDiffers(Exception):
    """A topic on the broker is not as declared. Partition counts and clean-up are never changed under a log that is read."""


@dataclass(frozen=True, kw_only=True)
class DeclaredTopic:
    """One topic: `<owner>.<aggregate>`, who reads it, the contract's field that keeps its messages in order, how many partitions."""

    name: str
    owner: str
    readers: tuple[str, ...]
    key: str
    partitions: int
    settings: Mapping[str, str]


def read_topics(path: Path) -> tuple[DeclaredTopic, ...]:
    """The declared topics, in the file's order."""
    content = yaml.safe_load(path.read_text("utf-8"))
    settings = {name: str(value) for name, value in content["settings"].items()}
    return tuple(
        DeclaredTopic(
            name=name,
            owner=topic["owner"],
            readers=tuple(topic["readers"]),
            key=topic["key"],
            partitions=topic["partitions"],
            settings=settings,
        )
        for name, topic in content["topics"].items()
    )


async def declare_topics(cluster: Cluster, topics: Iterable[DeclaredTopic]) -> list[str]:
    """Make those that are not there; the names of those made. Raises TopicDiffers for one that is there and is otherwise."""
    topics = tuple(topics)
    there = (await cluster.describe([topic.name for topic in topics])).topics
    made = []
    for topic in topics:
        if topic.name not in there:
            await cluster.create_topic(topic.name, partitions=topic.partitions, settings=topic.settings)
            made.append(topic.name)
            continue
        if there[topic.name].partitions != topic.partitions:
            raise TopicDiffers(f"{topic.name} has {there[topic.name].partitions} partitions, {topic.partitions} are declared")
        settings = await cluster.settings_of(topic.name, topic.settings)
        if settings != topic.settings:
            raise TopicDiffers(f"{topic.name} has {settings}, {dict(topic.settings)} are declared")
    return made


async def _declare(path: Path, servers: str) -> list[str]:
    cluster = Cluster(servers)
    try:
        return await declare_topics(cluster, read_topics(path))
    finally:
        await cluster.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m common.bus.topics <topics.yaml> <host:port,…>")
    sys.stdout.writelines(f"made {name}\n" for name in asyncio.run(_declare(Path(sys.argv[1]), sys.argv[2])))
