"""Workers of awards as processes of their own, which can be killed; and the log that they read, on a real Apache Kafka."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from common.bus.cluster import Cluster
from common.bus.kafka import KafkaBus
from common.bus.protocol import Message, Partition
from common.bus.topics import declare_topics, read_topics
from common.database.engine import Database, raw
from common.testing.at_work import AUDIT_KEYS, INDEX_KEY, KEY

TOPICS = Path(__file__).parents[2] / "deploy/kafka/topics.yaml"


class Worker:
    """`python -m awards worker`, with nothing but its settings."""

    def __init__(self, name: str, database_url: str, servers: str, day: date, directory: Path) -> None:
        self.name, self._log = name, directory / f"{name}.log"
        own = {
            "ENVIRONMENT": "development", "DATABASE_URL": database_url, "BUS": "kafka", "KAFKA_BOOTSTRAP_SERVERS": servers, "CLOCK": "manual", "RECONCILERS": "3",
            "FIRST_BUSINESS_DAY": day.isoformat(), "CONSISTENCY_KEY": "consistency", "ENCRYPTION_KEYS": f"k1:{KEY}", "INDEX_KEY": INDEX_KEY, "AUDIT_KEYS": AUDIT_KEYS,
            "STATE_DIRECTORY": str(directory),
        }  # fmt: skip
        others = {name: value for name, value in os.environ.items() if not name.startswith("CRAFTPORT_")}
        self._environment = others | {f"CRAFTPORT_{name}": value for name, value in own.items()}
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def start(self) -> None:
        self._starts += 1
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "-m", "awards", "worker"], env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """As a power cut would. It must have been running."""
        self._end(signal.SIGKILL, returns=-signal.SIGKILL)

    def stop(self) -> None:
        """As an orderly restart would."""
        self._end(signal.SIGTERM, returns=0)

    def _end(self, by: signal.Signals, *, returns: int) -> None:
        self.must_run()
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(by)
        assert process.wait(20) == returns, f"{self.name} returned {process.returncode}: {self.said()}"

    def must_run(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, f"{self.name} ended by itself: {self.said()}"

    def clear_away(self) -> None:
        """Whatever has become of the test."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)

    def said(self) -> str:
        """The end of its log."""
        return self._lines()[-2000:]

    def _lines(self) -> str:
        return self._log.read_text("utf-8", "replace")

    @property
    def is_at_work(self) -> bool:
        """Whether it has come up: its loops run."""
        return self._lines().count('"event": "at_work"') == self._starts

    def complaints(self) -> list[str]:
        """What it has logged as failed or stopped."""
        return [line for line in self._lines().splitlines() if '_failed"' in line or '_stopped"' in line]


async def declare(servers: str) -> None:
    """All topics as they are declared."""
    cluster = Cluster(servers)
    try:
        await declare_topics(cluster, read_topics(TOPICS))
    finally:
        await cluster.close()


async def read_log(bus: KafkaBus, group: str, topics: Sequence[str], since: Mapping[Partition, int]) -> list[Message]:
    """Everything that stands in these topics from there on."""

    async def positions(_: object) -> Mapping[Partition, int]:
        return since

    found: list[Message] = []
    wanted = sum(end - since.get(partition, 0) for partition, end in (await bus.ends(topics)).items())
    async with bus.consume(group, topics, positions) as reading:
        while len(found) < wanted:
            found += await reading.batch(limit=5000, wait_seconds=0.2)
    return found


async def begin_at(database: Database, bus: KafkaBus, positions: Mapping[Partition, int]) -> None:
    """Awards hears what comes from there on."""
    async with database.transaction() as session:
        await (await raw(session)).executemany(
            "INSERT INTO consumer_offset (bus_id, group_name, topic, topic_id, partition, next_offset) VALUES ($1, 'awards', $2, $3, $4, $5)",
            [(bus.id, *partition, at) for partition, at in positions.items()],
        )
