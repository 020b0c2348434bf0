"""Certificates to reconciled entitlements: facts and two reconcilers, a process each, beside the floor and the usual way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import floor
import usual
from figures import Figure, medians, postgres
from population import MONEY, TODAY, Known, Registers, event, expected, messages, people
from workers import Wait, Worker, flag, race

from awards.app import service
from awards.equipment import Equipment
from common.bus.consumer import BATCH
from common.bus.facts import Facts, Heard
from common.collector import settle_collector
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database, raw
from common.reconciling.dossier import Dossiers
from common.reconciling.reconciler import Reconciler
from common.testing.at_work import AtWork, at_work
from contracts.fact import Fact

RECONCILERS = 2


async def furnish(awards: AtWork, persons: int) -> list[Known]:
    """A city at rest: everything is known but the certificates."""
    registers = Registers()
    known = list(people(registers, persons))
    facts = [*registers.facts(), *(fact for person in known for fact in person.facts)]
    for at in range(0, len(facts), BATCH):
        async with awards.running.database.transaction() as session:
            await awards.running.facts.keep(await raw(session), [Heard(event(fact), fact) for fact in facts[at : at + BATCH]])
    await awards.running.reconciler().until_clean()
    async with awards.running.database.transaction() as session:
        # As the relay and autovacuum would have left it in a city that stands for longer than a benchmark.
        await (await raw(session)).execute("TRUNCATE outbox; ANALYZE")
    return known


async def must_be_money(awards: AtWork, persons: int) -> None:
    """Raises AssertionError when not every certificate has become what it must."""
    async with awards.running.database.transaction() as session:
        sums = ", ".join(f"{what} AS {name}" for name, what in MONEY.items())
        found = dict(await (await raw(session)).fetchrow(f"SELECT {sums} FROM entitlement"))  # noqa: S608 - our own words
    if found != expected(persons):
        raise AssertionError(f"not every certificate became money: {found}")


def listen(url: str, certificates: Sequence[Fact], heard: Any, wait: Wait) -> None:
    """The process that hears: batches through `Facts.apply`, offsets included."""

    async def work() -> None:
        database = Database(url, connections=2)
        dossiers = Dossiers(service.dossiers)
        facts = Facts(database, service.replicas, dossiers, group=service.name, bus_id="bench", keeps_history=service.keeps_history)
        waiting = messages(certificates)
        settle_collector()
        wait()
        for at in range(0, len(waiting), BATCH):
            await facts.apply(waiting[at : at + BATCH])
        heard.set()
        await database.close()

    asyncio.run(work())


def reconcile(url: str, heard: Any, wait: Wait) -> None:
    """A process that reconciles until everything is heard and nothing is dirty."""

    async def work() -> None:
        database = Database(url, connections=2)
        reconciler = Reconciler(database, Dossiers(service.dossiers), wake=asyncio.Event(), equipment=Equipment())
        await reconciler.round()
        settle_collector()
        wait()
        while True:
            is_last = heard.is_set()
            if await reconciler.round():
                continue
            if is_last:
                break
            await asyncio.sleep(0.002)
        await database.close()

    asyncio.run(work())


async def _ours(awards: AtWork, known: Sequence[Known]) -> float:
    url, heard = awards.running.settings.database_url.get_secret_value(), flag()
    listening = Worker(listen, (url, [person.certificate for person in known], heard))
    reconciling = [Worker(reconcile, (url, heard)) for _ in range(RECONCILERS)]
    seconds = await asyncio.to_thread(race, listening, *reconciling)
    await must_be_money(awards, len(known))
    return len(known) / seconds


async def _measure(server: EmbeddedPostgres, persons: int, few: int) -> list[Figure]:
    async with at_work(service, server, first_day=TODAY, worker=False) as awards:
        known = await furnish(awards, persons + few)
        url = awards.running.settings.database_url.get_secret_value()
        run = await floor.begin(url)
        ours = await _ours(awards, known[:persons])
        async with at_work(service, server, first_day=TODAY, worker=False) as empty:
            target = empty.running.settings.database_url.get_secret_value()
            least = persons / await asyncio.to_thread(
                floor.seconds, run, target, persons, batch=BATCH, dossiers_at_once=100, reconcilers=RECONCILERS
            )
        usually = few / await asyncio.to_thread(usual.seconds, url, [person.certificate for person in known[persons:]])
        await must_be_money(awards, persons + few)
    return [
        Figure("certificates to reconciled entitlements, per second", ours, at_least=2_500),
        Figure("the floor: the same rows by COPY, no rules, per second", least),
        Figure("ours, % of the floor", 100 * ours / least, at_least=25),
        Figure("the usual way, one consumer, per second", usually),
        Figure("ours, times the usual way", ours / usually, at_least=25),
    ]


def measure(*, persons: int, few: int, repeats: int) -> list[Figure]:
    """`persons` certificates for us and for the floor, `few` for the usual way; medians of so many repeats."""
    with postgres() as server:
        return medians([asyncio.run(_measure(server, persons, few)) for _ in range(repeats)])


if __name__ == "__main__":
    for figure in measure(persons=10_000, few=300, repeats=1):
        print(figure.name, figure.measured, figure.verdict)
