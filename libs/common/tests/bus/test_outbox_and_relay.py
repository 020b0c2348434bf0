"""From the outbox to the bus: nothing before its commit, nothing forgotten, nothing deleted before it was acknowledged, by one relay at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from lending.desk import Kept
from lending.facts import BookFact
from lending.reader import Reader
from uuid_utils.compat import uuid7

from common.bus.envelope import LARGEST_BYTES, EventTooLarge, read_event
from common.bus.event import Event
from common.bus.outbox import insert_events
from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing
from common.bus.relay import Relay
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.testing.postgres import fresh_database
from common.testing.until import until

LEASE_SECONDS = 0.4


@pytest.fixture
async def bus(postgres: EmbeddedPostgres) -> AsyncIterator[PostgresBus]:
    async with fresh_database(postgres, "bus") as url:
        opened = await PostgresBus.open(url, partitions=2, connections=4)
        yield opened
        await opened.close()


class Gate:
    """A bus on whose way the messages can be held up, or the broker be away."""

    def __init__(self, bus: PostgresBus) -> None:
        self._bus, self._is_open, self.is_away = bus, asyncio.Event(), False
        self._is_open.set()
        self.arrived = asyncio.Event()

    def close(self) -> None:
        self._is_open.clear()

    def open(self) -> None:
        self._is_open.set()

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        self.arrived.set()
        if self.is_away:
            raise ConnectionError
        await self._is_open.wait()
        await self._bus.publish(messages)


@pytest.fixture
def gate(bus: PostgresBus) -> Gate:
    return Gate(bus)


def a_relay(database: Database, bus: Any, *, lease_seconds: float = 10.0) -> Relay:
    return Relay(database, bus, wake=asyncio.Event(), lease_seconds=lease_seconds)


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def entered(version: int = 1, *, id: UUID | None = None, data: bytes | None = None) -> Event:
    book = BookFact(id=id or uuid7(), name="first", shelf="A1")
    return Event(
        id=uuid7(), type=book.event_type("entered"), topic=book.topic, key=book.key, aggregate_id=book.id, epoch=1, version=version,
        recorded_at=datetime.now(UTC), cause="窗口", bulk=True, data=book.model_dump_json().encode() if data is None else data,
        trace_parent="00-aa-bb-01",
    )  # fmt: skip


async def commit(database: Database, *events: Event) -> None:
    async with database.raw_transaction() as connection:
        await insert_events(connection, events)


async def waiting(kept: Kept) -> list[int]:
    return await kept.values("SELECT version FROM outbox ORDER BY id")


async def published(bus: PostgresBus, count: int) -> list[Event]:
    """The first so many events of the log."""
    reader = Reader(bus, ("lending.book",))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(count))
        assert set((await reader.backlog()).values()) == {0}
    return [read_event(message) for message in reader.applied]


def is_empty(kept: Kept) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return await waiting(kept) == []

    return look


async def test_an_event_travels_whole(database: Database, bus: PostgresBus) -> None:
    event = entered(7)
    await commit(database, event)
    assert await a_relay(database, bus).step() == 1

    assert await published(bus, 1) == [event]


async def test_nothing_is_published_before_its_commit_nor_after_a_rollback(database: Database, bus: PostgresBus, kept: Kept) -> None:
    relay = a_relay(database, bus)

    async def change_ones_mind() -> None:
        async with database.raw_transaction() as connection:
            await insert_events(connection, [entered(1)])
            assert await relay.step() == 0
            raise LookupError

    with pytest.raises(LookupError):
        await change_ones_mind()
    async with database.raw_transaction() as connection:
        await insert_events(connection, [entered(2)])
        assert await relay.step() == 0
    relay._full_scan_at = 0
    assert await relay.step() == 1

    assert [event.version for event in await published(bus, 1)] == [2]


async def test_a_row_that_commits_late_behind_a_larger_id_is_found(database: Database, bus: PostgresBus, kept: Kept) -> None:
    async with running(a_relay(database, bus)):
        async with database.raw_transaction() as slow:
            await insert_events(slow, [entered(1)])
            await commit(database, entered(2))
            await until(is_empty(kept))
            assert [event.version for event in await published(bus, 1)] == [2]
        began = time.monotonic()
        await until(is_empty(kept))

    assert time.monotonic() - began < 2
    assert sorted(event.version for event in await published(bus, 2)) == [1, 2]


async def test_a_version_does_not_overtake_an_older_one_that_committed_late_behind_the_relays_place(
    database: Database, bus: PostgresBus, kept: Kept
) -> None:
    relay, book = a_relay(database, bus), uuid7()
    async with database.raw_transaction() as slow:
        await insert_events(slow, [entered(1, id=book)])
        await commit(database, entered(7))
        assert await relay.step() == 1
    await commit(database, entered(2, id=book))
    relay._full_scan_at = time.monotonic() + 60
    assert await relay.step() == 2

    events = await published(bus, 3)
    assert [event.version for event in events if event.aggregate_id == book] == [1, 2]


async def test_a_row_is_deleted_only_when_the_bus_has_acknowledged_it(database: Database, bus: PostgresBus, gate: Gate, kept: Kept) -> None:
    await commit(database, entered(1))
    gate.close()
    async with running(a_relay(database, gate)):
        await gate.arrived.wait()
        assert (await waiting(kept), await kept.values("SELECT events FROM published")) == ([1], [])
        gate.open()
        await until(is_empty(kept))

    assert await kept.rows("SELECT topic, events FROM published") == [{"topic": "lending.book", "events": 1}]


@pytest.mark.usefixtures("impatient")
async def test_a_relay_that_dies_between_acknowledgement_and_deletion_loses_nothing(
    database: Database, bus: PostgresBus, gate: Gate, kept: Kept
) -> None:
    await commit(database, entered(1), entered(2))
    await bus.publish([])
    gate.close()
    async with running(a_relay(database, gate)):
        await gate.arrived.wait()
    assert await waiting(kept) == [1, 2]

    gate.open()
    assert await a_relay(database, gate).step() == 2
    assert await waiting(kept) == []


async def test_while_the_bus_is_away_everything_waits_and_then_goes_at_once(
    database: Database, bus: PostgresBus, gate: Gate, kept: Kept
) -> None:
    gate.is_away = True
    await commit(database, entered(1))
    async with running(a_relay(database, gate)):
        await gate.arrived.wait()
        await commit(database, entered(2))
        gate.is_away, began = False, time.monotonic()
        await until(is_empty(kept))
        assert time.monotonic() - began < 2, "not only when a lease would be renewed"

    assert await kept.value("SELECT until < now() FROM lease"), "given back at the end, failures or not"
    assert await kept.value("SELECT events FROM published") == 2


async def test_a_relay_that_had_lost_its_lease_deletes_nothing_and_its_double_publication_is_known_as_one(
    database: Database, bus: PostgresBus, kept: Kept
) -> None:
    first_gate, second_gate = Gate(bus), Gate(bus)
    first, second = a_relay(database, first_gate, lease_seconds=LEASE_SECONDS), a_relay(database, second_gate, lease_seconds=LEASE_SECONDS)
    await commit(database, entered(1))
    first_gate.close()
    second_gate.close()
    paused = asyncio.create_task(first.step())  # as by SIGSTOP: it has read the row, and its lease runs out
    await first_gate.arrived.wait()
    async with running(second):
        await second_gate.arrived.wait()
        first_gate.open()
        assert await paused == 1
        assert (await waiting(kept), await kept.values("SELECT events FROM published")) == ([1], []), (
            "the other has not acknowledged it yet"
        )
        assert await first.step() == 0, "and it does not go on"

        second_gate.open()
        await until(is_empty(kept))

    assert await kept.value("SELECT events FROM published") == 1
    once, again = await published(bus, 2)
    assert once == again


@pytest.mark.parametrize("how", ["ends", "hangs"])
async def test_the_next_relay_takes_over_in_time(database: Database, bus: PostgresBus, kept: Kept, how: str) -> None:
    lease_seconds = 30.0 if how == "ends" else LEASE_SECONDS
    first, second = (a_relay(database, bus, lease_seconds=lease_seconds) for _ in range(2))
    if how == "ends":
        async with running(first):
            await commit(database, entered(1))
            await until(is_empty(kept))
    else:
        await first.step()
    await commit(database, entered(2))
    began = time.monotonic()
    async with running(second):
        await until(is_empty(kept))

    assert time.monotonic() - began < LEASE_SECONDS + 1.5
    assert await kept.value("SELECT epoch FROM lease WHERE name = 'relay'") == 2


async def test_of_two_relays_one_works_and_every_event_is_published_once(database: Database, bus: PostgresBus, kept: Kept) -> None:
    async def act(who: int) -> None:
        book = uuid7()
        for version in range(1, 11):
            await commit(database, entered(version, id=book))

    async with running(a_relay(database, bus)), running(a_relay(database, bus)):
        await asyncio.gather(*(act(who) for who in range(10)))
        await until(is_empty(kept))

    events = await published(bus, 100)
    by_book = {event.aggregate_id: [each.version for each in events if each.aggregate_id == event.aggregate_id] for event in events}
    assert list(by_book.values()) == [list(range(1, 11))] * 10
    assert await kept.rows("SELECT topic, events FROM published") == [{"topic": "lending.book", "events": 100}]


async def test_an_event_up_to_the_limit_travels_and_a_larger_one_is_refused_by_the_writer(
    database: Database, bus: PostgresBus, kept: Kept
) -> None:
    with pytest.raises(EventTooLarge):
        await commit(database, entered(1), entered(2, data=b"x" * (LARGEST_BYTES + 1)))
    assert await waiting(kept) == []

    await commit(database, largest := entered(3, data=b"x" * LARGEST_BYTES))
    await commit(database)
    assert await a_relay(database, bus).step() == 1
    assert await published(bus, 1) == [largest]


async def test_whoever_commits_wakes_the_relay(database: Database, bus: PostgresBus, kept: Kept) -> None:
    """Without waiting for its next look at the table, and without a word in the commit itself."""
    wake = asyncio.Event()
    relay = Relay(database, bus, wake=wake)
    await relay.step()
    resting = asyncio.create_task(relay._rest())
    wake.set()
    await asyncio.wait_for(resting, 1)
    assert not wake.is_set()


async def test_a_relay_whose_connections_were_cut_goes_on_and_ends_when_it_is_told_to(
    database: Database, bus: PostgresBus, kept: Kept
) -> None:
    somebody = await asyncpg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    async def committed() -> bool:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            await commit(database, entered(2))
            return True
        return False

    async with running(a_relay(database, bus)) as relay:
        await commit(database, entered(1))
        await until(is_empty(kept))
        assert await somebody.fetchval(cut) > 0
        await until(committed)
        await until(is_empty(kept))
        assert await somebody.fetchval(cut) > 0

    assert relay.cancelled()
    assert await somebody.fetchval("SELECT events FROM published") == 2
    await somebody.close()
