"""A worker that is killed in the middle of a file: another one carries the job on, and no row counts twice or is lost."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date

from common.bus.postgres import PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from common.testing.files import csv_file
from common.testing.postgres import fresh_database
from registry.app import service
from registry.people.importing import persons_import

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
