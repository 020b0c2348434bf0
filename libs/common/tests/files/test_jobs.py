"""Jobs at work: what they need may be away, and one that another worker has taken over is that one's alone."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import pytest
from lending.app import TODAY, lending, router
from lending.counter import Gate, books_import

from common.database.embedded import EmbeddedPostgres
from common.files import jobs
from common.files.cells import RowFault
from common.files.importing import ReadRow
from common.files.reading import read_sheet
from common.files.sheet import Sheet
from common.refusal import Unavailable
from common.testing.at_work import AtWork, at_work
from common.testing.files import csv_file
from common.testing.until import until
from common.work import Work

Rows = Sequence[ReadRow[tuple[str, str]]]
TWO_CHUNKS = books_import.chunk * 2


@dataclass
class Shelves:
    """What the import of books asks while it applies a chunk: `says` are raised in order, `gate` holds the first who asks."""

    says: list[Exception | None] = field(default_factory=list)
    gate: Gate | None = None

    async def apply(self, work: Work, equipment: Any, rows: Rows) -> Mapping[int, Sequence[RowFault]]:
        said = self.says.pop(0) if self.says else None
        gate, self.gate = self.gate, None
        if gate is not None:
            gate.entered.set()
            await gate.opened.wait()
        refused = await books_import.apply(work, equipment, rows)
        if said is not None:
            raise said
        return refused


def service(shelves: Shelves) -> Any:
    return lending(routers=(router,), imports=(replace(books_import, apply=shelves.apply),))


async def dropped(at: AtWork, *, rows: int) -> str:
    content = csv_file(["书名", "书架"], [{"书名": f"书{nth}", "书架": "A1"} for nth in range(rows)])
    answer = await at.call("POST", "/lending/v1/imports/books", who="clerk", files={"file": ("books.csv", content)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def state(at: AtWork, job_id: str) -> tuple[Any, ...]:
    job = (await at.call("GET", f"/lending/v1/jobs/{job_id}", who="clerk")).json()
    return job["state"], job["rows_done"], job["rows_accepted"], job["failed_reason"]


async def execute(at: AtWork, statement: str) -> None:
    async with at.running.database.raw_transaction() as connection:
        await connection.execute(statement)


async def value(at: AtWork, query: str) -> Any:
    async with at.running.database.raw_transaction() as connection:
        return await connection.fetchval(query)


EXPIRE = "UPDATE job SET claimed_until = now() - interval '1 second'"


async def test_a_job_waits_while_what_it_needs_is_away_and_goes_on_behind_the_rows_done(postgres: EmbeddedPostgres) -> None:
    shelves = Shelves([None, Unavailable("away", retry_after_seconds=5), Unavailable("still away", retry_after_seconds=5)])
    async with at_work(service(shelves), postgres, first_day=TODAY, worker=False) as at:
        job_id, work = await dropped(at, rows=TWO_CHUNKS), at.running.jobs()

        for _ in range(2):
            assert await work.step()
            assert await state(at, job_id) == ("RUNNING", books_import.chunk, books_import.chunk, None)
            assert not await work.step(), "not at once: what is away is given a moment"
            assert await value(at, "SELECT claimed_until <= now() + interval '5 seconds' FROM job"), "a short one"
            await execute(at, EXPIRE)
        assert await work.step()

        assert await state(at, job_id) == ("DONE", TWO_CHUNKS, TWO_CHUNKS, None)
        assert await value(at, "SELECT count(*) FROM book") == TWO_CHUNKS


async def test_a_job_that_a_passing_fault_of_the_database_broke_off_goes_on_at_once(postgres: EmbeddedPostgres) -> None:
    shelves = Shelves([None, asyncpg.QueryCanceledError("statement timeout")])
    async with at_work(service(shelves), postgres, first_day=TODAY, worker=False) as at:
        job_id, work = await dropped(at, rows=TWO_CHUNKS), at.running.jobs()

        with pytest.raises(asyncpg.QueryCanceledError):
            await work.step()
        assert await work.step(), "nobody waits for a claim to run out"

        assert await state(at, job_id) == ("DONE", TWO_CHUNKS, TWO_CHUNKS, None)
        assert await value(at, "SELECT count(*) FROM book") == TWO_CHUNKS


@pytest.mark.usefixtures("impatient")
async def test_a_worker_that_is_told_to_end_ends_though_the_database_is_away(postgres: EmbeddedPostgres) -> None:
    gate = Gate()
    async with at_work(service(Shelves(gate=gate)), postgres, first_day=TODAY, worker=False) as at:
        await dropped(at, rows=1)
        work = asyncio.create_task(at.running.jobs().run())
        await gate.entered.wait()
        name = str(at.running.database.url.database)
        master = await asyncpg.connect(postgres.url("postgres"))
        try:
            await master.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await master.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)

            work.cancel()

            done, _ = await asyncio.wait([work], timeout=10)
            assert done == {work}
            assert work.cancelled()
        finally:
            await master.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await master.close()
            work.cancel()


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("broken"), None])
async def test_a_worker_that_was_overtaken_ends_nothing_and_gives_nothing_back(postgres: EmbeddedPostgres, error: Exception | None) -> None:
    """It is held in its first chunk; another takes the job and is held there too, at the very same row."""
    gates, shelves = [Gate(), Gate()], Shelves([error])
    async with at_work(service(shelves), postgres, first_day=TODAY, worker=False) as at:
        job_id = await dropped(at, rows=TWO_CHUNKS)
        workers = []
        for gate in gates:
            shelves.gate = gate
            workers.append(asyncio.create_task(at.running.jobs().step()))
            await gate.entered.wait()
            if gate is gates[0]:
                await execute(at, EXPIRE)
        claimed_until = await value(at, "SELECT claimed_until FROM job")

        gates[0].opened.set()
        assert await workers[0]
        assert await state(at, job_id) == ("RUNNING", 0, 0, None)
        assert await value(at, "SELECT claimed_until FROM job WHERE content IS NOT NULL") == claimed_until
        gates[1].opened.set()
        assert await workers[1]

        assert await state(at, job_id) == ("DONE", TWO_CHUNKS, TWO_CHUNKS, None)
        assert await value(at, "SELECT count(*) FROM book") == TWO_CHUNKS


async def test_the_claim_is_renewed_while_a_file_is_being_read(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(service(Shelves()), postgres, first_day=TODAY, worker=False) as at:

        async def slowly(content: bytes) -> Sheet:
            claims = set()

            async def renewed_twice() -> bool:
                claims.add(await value(at, "SELECT claimed_until FROM job"))
                return len(claims) > 2

            await until(renewed_twice)
            return read_sheet(content)

        monkeypatch.setattr(jobs, "read_large", slowly)
        monkeypatch.setattr(jobs, "_CLAIM_SECONDS", 0.3)
        job_id = await dropped(at, rows=1)
        assert await at.running.jobs().step()

        assert await state(at, job_id) == ("DONE", 1, 1, None)


async def test_a_worker_that_is_overtaken_while_it_reads_stops_reading(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(service(Shelves()), postgres, first_day=TODAY, worker=False) as at:
        reading, stopped = asyncio.Event(), asyncio.Event()

        async def endlessly(_: bytes) -> Sheet:
            reading.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            raise AssertionError

        monkeypatch.setattr(jobs, "read_large", endlessly)
        monkeypatch.setattr(jobs, "_CLAIM_SECONDS", 0.3)
        job_id = await dropped(at, rows=1)
        worker = asyncio.create_task(at.running.jobs().step())
        await reading.wait()
        await execute(at, "UPDATE job SET claimed_until = now() + interval '1 hour'")

        assert await asyncio.wait_for(worker, timeout=20)
        assert stopped.is_set()
        assert await state(at, job_id) == ("RUNNING", 0, 0, None)
