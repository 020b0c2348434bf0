"""Faults of what the services stand on: Kafka and PostgreSQL killed, stopped, cut off, used up, locked; a log made anew; other rules."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

import asyncpg
import httpx2
from faults import Fault
from killable import TOPICS, declare
from town import Town

from city.agency import Agency
from common.bus.kafka import KafkaBus
from common.bus.topics import read_topics
from common.testing.until import until

_WITHIN_SECONDS = 120.0
_CUT_BEHIND_ITS_ANSWER = "response already started"
"""A request whose connection is cut when its answer is out is logged as failed. Its caller has what he asked for."""
_REPUBLISH_SECONDS = 120
HEARD_TOPICS = tuple(topic.name for topic in read_topics(TOPICS) if topic.readers)


@dataclass
class BrokerKilled(Fault):
    """kill −9 of the broker, which is back a moment later."""

    kind: ClassVar[str] = "Kafka: kill −9 of the broker and restart"
    excuses: ClassVar[tuple[str, ...]] = ("listening_failed",)
    lasts_seconds: float = 0.5

    async def do(self, town: Town) -> None:
        await asyncio.to_thread(town.broker.kill)

    async def undo(self, town: Town) -> None:
        await asyncio.to_thread(town.broker.start)


@dataclass
class BrokerStopped(BrokerKilled):
    """An orderly stop, and a long time without."""

    kind: ClassVar[str] = "Kafka: broker stopped for a long time"
    lasts_seconds: float = 60.0

    async def do(self, town: Town) -> None:
        await asyncio.to_thread(town.broker.stop)


@dataclass
class TopicMadeAnew(Fault):
    """A topic deleted and made again: its readers must stop and say so. Its owner then publishes anew, and an officer lets them read on."""

    kind: ClassVar[str] = "Kafka: a topic made anew (readers stopped with the reason; republished; resumed)"
    excuses: ClassVar[tuple[str, ...]] = ("partition_stopped", "listening_failed")
    stops_readers: ClassVar[bool] = True
    topic: str

    async def do(self, town: Town) -> None:
        bus = await KafkaBus.open(town.broker.servers)
        try:
            await bus.delete_topic(self.topic)
        finally:
            await bus.close()
        await declare(town.broker.servers)
        (topic,) = (each for each in read_topics(TOPICS) if each.name == self.topic)
        for reader in topic.readers:
            await until(lambda reader=reader: self._stands(town, reader, topic.partitions), within_seconds=_WITHIN_SECONDS)
        await self._publish_anew(town, topic.owner)
        for reader in topic.readers:
            await self._let_read_on(town, reader)

    async def undo(self, town: Town) -> None:
        """Resuming was all."""

    async def _stands(self, town: Town, reader: str, partitions: int) -> bool:
        """Every partition of the topic, and for the right reason."""
        reasons = await town.ask(
            reader, f"SELECT array_agg(stopped_reason) FROM consumer_offset WHERE topic = '{self.topic}' AND stopped_reason IS NOT NULL"
        )
        assert all("made anew" in why or "outside the log" in why for why in reasons or ()), reasons
        return len(reasons or ()) >= partitions

    async def _publish_anew(self, town: Town, owner: str) -> None:
        """As the runbook says: api and workers of the owner stopped."""
        processes = [*town.of(owner, "api"), *town.of(owner, "worker")]
        await asyncio.gather(*(process.stop() for process in processes))
        command = [sys.executable, "-m", owner, "republish"]
        environment = processes[0].environment
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, timeout=_REPUBLISH_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        for process in processes:
            process.start()
        await town.until_up(processes)

    async def _let_read_on(self, town: Town, reader: str) -> None:
        async with httpx2.AsyncClient(base_url=town.url, timeout=60) as client:
            officer = Agency(client, "officer")
            await officer.log_in()
            stopped = (await officer.get(f"/{reader}/v1/operations/state"))["stopped"]
            for place in stopped:
                topic, _, number = place.rpartition("/")
                await officer.create(f"/{reader}/v1/operations/partitions/{topic}/{number}:resume", {})


@dataclass
class PostgresCrashed(Fault):
    """Immediate shutdown of PostgreSQL: every service loses every connection; recovery from the log."""

    kind: ClassVar[str] = "PostgreSQL: immediate shutdown and restart"
    excuses: ClassVar[tuple[str, ...]] = ("listening_failed", _CUT_BEHIND_ITS_ANSWER)
    lasts_seconds: float = 1.0

    async def do(self, town: Town) -> None:
        await asyncio.to_thread(town.postgres.crash)

    async def undo(self, town: Town) -> None:
        await asyncio.to_thread(town.postgres.start)


@dataclass
class _OfDatabase(Fault):
    excuses: ClassVar[tuple[str, ...]] = ("listening_failed", _CUT_BEHIND_ITS_ANSWER)
    service: str

    async def _order(self, town: Town, *orders: str) -> None:
        connection = await asyncpg.connect(town.postgres.url("postgres"))
        try:
            for order in orders:
                await connection.execute(order)
        finally:
            await connection.close()

    async def _cut(self, town: Town) -> None:
        await self._order(town, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.service}'")


@dataclass
class ConnectionsCut(_OfDatabase):
    """All connections of one service at once, three times."""

    kind: ClassVar[str] = "PostgreSQL: connections cut (pg_terminate_backend)"
    times: int = 3

    async def do(self, town: Town) -> None:
        for _ in range(self.times):
            await self._cut(town)
            await asyncio.sleep(0.3)

    async def undo(self, town: Town) -> None:
        """They connect again by themselves."""


@dataclass
class StatementTimeouts(_OfDatabase):
    """A service's statements are cut short for some seconds, as an overloaded server's are."""

    kind: ClassVar[str] = "PostgreSQL: statement timeouts"
    lasts_seconds: float = 4.0
    milliseconds: int = 3

    async def do(self, town: Town) -> None:
        await self._order(town, f"ALTER ROLE {self.service} SET statement_timeout = {self.milliseconds}")
        await self._cut(town)

    async def undo(self, town: Town) -> None:
        await self._order(town, f"ALTER ROLE {self.service} RESET statement_timeout")
        await self._cut(town)


@dataclass
class NoConnectionsLeft(_OfDatabase):
    """A service gets one connection for all its processes."""

    kind: ClassVar[str] = "PostgreSQL: no connections left"
    lasts_seconds: float = 5.0

    async def do(self, town: Town) -> None:
        await self._order(town, f"ALTER ROLE {self.service} CONNECTION LIMIT 1")
        await self._cut(town)

    async def undo(self, town: Town) -> None:
        await self._order(town, f"ALTER ROLE {self.service} CONNECTION LIMIT -1")


@dataclass
class TableLocked(_OfDatabase):
    """A hand that works in the database holds a replica table for some seconds."""

    kind: ClassVar[str] = "PostgreSQL: a replica table locked"
    table: str
    lasts_seconds: float = 8.0

    async def do(self, town: Town) -> None:
        self._hand = await asyncpg.connect(town.databases[self.service])
        await self._hand.execute("BEGIN")
        await self._hand.execute(f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE")

    async def undo(self, town: Town) -> None:  # noqa: ARG002 - the hand is let go of, wherever it was laid
        await self._hand.close()


@dataclass
class OtherRules(Fault):
    """A new version of awards with other rules comes into force in the middle: who computes by the old ones ends, and all is computed anew."""

    kind: ClassVar[str] = "awards: a new version with other rules in the middle"
    excuses: ClassVar[tuple[str, ...]] = ("RulesReplaced", "loop_ended")
    version: str

    async def do(self, town: Town) -> None:
        (api,), workers = town.of("awards", "api"), town.of("awards", "worker")
        await api.stop()
        for process in (api, *workers):
            process.rules = self.version
        api.start()
        for worker in workers:
            await until(lambda worker=worker: worker.ended(1), within_seconds=_WITHIN_SECONDS)
            worker.start()

    async def undo(self, town: Town) -> None:
        await town.until_up([*town.of("awards", "api"), *town.of("awards", "worker")])
