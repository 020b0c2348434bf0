"""What a bus promises to whoever reads, on both: PostgreSQL's own log and a real Apache Kafka."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from lending.reader import Reader, by_partition, told

from common.bus.envelope import LARGEST_BYTES
from common.bus.kafka import KafkaBus
from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing

TestedBus = PostgresBus | KafkaBus
Keys = tuple[str, str]


async def test_a_message_arrives_whole(bus: TestedBus, reader: Reader) -> None:
    headers = {"ce_type": "craftport.desk.loan.lent.v1", "ce_cause": "窗口办理 1\n2", "empty": ""}
    (topic,) = reader.topics
    sent = [
        Outgoing(topic, "张家港", headers, bytes(range(256)) + b"\x00"),
        Outgoing(topic, "张家港", {}, b""),
        Outgoing(topic, "张家港", {"n": "1"}, b"x" * LARGEST_BYTES),
    ]
    before = time.monotonic()
    await bus.publish(sent)

    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(3))

    assert [Outgoing(m.partition.topic, m.key, dict(m.headers), m.value) for m in reader.applied] == sent
    assert [message.offset for message in reader.applied] == [0, 1, 2]
    assert time.monotonic() - before < 10


async def test_messages_of_one_key_keep_their_order(bus: TestedBus, reader: Reader) -> None:
    (topic,) = reader.topics
    for first in range(0, 60, 20):
        await bus.publish([message for nth in range(first, first + 20) for key in "abcde" for message in told(topic, key, nth)])

    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(300), limit=70)

    for key in "abcde":
        assert [int(message.value) for message in reader.applied if message.key == key] == list(range(60))


async def test_offsets_are_dense_from_zero_in_each_partition(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    await bus.publish([*told(topic, keys[0], 1, 2, 3), *told(topic, keys[1], 4, 5)])
    await bus.publish([])
    await bus.publish(told(topic, keys[1], 6))

    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(6))

    read = {partition.number: messages for partition, messages in by_partition(reader.applied).items()}
    assert [message.offset for message in read[0]] == [message.offset for message in read[1]] == [0, 1, 2]
    assert len({partition.topic_id for partition in by_partition(reader.applied)}) == 1


async def test_everything_is_kept_and_a_new_group_begins_at_the_beginning(bus: TestedBus, reader: Reader) -> None:
    (topic,) = reader.topics
    await bus.publish([message for nth in range(20) for message in told(topic, f"key-{nth}", nth)])
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(20))

    later = Reader(bus, (topic,))
    async with later.joined() as consumption:
        await later.read(consumption, later.has(20))

    assert sorted(later.values()) == sorted(reader.values())


async def test_the_readers_own_positions_decide_where_to_read_on_in_each_partition(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    await bus.publish([*told(topic, keys[0], *"abcde"), *told(topic, keys[1], *"fghij")])
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(10))
    first = next(partition for partition in reader.positions if partition.number == 0)

    # Whatever the bus itself remembers of the group: the database was restored to an earlier state.
    reader.positions, reader.applied = {first: 3}, []
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(7))

    assert sorted(reader.values()) == [b"d", b"e", b"f", b"g", b"h", b"i", b"j"]


async def test_a_long_log_does_not_hold_up_what_comes_to_another(bus: TestedBus, keys: Keys) -> None:
    for long, short in (keys, keys[::-1]):
        topic = f"desk.{uuid4().hex}"
        await bus.create_topic(topic)
        await bus.publish([*told(topic, long, *range(500)), *told(topic, short, "live")])
        reader = Reader(bus, (topic,))
        async with reader.joined() as consumption:
            await reader.read(consumption, lambda reader=reader: b"live" in reader.values(), limit=20)
            assert len(reader.applied) <= 40, "in the second batch at the latest"
            await reader.read(consumption, reader.has(501), limit=20)


async def test_rewind_reads_again_from_the_positions_in_the_database(bus: TestedBus, reader: Reader) -> None:
    (topic,) = reader.topics
    await bus.publish(told(topic, "key", *"abc"))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(3))
        await bus.publish(told(topic, "key", *"def"))
        failed = [message async for message in _delivered(consumption, 3)]

        await consumption.rewind()
        again = await reader.read(consumption, reader.has(6))

    assert [message.value for message in failed] == [message.value for message in again] == [b"d", b"e", b"f"]


async def _delivered(consumption: Any, count: int) -> Any:
    """So many messages, without applying them: the transaction failed."""
    while count > 0:
        for message in await consumption.batch(limit=count, wait_seconds=0.1):
            count -= 1
            yield message


async def test_one_partition_stands_still_and_the_others_go_on_until_it_is_resumed(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    await bus.publish([*told(topic, keys[0], "a"), *told(topic, keys[1], "A")])
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(2))
        first, second = sorted(reader.positions, key=lambda partition: partition.number)

        await consumption.stop(first, "out of order")
        await bus.publish(told(topic, keys[0], "b"))
        await bus.publish(told(topic, keys[1], "B"))
        await reader.read(consumption, reader.has(3))
        await consumption.rewind()
        await bus.publish(told(topic, keys[1], "C"))
        await reader.read(consumption, reader.has(4))
        assert (dict(consumption.stopped), await reader.backlog()) == ({first: "out of order"}, {first: 1, second: 0})
        assert b"b" not in reader.values()

        await consumption.resume(first)
        await reader.read(consumption, reader.has(5))

        assert (reader.values()[-1], dict(consumption.stopped)) == (b"b", {})


async def test_whoever_asks_hears_where_each_log_ends_without_reading_it(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    assert {partition.number: end for partition, end in (await bus.ends((topic,))).items()} == {0: 0, 1: 0}
    await bus.publish([*told(topic, keys[0], *"abcde"), *told(topic, keys[1], *"fg")])
    told_before = await bus.ends((topic, "desk.nowhere"))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(1), limit=1)
        assert sum((await reader.backlog()).values()) == 6
        await reader.read(consumption, reader.has(7))

    assert await reader.backlog() == dict.fromkeys(reader.positions, 0)
    assert told_before == reader.positions, "by the names that its messages bear"
    await bus.delete_topic(topic)
    assert await bus.ends((topic,)) == {}
    await bus.create_topic(topic)
    assert not (await bus.ends((topic,))).keys() & told_before.keys(), "another log"


async def test_a_position_beyond_the_log_stops_its_partition_and_never_jumps(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    await bus.publish([*told(topic, keys[0], *"ab"), *told(topic, keys[1], "A")])
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(3))
    first = next(partition for partition in reader.positions if partition.number == 0)

    reader.positions = {first: 7}
    async with reader.joined() as consumption:
        await reader.read(consumption, lambda: len(reader.applied) == 4 and first in consumption.stopped)
        await bus.publish([*told(topic, keys[0], *"cdefghij"), *told(topic, keys[1], "B")])
        await reader.read(consumption, reader.has(5))

        assert reader.values()[3:] == [b"A", b"B"]
        assert consumption.stopped[first] == f"{topic}/0: position 7 is outside the log [0, 2]"

        reader.positions[first] = 2
        await consumption.resume(first)
        await reader.read(consumption, reader.has(13))
        assert reader.values()[5:] == [each.encode() for each in "cdefghij"]


async def test_a_topic_made_anew_under_its_reader_stops_and_is_another_log(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    await bus.publish(told(topic, keys[0], *"abc"))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(3))
        (old,) = reader.positions

        await bus.delete_topic(topic)
        await bus.create_topic(topic)
        # More than there was: from the old position on, the new log could be read as if it were the rest of the old one.
        await bus.publish(told(topic, keys[0], *"ABCDEFG"))
        await reader.read(consumption, lambda: old in consumption.stopped)

        for partition in list(consumption.stopped):
            await consumption.resume(partition)
        await reader.read(consumption, reader.has(10))
        assert dict(consumption.stopped) == {}

    assert reader.values() == [each.encode() for each in "abcABCDEFG"]
    new = reader.applied[-1].partition
    assert (new.topic, new.number, new.topic_id == old.topic_id) == (topic, 0, False)


async def test_a_topic_that_was_deleted_stops(bus: TestedBus, reader: Reader, keys: Keys) -> None:
    (topic,) = reader.topics
    await bus.publish(told(topic, keys[0], *"abc"))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(3))
        (old,) = reader.positions

        await bus.delete_topic(topic)

        await reader.read(consumption, lambda: old in consumption.stopped)
        assert "deleted or made anew" in consumption.stopped[old]


async def test_whoever_leaves_hands_over_at_once_and_nothing_applied_is_delivered_again(bus: TestedBus, reader: Reader) -> None:
    (topic,) = reader.topics
    await bus.publish([message for nth in range(40) for message in told(topic, f"key-{nth}", nth)])
    async with reader.joined() as first:
        await reader.read(first, reader.has(10), limit=10)
        unapplied = await first.batch(limit=5, wait_seconds=1)
    left = time.monotonic()
    async with reader.joined() as second:
        handed_over = len(reader.applied)
        delivered = await reader.read(second, reader.has(40))

    assert time.monotonic() - left < 5, "not after a lease or a session has run out"
    assert len(delivered) == 40 - handed_over, "what was applied is not delivered again"
    assert {(m.partition, m.offset) for m in unapplied} <= {(m.partition, m.offset) for m in delivered}
    assert sorted(map(int, reader.values())) == list(range(40))


async def test_who_waits_in_the_group_takes_over_when_the_other_leaves(bus: TestedBus, reader: Reader) -> None:
    (topic,) = reader.topics
    async with reader.joined() as second:
        async with reader.joined() as first:
            await bus.publish([message for nth in range(20) for message in told(topic, f"key-{nth}", nth)])
            while not reader.has(20)():
                reader.apply(await first.batch(limit=100, wait_seconds=0.05))
                reader.apply(await second.batch(limit=100, wait_seconds=0.05))
        await bus.publish([message for nth in range(20, 40) for message in told(topic, f"key-{nth}", nth)])
        left = time.monotonic()
        await reader.read(second, reader.has(40))

    assert time.monotonic() - left < 5
    assert sorted(map(int, reader.values())) == list(range(40))


async def test_many_who_publish_at_once_lose_and_double_nothing(bus: TestedBus, topic: str) -> None:
    topics = [topic, *(f"{topic}-{nth}" for nth in range(3))]
    if isinstance(bus, KafkaBus):
        for each in topics:
            await bus.create_topic(each)

    async def publish(who: int) -> None:
        for turn in range(5):
            await bus.publish([message for each in topics for message in told(each, f"key-{who % 7}", f"{who}.{turn}", f"{who}.{turn}+")])

    await asyncio.gather(*(publish(who) for who in range(20)))
    reader = Reader(bus, topics)
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(800))
        assert set((await reader.backlog()).values()) == {0}

    expected = {f"{who}.{turn}{plus}".encode() for who in range(20) for turn in range(5) for plus in ("", "+")}
    values: Mapping[str, list[bytes]] = {each: [m.value for m in reader.applied if m.partition.topic == each] for each in topics}
    assert all(len(found) == 200 and set(found) == expected for found in values.values())
