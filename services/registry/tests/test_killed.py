"""A worker that is killed in the middle of a file: another one carries the job on, and no row counts twice or is lost."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date

import pytest

from common.bus.postgres import PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from common.testing.files import csv_file
from common.testing.postgres import fresh_database
from common.testing.until import until
from registry.app import service
from registry.people.importing import persons_import

pytestmark = pytest.mark.slow
ROWS = 8_000
_WORKER = """
import asyncio, sys
from datetime import date
from common.bus.postgres import PostgresBus
from common.service import Running
from common.testing.at_work import settings
from registry.app import service

async def work() -> None:
    running = Running(service, settings(sys.argv[1], date(2018, 6, 1)), await PostgresBus.open(sys.argv[2], connections=2))
    await running.open()
    await running.jobs().step()

asyncio.run(work())
"""


async def test_a_killed_worker_loses_at_most_the_chunk_it_was_in(postgres: EmbeddedPostgres, new_number: Callable[[], str]) -> None:
    numbers = [new_number() for _ in range(ROWS)]
    rows = [{"姓名": "某", "证件号码": number if nth % 10 else "12"} for nth, number in enumerate(numbers)]
    async with fresh_database(postgres, "bus") as bus_url:
        bus = await PostgresBus.open(bus_url, connections=2)
        async with at_work(service, postgres, first_day=date(2018, 6, 1), bus=bus, worker=False) as registry:
            dropped = await registry.call(
                "POST", "/registry/v1/imports/persons", files={"file": ("f.csv", csv_file(["姓名", "证件号码"], rows))}
            )
            assert dropped.status_code == 202

            done = await kill_in_the_middle(registry, bus_url)
            assert done % persons_import.chunk == 0
            assert await count(registry, "SELECT count(*) FROM job_row") == done // 10
            assert not await registry.running.jobs().step(), "the job is the dead worker's until its claim ends"
            await execute(registry, "UPDATE job SET claimed_until = now()")
            assert await registry.running.jobs().step()

            job = (await registry.call("GET", f"/registry/v1/jobs/{dropped.json()['id']}")).json()
            assert (job["state"], job["rows_done"], job["rows_refused"], job["rows_accepted"]) == (
                "DONE",
                ROWS,
                ROWS // 10,
                ROWS - ROWS // 10,
            )
            assert await count(registry, "SELECT count(*) FROM person WHERE NOT is_provisional") == ROWS - ROWS // 10
            assert await count(registry, "SELECT count(DISTINCT (aggregate_id, version)) - count(*) FROM outbox") == 0
            assert await count(registry, "SELECT count(*) FROM audit") == await count(registry, "SELECT count(*) FROM outbox")
            assert await count(registry, "SELECT count(*) FROM person") == ROWS - ROWS // 10
        await bus.close()


async def test_a_file_whose_worker_is_killed_in_every_chunk_ends_as_if_nothing_had_been(
    postgres: EmbeddedPostgres, new_number: Callable[[], str]
) -> None:
    rows = [{"姓名": "某", "证件号码": new_number() if nth % 10 else "12"} for nth in range(4 * persons_import.chunk - 50)]
    file = csv_file(["姓名", "证件号码"], rows)
    async with started(postgres) as (calm, _):
        undisturbed = await drop(calm, file)
        assert await calm.running.jobs().step()
        expected = await everything(calm, undisturbed)

    async with started(postgres) as (registry, bus_url):
        job_id, done = await drop(registry, file), []
        for nth in range(4):
            done.append(await kill_in_the_midst_of_a_chunk(registry, bus_url, after=min(nth, 1)))
            await execute(registry, "UPDATE job SET claimed_until = now()")
        assert done == [nth * persons_import.chunk for nth in range(4)], "each has done the chunk that the one before was killed in"
        assert await registry.running.jobs().step()

        assert await everything(registry, job_id) == expected


@asynccontextmanager
async def started(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[AtWork, str]]:
    """Registry without a worker, and the address of its bus."""
    async with fresh_database(postgres, "bus") as bus_url:
        bus = await PostgresBus.open(bus_url, connections=2)
        async with at_work(service, postgres, first_day=date(2018, 6, 1), bus=bus, worker=False) as registry:
            yield registry, bus_url
        await bus.close()


async def drop(registry: AtWork, file: bytes) -> str:
    dropped = await registry.call("POST", "/registry/v1/imports/persons", files={"file": ("f.csv", file)})
    assert dropped.status_code == 202
    return str(dropped.json()["id"])


async def everything(registry: AtWork, job_id: str) -> dict[str, object]:
    """What an import leaves behind, whoever carried it out: not the ids that were given, and not when."""
    asked = {
        "job": "SELECT state, rows_total, rows_done, rows_accepted, rows_refused, content IS NULL, claimed_until IS NULL FROM job",
        "refused": "SELECT row_number, faults::text FROM job_row ORDER BY row_number",
        "persons": "SELECT id_number_index, version, is_provisional, hukou::text, birth_month FROM person ORDER BY id_number_index",
        "acts": f"SELECT subject, verb, version, cause = 'import:{job_id}', count(*) FROM audit GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3",
        "events": "SELECT type, version, count(*), count(DISTINCT aggregate_id) FROM outbox GROUP BY 1, 2 ORDER BY 1, 2",
    }
    async with registry.running.database.raw_transaction() as connection:
        return {name: [tuple(row) for row in await connection.fetch(query)] for name, query in asked.items()}


async def kill_in_the_midst_of_a_chunk(registry: AtWork, bus_url: str, *, after: int) -> int:
    """A worker in a process of its own commits `after` chunks and is killed in the next one, before that is committed; how many rows were done."""
    url = registry.running.settings.database_url.get_secret_value()
    stop = AsyncExitStack()
    await stop.enter_async_context(chunks_stopped(registry))
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", _WORKER, url, bus_url)
    try:
        await until(lambda: wait_for_a_lock(registry, 1), within_seconds=60)
        for _ in range(after):
            # Whoever asks next is the next to have it: one chunk is let through, and the one behind it is stopped again.
            next_stop = AsyncExitStack()
            stopping = asyncio.create_task(next_stop.enter_async_context(chunks_stopped(registry)))
            await until(lambda: wait_for_a_lock(registry, 2))
            await stop.aclose()
            await stopping
            stop = next_stop
            await until(lambda: wait_for_a_lock(registry, 1))
        served = await waiting_processes(registry)
        worker.kill()
        await worker.wait()
    finally:
        await stop.aclose()
    await until(lambda: are_gone(registry, served))
    return await count(registry, "SELECT rows_done FROM job")


@asynccontextmanager
async def chunks_stopped(registry: AtWork) -> AsyncIterator[None]:
    """Meanwhile nobody comes to the end of a chunk."""
    async with registry.running.database.raw_transaction() as connection:
        await connection.execute("LOCK TABLE job_row IN EXCLUSIVE MODE")
        yield


async def wait_for_a_lock(registry: AtWork, number: int) -> bool:
    return await count(registry, "SELECT count(*) FROM pg_locks WHERE relation = 'job_row'::regclass AND NOT granted") == number


async def waiting_processes(registry: AtWork) -> set[int]:
    """Of the server, those that wait for the end of a chunk."""
    async with registry.running.database.raw_transaction() as connection:
        rows = await connection.fetch("SELECT pid FROM pg_locks WHERE relation = 'job_row'::regclass AND NOT granted")
    return {row["pid"] for row in rows}


async def are_gone(registry: AtWork, served: set[int]) -> bool:
    return not served & await processes(registry)


async def kill_in_the_middle(registry: AtWork, bus_url: str) -> int:
    """Start a worker of its own process, and kill it as a power cut would once it has committed something; how many rows were done."""
    url = registry.running.settings.database_url.get_secret_value()
    own = await processes(registry)
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", _WORKER, url, bus_url)
    deadline = time.monotonic() + 60
    while not await count(registry, "SELECT rows_done FROM job"):
        assert time.monotonic() < deadline
        assert worker.returncode is None
        await asyncio.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()
    while await processes(registry) - own:
        assert time.monotonic() < deadline, "the server has not noticed that the worker is dead"
        await asyncio.sleep(0.01)
    done = await count(registry, "SELECT rows_done FROM job")
    assert 0 < done < ROWS, "it was killed in the middle"
    return done


async def processes(registry: AtWork) -> set[int]:
    """Of the server, those that serve this database."""
    async with registry.running.database.transaction() as session:
        rows = await (await raw(session)).fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return {row["pid"] for row in rows}


async def count(registry: AtWork, query: str) -> int:
    async with registry.running.database.transaction() as session:
        return int(await (await raw(session)).fetchval(query))


async def execute(registry: AtWork, statement: str) -> None:
    async with registry.running.database.transaction() as session:
        await (await raw(session)).execute(statement)
