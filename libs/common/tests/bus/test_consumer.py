"""The loop that listens: what passes by itself is tried again, what cannot be read or stored is set aside, anything else stops its partition."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import asyncpg
import pytest
from lending.app import dossiers, replicas
from lending.desk import Kept, lent, outgoing

from common.bus.consumer import Consumer
from common.bus.facts import Facts
from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.reconciling.dossier import Dossiers
from common.testing.postgres import fresh_database
from common.testing.until import until

KEYS = ("two", "one")
"""Of the two partitions; `test_keys_are_of_both_partitions` holds them to it."""


@pytest.fixture
async def bus_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with fresh_database(postgres, "bus") as url:
        yield url


@pytest.fixture
async def bus(bus_url: str) -> AsyncIterator[PostgresBus]:
    opened = await PostgresBus.open(bus_url, partitions=2, connections=4)
    yield opened
    await opened.close()


@pytest.fixture
def facts(database: Database, bus: PostgresBus) -> Facts:
    return Facts(database, replicas, Dossiers(dossiers), group="lending", bus_id=bus.id, keeps_history=False)


@pytest.fixture
async def superuser(postgres: EmbeddedPostgres, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else to lending's database."""
    connection = await asyncpg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    yield connection
    await connection.close()


@asynccontextmanager
async def listening(bus: PostgresBus, facts: Facts, *, batch: int = 1000) -> AsyncIterator[Consumer]:
    consumer = Consumer(bus, facts, group="lending", batch=batch)
    task = asyncio.create_task(consumer.run())
    try:
        yield consumer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def to(key: str, *readers: str) -> list[Outgoing]:
    return [outgoing(lent(reader), key=key) for reader in readers]


def heard(kept: Kept, *readers: str) -> Callable[[], Awaitable[bool]]:
    """Whether exactly these readers have a loan."""

    async def is_so() -> bool:
        return [reader for (reader,) in await kept.states("reader", order="reader")] == sorted(readers)

    return is_so


def stopped(facts: Facts, number: int, reason: str) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return {partition.number: why for partition, why in (await facts.stopped()).items()} == {number: reason}

    return is_so


async def fail_for(superuser: asyncpg.Connection, reader: str, *, code: str, times: int = 1_000_000) -> None:
    """The database refuses this reader's loans with this SQLSTATE, so many times; `tried()` counts, also what was rolled back."""
    await superuser.execute("CREATE SEQUENCE tries")
    await superuser.execute(
        f"""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.reader = '{reader}' AND nextval('tries') <= {times} THEN RAISE 'as told' USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$
        """
    )
    await superuser.execute("CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON replica_desk_loan FOR EACH ROW EXECUTE FUNCTION fail()")


async def tried(superuser: asyncpg.Connection) -> int:
    return int(await superuser.fetchval("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries"))


async def test_keys_are_of_both_partitions(bus: PostgresBus, facts: Facts, kept: Kept) -> None:
    await bus.publish([*to(KEYS[0], "ann"), *to(KEYS[1], "bob")])
    async with listening(bus, facts):
        await until(heard(kept, "ann", "bob"))

    assert await kept.offsets() == {0: 1, 1: 1}


async def test_a_connection_that_is_cut_in_the_middle_costs_nothing_but_a_second_try(
    bus: PostgresBus, facts: Facts, kept: Kept, superuser: asyncpg.Connection
) -> None:
    await bus.publish(to(KEYS[0], "ann"))
    async with listening(bus, facts) as consumer:
        await until(heard(kept, "ann"))
        holding = superuser.transaction()
        await holding.start()
        await superuser.execute("LOCK TABLE fact_count IN EXCLUSIVE MODE")
        await bus.publish(to(KEYS[0], "bob", "cid"))
        waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

        async def is_in_the_middle() -> bool:
            return await superuser.fetchval(waiting) is not None

        await until(is_in_the_middle)
        assert await superuser.fetchval("SELECT count(*) FROM replica_desk_loan") == 1
        await superuser.execute(f"SELECT pg_terminate_backend(pid) FROM ({waiting}) AS w")
        await holding.rollback()

        await until(heard(kept, "ann", "bob", "cid"))
        assert consumer.consumption is not None
        assert dict(consumer.consumption.stopped) == {}
    assert await kept.rows("SELECT applied, duplicate FROM fact_count") == [{"applied": 3, "duplicate": 0}]


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "57P01"])
async def test_what_passes_by_itself_is_tried_for_as_long_as_it_takes(
    bus: PostgresBus, facts: Facts, kept: Kept, superuser: asyncpg.Connection, code: str
) -> None:
    await fail_for(superuser, "ann", code=code, times=4)
    await bus.publish(to(KEYS[0], "ann", "bob"))
    async with listening(bus, facts):
        await until(heard(kept, "ann", "bob"))

    assert await tried(superuser) == 5, "more often than what stops a partition"
    assert (await facts.stopped(), await kept.letters("id")) == ({}, [])


async def test_of_a_batch_that_cannot_be_stored_only_the_one_message_is_set_aside(bus: PostgresBus, facts: Facts, kept: Kept) -> None:
    readers = [f"reader-{nth:03}" for nth in range(100)]
    await bus.publish(to(KEYS[0], *readers[:37], "a\x00", *readers[37:90], "b\x00", *readers[90:]))
    async with listening(bus, facts):
        await until(heard(kept, *readers))

    assert await kept.letters("offset", "reason") == [(37, "cannot be stored"), (91, "cannot be stored")]
    assert await kept.offsets() == {0: 102}
    assert (await kept.rows("SELECT applied, superseded, duplicate FROM fact_count")) == [{"applied": 100, "superseded": 0, "duplicate": 0}]


async def test_anything_else_is_tried_three_times_then_its_partition_stops_and_the_others_go_on(
    bus: PostgresBus, facts: Facts, kept: Kept, superuser: asyncpg.Connection
) -> None:
    await fail_for(superuser, "cursed", code="P0001")
    await bus.publish([*to(KEYS[0], "ann"), *to(KEYS[0], "cursed"), *to(KEYS[1], "bob")])
    async with listening(bus, facts):
        await until(stopped(facts, 0, "RaiseError"))
        await bus.publish(to(KEYS[1], "cid"))
        await until(heard(kept, "bob", "cid"))
        assert await tried(superuser) == 6, "three times with the others, three times alone"
        assert (await kept.offsets(), await kept.letters("id")) == ({0: 0, 1: 2}, [])

        await superuser.execute("DROP FUNCTION fail CASCADE")
        await superuser.execute("UPDATE consumer_offset SET stopped_reason = NULL")
        await until(heard(kept, "ann", "bob", "cid", "cursed"))


@pytest.mark.usefixtures("impatient")
async def test_a_batch_that_failed_is_read_again_and_would_be_lost_by_acknowledging_in_finally(
    bus: PostgresBus, facts: Facts, kept: Kept, superuser: asyncpg.Connection
) -> None:
    await fail_for(superuser, "cursed", code="P0001")
    await bus.publish(to(KEYS[0], "ann", "cursed", "bob"))
    async with listening(bus, facts):
        await until(stopped(facts, 0, "RaiseError"))
    assert await kept.offsets() == {0: 0}
    await superuser.execute("DROP FUNCTION fail CASCADE")
    await superuser.execute("UPDATE consumer_offset SET stopped_reason = NULL")

    # A worker that is cancelled in the middle acknowledges nothing either.
    holding = superuser.transaction()
    await holding.start()
    await superuser.execute("LOCK TABLE fact_count IN EXCLUSIVE MODE")
    async with listening(bus, facts):

        async def is_in_the_middle() -> bool:
            return bool(
                await superuser.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
                )
            )

        await until(is_in_the_middle)
    await holding.rollback()
    assert await kept.offsets() == {0: 0}

    async with listening(bus, facts):
        await until(heard(kept, "ann", "bob", "cursed"))


async def test_a_gap_in_the_log_stops_its_partition_and_is_never_jumped_over(
    bus: PostgresBus, facts: Facts, kept: Kept, bus_url: str
) -> None:
    await bus.publish([*to(KEYS[0], "ann", "bob", "cid"), *to(KEYS[1], "dan")])
    log = await asyncpg.connect(bus_url)
    await log.execute('DELETE FROM log WHERE number = 0 AND "offset" = 1')
    await log.close()
    async with listening(bus, facts, batch=1):
        await until(stopped(facts, 0, "offset 1 is expected and 2 was read"))
        await until(heard(kept, "ann", "dan"))


async def test_what_the_bus_itself_stopped_is_written_down_and_resumed_like_any_other_stop(
    bus: PostgresBus, facts: Facts, kept: Kept
) -> None:
    """A topic that was made anew: its new log is read from the beginning, once somebody has said so."""
    await bus.publish(to(KEYS[0], "ann", "bob"))
    async with listening(bus, facts):
        await until(heard(kept, "ann", "bob"))
        await bus.delete_topic("desk.loan")
        await bus.publish(to(KEYS[0], "cid", "dan", "eve"))

        async def both_stand_still() -> bool:
            return {p.number: "deleted or made anew after position" in why for p, why in (await facts.stopped()).items()} == {
                0: True,
                1: True,
            }

        await until(both_stand_still)
        assert await heard(kept, "ann", "bob")()
        await kept.rows("UPDATE consumer_offset SET stopped_reason = NULL RETURNING topic")
        await until(heard(kept, "ann", "bob", "cid", "dan", "eve"))


async def test_when_the_bus_fails_the_consumer_joins_again(bus: PostgresBus, facts: Facts, kept: Kept, bus_url: str) -> None:
    await bus.publish(to(KEYS[0], "ann"))
    async with listening(bus, facts):
        await until(heard(kept, "ann"))
        somebody = await asyncpg.connect(bus_url)
        await somebody.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await somebody.close()

        async def is_published() -> bool:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                await bus.publish(to(KEYS[1], "bob"))
                return True
            return False

        await until(is_published)
        await until(heard(kept, "ann", "bob"))


async def test_a_consumer_that_is_told_to_end_while_the_bus_is_away_ends(bus: PostgresBus, facts: Facts, kept: Kept) -> None:
    """An error on leaving the group must not take the place of the cancellation: the loop would catch it and go on for ever."""
    await bus.publish(to(KEYS[0], "ann"))
    task = asyncio.create_task(Consumer(bus, facts, group="lending").run())
    await until(heard(kept, "ann"))
    bus._pool.terminate()
    task.cancel()
    await asyncio.wait({task}, timeout=5)

    assert task.cancelled()


async def test_whoever_waits_for_effects_is_woken_after_each_batch(bus: PostgresBus, facts: Facts, kept: Kept) -> None:
    rung: list[int] = []
    consumer = Consumer(bus, facts, group="lending", applied=lambda: rung.append(1), batch=2)
    await bus.publish(to(KEYS[0], "ann", "bob", "cid"))
    async with bus.consume("lending", facts.topics, facts.positions) as consumption:
        assert [await consumer.step(consumption), len(rung)] == [2, 1]
        assert await heard(kept, "ann", "bob")()
        assert [await consumer.step(consumption), len(rung)] == [1, 2]
        assert [await consumer.step(consumption), len(rung)] == [0, 2]


async def test_two_consumers_of_one_group_apply_everything_once_when_one_of_them_hangs(
    bus_url: str, facts: Facts, kept: Kept, database: Database
) -> None:
    """The second takes over by lease and reads on from the database; what the first still holds in its hands is passed over."""
    bus = await PostgresBus.open(bus_url, lease_seconds=0.3, connections=4)
    try:
        sent = [each for nth in range(20) for each in to(KEYS[nth % 2], f"reader-{nth:02}")]
        await bus.publish(sent)
        async with bus.consume("lending", facts.topics, facts.positions) as hanging:
            in_hand = await hanging.batch(limit=20, wait_seconds=5)
            async with listening(bus, facts):
                await until(heard(kept, *(f"reader-{nth:02}" for nth in range(20))))
            await Consumer(bus, facts, group="lending")._apply(hanging, in_hand)
            await Consumer(bus, facts, group="lending")._apply(hanging, [replace(each) for each in in_hand[3:]])
    finally:
        await bus.close()

    assert await kept.rows("SELECT applied, superseded, duplicate FROM fact_count") == [{"applied": 20, "superseded": 0, "duplicate": 0}]
