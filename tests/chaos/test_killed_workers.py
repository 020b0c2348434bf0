"""Two workers of awards, 20,000 events on a real Apache Kafka, kill −9 again and again: the books of a calm run, to the fen.

`CHAOS_SEED=… pytest tests/chaos` tries another city and another schedule.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from awards_at_rest import AwardsAtRest, Books, differences, read_books
from killable import Worker, begin_at, declare, read_log

from awards.app import service
from city.lives import Version, city, repeated
from common.bus.envelope import read_event, seal
from common.bus.kafka import KafkaBus
from common.bus.protocol import Message
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database, raw
from common.database.migrations import upgrade
from common.testing.at_work import at_work
from common.testing.kafka import Broker
from common.testing.postgres import fresh_database
from contracts.awards import Entitlement

SEED = int(os.environ.get("CHAOS_SEED", "2"))
TODAY = date(2019, 2, 20)
MESSAGES, KILLINGS, AHEAD, STEP = 20_000, 4, 2_500, 250
WITHIN_SECONDS = 240
"""For the killings, and again for coming to rest; far more than it takes."""
OWN = "awards.entitlement"
_NOTHING_IS_LEFT = "SELECT NOT EXISTS (SELECT FROM dossier WHERE dirty > clean) AND NOT EXISTS (SELECT FROM outbox)"


@dataclass
class Awards:
    """Its database and its workers, seen from outside."""

    database: Database
    workers: tuple[Worker, ...]
    hears_from: int = 0
    may_be_published: int = 0
    """How much of the log, until the next killing has been seen to."""
    killed: list[str] = field(default_factory=list)

    async def ask(self, query: str) -> Any:
        async with self.database.transaction() as session:
            return await (await raw(session)).fetchval(query)

    async def heard(self) -> int:
        """How many messages stand behind the offsets."""
        return int(await self.ask("SELECT coalesce(sum(next_offset), 0) FROM consumer_offset")) - self.hears_from

    async def is_at_rest(self) -> bool:
        """Everything is heard, computed and told, and both workers have come up again."""
        return all(worker.is_at_work for worker in self.workers) and await self.heard() == MESSAGES and await self.ask(_NOTHING_IS_LEFT)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Looks again and again, as long as every worker that was not killed runs."""
        while not await holds():
            for worker in self.workers:
                worker.must_run()
            await asyncio.sleep(0.02)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(3 * WITHIN_SECONDS)
@pytest.mark.parametrize("seed", [SEED])
async def test_killed_workers_leave_the_books_of_a_calm_run(postgres: EmbeddedPostgres, kafka: Broker, tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    published = city(chance, UUID(int=seed), quarters=3, persons=280)
    log = repeated(published, chance, length=MESSAGES)
    calm = await a_calm_run(postgres, published)
    assert {name[1] for name in calm if name[0] == "owed"} >= {"universal-training", "shortage-training", "partner-bonus", "newcomer"}

    async with awards_on(postgres, kafka, tmp_path) as (awards, bus):
        everywhere = await bus.ends([*service_topics(), OWN])
        begin = {partition: at for partition, at in everywhere.items() if partition.topic != OWN}
        await begin_at(awards.database, bus, begin)
        awards.hears_from = sum(begin.values())

        async with asyncio.timeout(WITHIN_SECONDS), asyncio.TaskGroup() as at_once:
            for worker in awards.workers:
                worker.start()
            at_once.create_task(publish(bus, awards, log))
            at_once.create_task(kill_again_and_again(awards, chance))
        async with asyncio.timeout(WITHIN_SECONDS):
            await awards.until(awards.is_at_rest)
        for worker in awards.workers:
            worker.stop()
            assert not worker.complaints(), "what is transient is tried again; anything else is a fault that being killed does not excuse"

        assert len(awards.killed) > KILLINGS
        async with awards.database.transaction() as session:
            assert not differences(await read_books(await raw(session)), calm)
        await everything_was_counted(awards, published)
        own = {partition: at for partition, at in everywhere.items() if partition.topic == OWN}
        await what_was_told_is_what_stands(awards, await read_log(bus, f"reader-{uuid4()}", [OWN], own))


async def a_calm_run(postgres: EmbeddedPostgres, published: Sequence[Version]) -> Books:
    """One process, one reconciler, every version once and in order."""
    async with at_work(service, postgres, first_day=TODAY, worker=False) as started:
        at_rest = AwardsAtRest(started)
        await at_rest.begin_anew(TODAY)
        for first in range(0, len(published), 1000):
            await at_rest.hear(published[first : first + 1000])
            await at_rest.reconciler.until_clean()
        return await at_rest.books()


def service_topics() -> list[str]:
    return [replica.topic for replica in service.replicas]


@asynccontextmanager
async def awards_on(postgres: EmbeddedPostgres, kafka: Broker, directory: Path) -> AsyncIterator[tuple[Awards, KafkaBus]]:
    """Awards with two workers that have not started yet, and the bus."""
    async with fresh_database(postgres, "awards") as url:
        await upgrade(url, service.migrations)
        await declare(kafka.servers)
        database, bus = Database(url, connections=3), await KafkaBus.open(kafka.servers)
        awards = Awards(database, tuple(Worker(f"worker-{nth}", url, kafka.servers, TODAY, directory) for nth in range(2)))
        try:
            yield awards, bus
        finally:
            for worker in awards.workers:
                worker.clear_away()
            await bus.close()
            await database.close()


async def publish(bus: KafkaBus, awards: Awards, log: Sequence[Version]) -> None:
    """Never far ahead of what is heard, so that all the work is done among killings."""
    for first in range(0, len(log), STEP):

        async def has_caught_up(end: int = first + STEP) -> bool:
            return end <= awards.may_be_published and end - await awards.heard() <= AHEAD

        await awards.until(has_caught_up)
        await bus.publish([seal(version.event(bulk=version.number % 3 == 0)) for version in log[first : first + STEP]])


async def kill_again_and_again(awards: Awards, chance: Random) -> None:
    """Where in the log, and whom: by the seed. Once both at the same moment. Who is killed has come up, and has work in hand."""
    moments = sorted(chance.sample(range(MESSAGES // 20, MESSAGES * 9 // 10), k=KILLINGS))
    whom: list[Sequence[Worker]] = [awards.workers, *([worker] for worker in chance.choices(awards.workers, k=KILLINGS - 1))]
    for moment, victims in zip(moments, chance.sample(whom, k=KILLINGS), strict=True):

        async def have_come_up(victims: Sequence[Worker] = victims) -> bool:
            return all(worker.is_at_work for worker in victims)

        async def has_come_so_far(at: int = moment) -> bool:
            return await awards.heard() >= at

        awards.may_be_published = moment
        await awards.until(have_come_up)
        awards.may_be_published = moment + AHEAD
        await awards.until(has_come_so_far)
        for worker in victims:
            worker.kill()
            awards.killed.append(worker.name)
        for worker in victims:
            worker.start()
    awards.may_be_published = MESSAGES


async def everything_was_counted(awards: Awards, published: Sequence[Version]) -> None:
    """Every message has become something, once: applied and superseded are the distinct versions, the rest are duplicates."""
    counts = await awards.ask("SELECT row(sum(applied + superseded), sum(duplicate)) FROM fact_count")
    assert tuple(counts) == (len(published), MESSAGES - len(published))
    assert await awards.ask("SELECT count(*) FROM fact_version") == len(published)
    assert await awards.ask("SELECT count(*) FROM dead_letter") == 0
    assert await awards.ask("SELECT count(*) FROM dossier WHERE failed_reason IS NOT NULL") == 0
    assert await awards.ask("SELECT count(*) FROM decision") == await awards.ask("SELECT sum(version) FROM entitlement"), (
        "one for each version"
    )


async def what_was_told_is_what_stands(awards: Awards, told: Iterable[Message]) -> None:
    """Awards' own topic: of every entitlement all versions, and the newest one is the row."""
    events = [read_event(message) for message in told]
    versions: dict[UUID, dict[int, Entitlement]] = defaultdict(dict)
    for event in events:
        versions[event.aggregate_id][event.version] = Entitlement.parse(event.data)
    async with awards.database.transaction() as session:
        columns = ", ".join(Entitlement.model_fields)
        rows = await (await raw(session)).fetch(f"SELECT version, {columns} FROM entitlement")
    stands = {row["id"]: (row["version"], Entitlement.model_validate(dict(row))) for row in rows}
    assert {id_: (max(of), of[max(of)]) for id_, of in versions.items()} == stands
    assert all(of.keys() == set(range(1, len(of) + 1)) for of in versions.values()), "none was lost on the way"
    assert await awards.ask(f"SELECT events FROM published WHERE topic = '{OWN}'") == sum(len(of) for of in versions.values())
