"""A worker's loops are watched: one that ends by itself is told with its name and ends the process; stopping closes everything, come what may."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from lending.app import TODAY, lending
from structlog.testing import capture_logs

from common.bus.postgres import PostgresBus
from common.bus.relay import Relay
from common.calendar.business_day import BusinessDay
from common.calendar.days import shanghai_today
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database, raw
from common.one_process import OneProcess, one_process
from common.service import LoopEnded, Running
from common.testing.at_work import AUDIT_KEYS, INDEX_KEY, KEY, at_work, settings
from common.testing.postgres import fresh_database
from common.testing.until import until
from common.waking import Bell

WORKER = """
import sys
sys.path.insert(0, {tests!r})
from common.bus.relay import Relay
from common.commands import main
from lending.app import lending

async def fails(self):
    {ends}

Relay.run = fails
sys.argv[1:] = ["worker"]
main(lending())
"""


async def _fails(_: Relay) -> None:
    raise LookupError("nothing is where it was")


async def _returns(_: Relay) -> None:
    """A loop that ends as if its work were done."""


@pytest.mark.parametrize("ending", [_fails, _returns])
async def test_a_loop_that_ends_by_itself_is_told_with_its_name_and_whoever_attends_hears_of_it(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, ending: object
) -> None:
    monkeypatch.setattr(Relay, "run", ending)
    with capture_logs() as told:
        async with at_work(lending(), postgres, first_day=TODAY) as service:
            async with asyncio.timeout(10):
                with pytest.raises(LoopEnded, match="lending relay"):
                    await service.running.attend()

    assert [(each["log_level"], each["loop"]) for each in told if each["event"] == "loop_ended"] == [("error", "lending relay")]


async def test_loops_that_are_stopped_end_without_a_word(postgres: EmbeddedPostgres) -> None:
    with capture_logs() as told:
        async with at_work(lending(), postgres, first_day=TODAY) as service:
            await service.running.rest()
            service.running.work()

    assert [each for each in told if each["event"] == "loop_ended"] == []


async def test_a_loop_that_has_failed_or_fails_at_its_end_keeps_nothing_from_being_closed(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails_at_its_end(_: Relay) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError("the end as well")

    monkeypatch.setattr(Relay, "run", fails_at_its_end)
    async with fresh_database(postgres, "lending") as url, fresh_database(postgres, "bus") as bus_url:
        bus = await PostgresBus.open(bus_url)
        running = Running(lending(), settings(url, TODAY), bus)
        await running.open()
        client = running.other_services()
        running.work()
        await asyncio.sleep(0)

        with capture_logs() as told:
            await running.close()

        assert [(each["loop"], str(each["exc_info"])) for each in told if each["event"] == "loop_ended"] == [
            ("lending relay", "the end as well")
        ]
        assert running.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert client._client.is_closed
        assert not running._tasks
        await bus.close()


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["raise LookupError('nothing is where it was')", "return"])
async def test_a_worker_one_of_whose_loops_ends_ends_with_a_status_that_says_so(
    postgres: EmbeddedPostgres, tmp_path: Path, ends: str
) -> None:
    async with fresh_database(postgres, "lending") as url, fresh_database(postgres, "bus") as bus_url:
        told = {
            "ENVIRONMENT": "development", "DATABASE_URL": url, "BUS": "postgres", "BUS_DATABASE_URL": bus_url, "CLOCK": "manual",
            "FIRST_BUSINESS_DAY": TODAY.isoformat(), "CONSISTENCY_KEY": "consistency", "ENCRYPTION_KEYS": f"k1:{KEY}", "INDEX_KEY": INDEX_KEY, "AUDIT_KEYS": AUDIT_KEYS,
            "STATE_DIRECTORY": str(tmp_path),
        }  # fmt: skip
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER.format(tests=str(Path(__file__).parent), ends=ends), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | {f"CRAFTPORT_{name}": value for name, value in told.items()},
        )  # fmt: skip
        try:
            async with asyncio.timeout(30):
                said, _ = await worker.communicate()
        except TimeoutError:
            worker.kill()
            raise AssertionError("it runs on without its relay") from None

    assert worker.returncode == 1
    assert b'"loop": "lending relay"' in said


async def test_a_city_in_one_process_is_broken_off_when_a_loop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = asyncio.Event()

    async def ends_later(_: Relay) -> None:
        await broken.wait()

    monkeypatch.setattr(Relay, "run", ends_later)
    monkeypatch.setattr("common.one_process.service_named", lambda _: lending())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cities: list[OneProcess] = []

    async def live() -> None:
        # Not under pytest's own directory: another run that starts on the machine takes it from PostgreSQL's ordinary user.
        with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
            async with one_process(("lending",), Path(directory), first_day=TODAY, port=port, durable=False) as city:
                cities.append(city)
                broken.set()
                async with asyncio.timeout(10):
                    await asyncio.Event().wait()

    with pytest.raises(LoopEnded, match="lending relay"):
        await live()

    assert not cities[0].services["lending"]._tasks
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_the_clock_bears_what_goes_wrong_and_goes_on_when_it_is_right_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.calendar.business_day._LONGEST_SLEEP_SECONDS", 0.01)
    day = BusinessDay(database, committed=Bell())
    with capture_logs() as told:
        await _execute(database, "ALTER TABLE business_day RENAME TO mislaid")
        clock = asyncio.create_task(day.follow())

        async def is_told() -> bool:
            return clock.done() or any(each["log_level"] == "error" for each in told)

        await until(is_told)
        await _execute(database, "ALTER TABLE mislaid RENAME TO business_day")

        async def has_gone_on() -> bool:
            return clock.done() or await day.today() == shanghai_today()

        await until(has_gone_on)
        assert not clock.done(), clock.exception()
        clock.cancel()


async def test_an_officer_who_goes_further_while_the_clock_strikes_is_no_error(database: Database) -> None:
    further = shanghai_today().replace(year=shanghai_today().year + 1, day=1)
    day = BusinessDay(database, committed=Bell())

    async def the_clock_waits() -> bool:
        async with database.raw_transaction() as connection:
            waiting: bool = await connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
            )
            return waiting

    async with database.transaction() as officer:
        await day.move(officer, further)
        striking = asyncio.create_task(day._catch_up())
        await until(the_clock_waits)
    await striking

    assert await day.today() == further


async def _execute(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        await (await raw(session)).execute(statement)
