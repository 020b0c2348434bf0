"""What Prometheus reads of a service at work: its requests by route, its loop, and what waits, the same from every process."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from lending.app import TODAY, lending
from lending.desk import lent, outgoing
from prometheus_client.parser import text_string_to_metric_families

from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AUDIT_KEYS, INDEX_KEY, KEY, AtWork, at_work
from common.testing.postgres import fresh_database
from common.testing.until import until

Figures = Mapping[tuple[str, ...], float]
WORKER = "import sys; sys.path.insert(0, {tests!r}); from common.commands import main; from lending.app import lending; sys.argv[1:] = ['worker']; main(lending())"


def read(page: str) -> Figures:
    """By name and labels in the order of their names; those of other services in this process left out."""
    return {
        (
            sample.name.removeprefix("craftport_"),
            *(value for name, value in sorted(sample.labels.items()) if name != "service"),
        ): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.labels.get("service") == "lending"
    }


async def figures(service: AtWork) -> Figures:
    answer = await service.call("GET", "/lending/metrics", headers={"Authorization": ""})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text)


def since(before: Figures, now: Figures, *of: str) -> float:
    return now.get(of, 0.0) - before.get(of, 0.0)


async def test_requests_are_counted_by_their_template_and_never_by_what_they_name(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        before = await figures(service)
        asked = uuid4()
        await service.call("GET", f"/lending/v1/books/{asked}?after=secret-word")
        await service.call("GET", f"/lending/v1/books/{uuid4()}")
        await service.call("BREW", f"/lending/v1/nowhere/{asked}")
        await service.call("GET", f"/lending/v1/nowhere/{asked}")
        page = (await service.call("GET", "/lending/metrics")).text
        now = read(page)

    name = "request_seconds_count"
    assert since(before, now, name, "GET", "/books/{book_id}", "422") == 1
    assert since(before, now, name, "GET", "/books/{book_id}", "404") == 1
    assert since(before, now, name, "GET", "none", "404") == 1
    assert since(before, now, name, "other", "none", "404") == 1
    assert 0 < since(before, now, "request_seconds_sum", "GET", "/books/{book_id}", "404") < 60
    assert not any(word in page for word in (str(asked), "secret-word", "BREW", "nowhere"))


async def test_an_error_of_ours_is_counted_as_it_is_answered(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        before = await figures(service)
        async with service.running.database.transaction() as session:
            await (await raw(session)).execute("ALTER TABLE book RENAME COLUMN shelf TO mislaid")
        service.transport = httpx2.ASGITransport(service.app, raise_app_exceptions=False)
        answer = await service.call("GET", f"/lending/v1/books/{uuid4()}")
        now = await figures(service)

    assert answer.status_code == 500
    assert since(before, now, "request_seconds_count", "GET", "/books/{book_id}", "500") == 1


async def test_what_waits_and_what_became_of_messages_is_told_by_a_process_that_does_nothing_of_it(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        assert (await service.call("POST", "/lending/v1/books", who="clerk", json={"name": "红楼梦", "shelf": "A1"})).status_code == 201
        loan = outgoing(lent("ann"), key="one")
        await service.running.bus.publish([loan, loan, Outgoing(loan.topic, "one", outgoing(lent("bob")).headers, b"?")])
        before = await figures(service)
        assert before["outbox_depth",] == 1
        assert before["outbox_age_seconds",] > 0
        assert (before["backlog", "desk.loan"], before["database_up",], before["bus_up",]) == (3, 1, 1)

        async with service.running.database.transaction() as session:
            await (await raw(session)).execute(
                "INSERT INTO dossier (kind, id, dirty, clean, urgency, cause, failed_reason, failures, try_again_at) "
                "VALUES ('reader', 'eve', 1, 0, 0, 'test', 'LookupError', 1, now() + interval '1 hour')"
            )
        service.running.work()

        async def is_done() -> bool:
            now = await figures(service)
            return now["outbox_depth",] == 0 and now["backlog", "desk.loan"] == 0 and now["dossiers", "reader", "waiting"] == 1

        await until(is_done)
        now = await figures(service)

    assert now["outbox_age_seconds",] == 0
    assert now["published_events_total", "lending.book"] == 1
    assert [now["facts_total", outcome, "desk.loan"] for outcome in ("applied", "superseded", "duplicate")] == [1, 0, 1]
    assert now["dead_letters", "desk.loan"] == 1
    assert now["dossiers", "reader", "failed"] == 1
    assert since(before, now, "relay_batch_events_count") == since(before, now, "relay_batch_events_sum") == 1


async def test_a_database_or_a_bus_that_is_away_is_a_figure_too(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        bus = service.running.bus
        assert isinstance(bus, PostgresBus)
        bus._pool.terminate()
        without_bus = await figures(service)
        async with service.running.database.transaction() as session:
            await (await raw(session)).execute("ALTER TABLE outbox RENAME TO mislaid")
        without_database = await figures(service)

    assert (without_bus["bus_up",], without_bus["outbox_depth",], ("backlog", "desk.loan") in without_bus) == (0, 0, False)
    assert without_database["database_up",] == 0
    assert ("outbox_depth",) not in without_database


@pytest.mark.slow
async def test_a_worker_tells_that_it_lives_and_how_it_stands(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with fresh_database(postgres, "lending") as url, fresh_database(postgres, "bus") as bus_url:
        told = {
            "ENVIRONMENT": "development", "DATABASE_URL": url, "BUS": "postgres", "BUS_DATABASE_URL": bus_url, "CLOCK": "manual",
            "FIRST_BUSINESS_DAY": TODAY.isoformat(), "CONSISTENCY_KEY": "consistency", "ENCRYPTION_KEYS": f"k1:{KEY}", "INDEX_KEY": INDEX_KEY, "AUDIT_KEYS": AUDIT_KEYS,
            "STATE_DIRECTORY": str(tmp_path), "WORKER_PORT": str(port),
        }  # fmt: skip
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER.format(tests=str(Path(__file__).parents[1])), stdout=asyncio.subprocess.DEVNULL,
            env=os.environ | {f"CRAFTPORT_{name}": value for name, value in told.items()},
        )  # fmt: skip
        try:
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:

                async def lives() -> bool:
                    try:
                        return (await client.get("/lending/health/live")).status_code == 200
                    except httpx2.TransportError:
                        return False

                await until(lives)

                async def has_measured() -> bool:
                    return read((await client.get("/lending/metrics")).text).get(("event_loop_lag_seconds_count",), 0) > 0

                await until(has_measured)
                page = read((await client.get("/lending/metrics")).text)
            assert page["outbox_depth",] == 0
            worker.terminate()
            async with asyncio.timeout(20):
                assert await worker.wait() == 0, "stopped in order, its face as well"
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
