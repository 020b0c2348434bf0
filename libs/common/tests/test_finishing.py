"""A worker that is told to end finishes the batch it has in hand; what takes too long is rolled back whole and left to the next one."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from lending.app import TODAY, lending, router
from lending.counter import books_import
from lending.desk import lent, outgoing

from common import finishing
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import AtWork, at_work
from common.testing.files import csv_file
from common.testing.until import until

_WAITS = "SELECT count(*) FROM pg_locks WHERE relation = $1::regclass AND NOT granted"


@pytest.fixture
async def desk(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    async with at_work(lending(routers=(router,), imports=(books_import,)), postgres, first_day=TODAY, worker=False) as started:
        yield started


async def drop_a_file(desk: AtWork) -> None:
    content = csv_file(["书名", "书架"], [{"书名": f"书{nth}", "书架": "A1"} for nth in range(25)])
    assert (await desk.call("POST", "/lending/v1/imports/books", who="clerk", files={"file": ("f.csv", content)})).status_code == 202


async def enter_a_book(desk: AtWork) -> None:
    assert (await desk.call("POST", "/lending/v1/books", who="clerk", json={"name": "红楼梦", "shelf": "A1"})).status_code == 201


async def lend(desk: AtWork) -> None:
    await desk.running.bus.publish([outgoing(lent("ann"))])


@dataclass(frozen=True)
class Batch:
    """What begins it, the table on whose lock it waits in the midst of its work, and a query for what it has then done."""

    begin: Callable[[AtWork], Awaitable[None]]
    waits_for: str
    done: str
    finished: int


BATCHES = {
    "a chunk of a file": Batch(drop_a_file, "job_row", "SELECT rows_done + (SELECT count(*) FROM book) FROM job", 2 * books_import.chunk),
    "a batch of facts": Batch(lend, "fact_count", "SELECT count(*) FROM replica_desk_loan", 1),
    "a batch of dossiers": Batch(lend, "reckoning", "SELECT count(*) FROM dossier WHERE kind = 'reader' AND clean >= dirty", 1),
    "a batch of events": Batch(enter_a_book, "published", "SELECT count(*) - (SELECT count(*) FROM outbox) FROM book", 1),
}


async def value(desk: AtWork, query: str, *arguments: Any) -> int:
    async with desk.running.database.raw_transaction() as connection:
        return int(await connection.fetchval(query, *arguments) or 0)


async def told_to_end_in_the_midst(desk: AtWork, batch: Batch, *, hold_seconds: float) -> float:
    """The worker is told to end while its batch waits for a lock, which is then held so long; how long the end took."""
    async with desk.running.database.raw_transaction() as connection:
        await connection.execute(f"LOCK TABLE {batch.waits_for} IN EXCLUSIVE MODE")
        desk.running.work()
        await batch.begin(desk)

        async def is_in_the_midst() -> bool:
            return await value(desk, _WAITS, batch.waits_for) > 0

        await until(is_in_the_midst)
        began = time.monotonic()
        ending = asyncio.create_task(desk.running.rest())
        await asyncio.wait((ending,), timeout=hold_seconds)
    await ending
    return time.monotonic() - began


@pytest.mark.parametrize("name", BATCHES)
async def test_the_batch_in_hand_is_finished(desk: AtWork, name: str) -> None:
    batch = BATCHES[name]
    assert await told_to_end_in_the_midst(desk, batch, hold_seconds=0.1) < 5
    assert await value(desk, batch.done) == batch.finished


@pytest.mark.parametrize("name", BATCHES)
async def test_a_batch_that_takes_too_long_is_rolled_back_and_the_next_worker_does_it(
    desk: AtWork, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_FINISH_SECONDS", 0.2)
    batch = BATCHES[name]
    await told_to_end_in_the_midst(desk, batch, hold_seconds=10)
    assert await value(desk, batch.done) == 0

    desk.running.work()

    async def is_done() -> bool:
        return await value(desk, batch.done) >= batch.finished

    await until(is_done)


async def test_what_fails_while_it_is_finished_ends_the_loop_all_the_same() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise LookupError

    loop = asyncio.create_task(finishing.to_its_end(fails()))
    await asyncio.sleep(0)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
