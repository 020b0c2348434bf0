"""What belongs to the embedded bus alone: leases of groups, fair turns, the number of partitions of a log."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest
from lending.reader import Reader, by_partition, told

from common.bus.postgres import PartitionMissing, PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.testing.postgres import fresh_database

LEASE_SECONDS = 0.4


@pytest.fixture
async def url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with fresh_database(postgres, "bus") as made:
        yield made


@pytest.fixture
async def bus(url: str) -> AsyncIterator[PostgresBus]:
    opened = await PostgresBus.open(url, partitions=2, lease_seconds=LEASE_SECONDS, connections=4)
    yield opened
    await opened.close()


async def test_a_member_that_hangs_is_followed_by_the_next_within_its_lease_and_delivers_nothing_more(bus: PostgresBus) -> None:
    reader = Reader(bus, ("desk.loan",))
    await bus.publish(told("desk.loan", "key", *range(10)))
    async with reader.joined() as hanging, reader.joined() as waiting:
        await reader.read(hanging, reader.has(4), limit=4)
        assert await waiting.batch(limit=10, wait_seconds=0) == ()
        began = time.monotonic()
        await reader.read(waiting, reader.has(10))

        assert time.monotonic() - began < 4 * LEASE_SECONDS
        await bus.publish(told("desk.loan", "key", "for the other"))
        assert await hanging.batch(limit=10, wait_seconds=0) == ()
        await reader.read(waiting, reader.has(11))
    assert [message.offset for message in reader.applied] == list(range(11))


async def test_a_member_that_had_lost_its_lease_reads_on_where_the_database_stands(bus: PostgresBus) -> None:
    reader = Reader(bus, ("desk.loan",))
    await bus.publish(told("desk.loan", "key", *range(10)))
    async with reader.joined() as first:
        await reader.read(first, reader.has(2), limit=2)
        async with reader.joined() as second:
            await reader.read(second, reader.has(8), limit=3)
        delivered = await reader.read(first, reader.has(10))

    assert [message.offset for message in delivered] == [8, 9]


async def test_a_long_log_does_not_hold_up_what_comes_to_another(bus: PostgresBus) -> None:
    topics = [f"desk.{name}" for name in ("book", "fee", "loan", "member", "shelf")]
    await bus.publish([message for topic in topics for message in told(topic, "key", *range(100))])
    await bus.publish([message for topic in topics[:4] for message in told(topic, "key", *range(100, 200))])
    reader = Reader(bus, tuple(topics))
    async with reader.joined() as consumption:
        first = await consumption.batch(limit=20, wait_seconds=0)
        reader.apply(first)
        await reader.read(consumption, reader.has(900), limit=50)

    assert Counter(message.partition.topic for message in first) == dict.fromkeys(topics, 4)
    for messages in by_partition(reader.applied).values():
        assert [message.offset for message in messages] == list(range(len(messages)))


async def test_where_a_batch_has_not_one_for_each_every_partition_has_its_turn(bus: PostgresBus) -> None:
    topics = [f"desk.{name}" for name in ("book", "fee", "loan", "member", "shelf")]
    await bus.publish([message for topic in topics for message in told(topic, "key", *range(100))])
    reader = Reader(bus, tuple(topics))
    async with reader.joined() as consumption:
        await reader.read(consumption, lambda: len({message.partition.topic for message in reader.applied}) == len(topics), limit=1)

    assert len(reader.applied) <= 2 * len(topics)


async def test_a_log_keeps_the_number_of_partitions_that_it_was_made_with(url: str, bus: PostgresBus) -> None:
    other = await PostgresBus.open(url, partitions=7)
    try:
        await other.publish([message for nth in range(40) for message in told("desk.loan", f"key-{nth}", nth)])
        await bus.publish([message for nth in range(40) for message in told("desk.loan", f"key-{nth}", nth)])
    finally:
        await other.close()

    reader = Reader(bus, ("desk.loan",))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(80))
    for key in {message.key for message in reader.applied}:
        assert len({message.partition for message in reader.applied if message.key == key}) == 1, (
            "one key, one partition, whoever publishes"
        )
    assert {partition.number for partition in reader.positions} == {0, 1}


async def test_what_is_published_to_a_topic_that_is_just_being_deleted_is_an_error_and_not_lost(bus: PostgresBus, url: str) -> None:
    await bus.publish(told("desk.loan", "key", "before"))
    deleting = await asyncpg.connect(url)
    try:
        transaction = deleting.transaction()
        await transaction.start()
        await deleting.execute("DELETE FROM log_partition")
        publishing = asyncio.create_task(bus.publish(told("desk.loan", "key", "meanwhile")))
        while not await deleting.fetchval("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')"):
            assert not publishing.done()
        await transaction.commit()
    finally:
        await deleting.close()

    with pytest.raises(PartitionMissing):
        await publishing
    await bus.publish(told("desk.loan", "key", "again"))
    reader = Reader(bus, ("desk.loan",))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(1))
    assert reader.values() == [b"again"]
