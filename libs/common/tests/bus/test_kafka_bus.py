"""What belongs to Apache Kafka alone: groups of several members, and a broker that is restarted or killed under us."""

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import count
from threading import Thread
from uuid import uuid4

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from lending.reader import Reader, told

from common.bus.kafka import KafkaBus, PublishingFailed
from common.bus.kafka_reading import KafkaReading, KafkaTimes, TopicsMissing
from common.bus.protocol import Consumption, Partition
from common.testing.kafka import Broker, GivenBroker

pytestmark = pytest.mark.kafka
IMPATIENT = KafkaTimes(request_seconds=1, publish_seconds=1, session_seconds=2.5, stalled_seconds=2, leave_seconds=1.5)


@pytest.fixture
async def bus(kafka: Broker) -> AsyncIterator[KafkaBus]:
    opened = await KafkaBus.open(kafka.servers)
    yield opened
    await opened.close()


@pytest.fixture
async def impatient_bus(kafka: Broker) -> AsyncIterator[KafkaBus]:
    if isinstance(kafka, GivenBroker):
        pytest.skip("the broker that was given to the tests is not theirs to kill")
    opened = await KafkaBus.open(kafka.servers, times=IMPATIENT)
    yield opened
    await opened.close()
    assert clients_at_work() == [], "whatever the broker did meanwhile"


def clients_at_work() -> list[AIOKafkaClient]:
    """Those that still ask the broker for news of the cluster by themselves, every five minutes, each time over a new connection."""
    clients = [it for it in gc.get_objects() if isinstance(it, AIOKafkaClient)]
    return [client for client in clients if client._sync_task is not None and not client._sync_task.done()]


def assigned(member: Consumption) -> set[Partition]:
    assert isinstance(member, KafkaReading)
    return set(member._partitions.values())


async def test_two_members_share_the_partitions_and_one_person_is_one_members_on_every_topic(bus: KafkaBus) -> None:
    topics = tuple(f"{name}.{uuid4().hex}" for name in ("certification", "matching", "registry"))
    for topic in topics:
        await bus.create_topic(topic, partitions=4)
    people = [f"person-{nth}" for nth in range(40)]
    await bus.publish([message for topic in topics for person in people for message in told(topic, person, topic)])
    reader = Reader(bus, topics)
    # Nothing is applied until both have joined: whoever was first would read everything alone.
    async with reader.joined() as first, reader.joined() as second:
        while not assigned(second) or len(assigned(first)) == 12:
            await asyncio.gather(*(member.batch(limit=1, wait_seconds=0.05) for member in (first, second)))
        assert len(assigned(first)) == len(assigned(second)) == 6

        heard: dict[int, set[str]] = defaultdict(set)
        await asyncio.gather(first.rewind(), second.rewind())
        while not reader.has(120)():
            for who, member in enumerate((first, second)):
                messages = await member.batch(limit=100, wait_seconds=0.05)
                heard[who] |= {message.key for message in messages}
                reader.apply(messages)

    assert all(heard[who] for who in (0, 1))
    assert not heard[0] & heard[1], "all of a person's facts are one worker's"
    assert heard[0] | heard[1] == set(people)


async def test_a_topic_that_is_not_declared_is_named(bus: KafkaBus) -> None:
    reader = Reader(bus, ("desk.nobody-declared-this",))
    with pytest.raises(TopicsMissing, match=r"desk\.nobody-declared-this"):
        async with reader.joined():
            pass


async def test_a_topic_made_anew_while_its_reader_was_held_up_is_not_read_on_as_if_it_were_the_old_one(
    bus: KafkaBus, kafka: Broker
) -> None:
    """The client library asks for topics by name and has noticed nothing: from the old position on it would deliver the new log's."""
    topic = f"desk.{uuid4().hex}"
    await bus.create_topic(topic, partitions=1)
    await bus.publish(told(topic, "key", *"abc"))
    reader = Reader(bus, (topic,))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(3))
        (old,) = reader.positions

        elsewhere = Thread(target=asyncio.run, args=(made_anew(kafka.servers, topic),))
        elsewhere.start()
        elsewhere.join()  # without a turn of our own loop: no refreshed metadata, no rebalance

        await reader.read(consumption, lambda: old in consumption.stopped)
        assert [message.value for message in reader.applied if message.partition == old] == [b"a", b"b", b"c"]
        await consumption.resume(old)
        await reader.read(consumption, reader.has(10))

    assert reader.values() == [each.encode() for each in "abcABCDEFG"]


async def made_anew(servers: str, topic: str) -> None:
    bus = await KafkaBus.open(servers)
    await bus.delete_topic(topic)
    await bus.create_topic(topic, partitions=1)
    await bus.publish(told(topic, "key", *"ABCDEFG"))
    await bus.close()


class Traffic:
    """Somebody publishes without end, trying again what failed; somebody reads, joining again when his bus fails."""

    def __init__(self, bus: KafkaBus, topic: str) -> None:
        self._bus, self._topic = bus, topic
        self.reader = Reader(bus, (topic,))
        self.published, self.failures, self.is_ending = 0, 0, False

    async def publish(self) -> None:
        for turn in count():
            if self.is_ending:
                return
            batch = [message for key in "abc" for message in told(self._topic, key, turn)]
            while True:
                try:
                    await self._bus.publish(batch)
                    break
                except PublishingFailed:
                    self.failures += 1
            self.published = turn + 1

    async def read(self) -> None:
        while not (self.is_ending and self._has_all()):
            with suppress(KafkaError, OSError, TimeoutError):
                async with self.reader.joined() as consumption:
                    await self._read(consumption)

    async def _read(self, consumption: Consumption) -> None:
        while not (self.is_ending and self._has_all()):
            self.reader.apply(await consumption.batch(limit=50, wait_seconds=0.05))

    def _has_all(self) -> bool:
        return all(self.first_seen(key)[-1:] == [self.published - 1] for key in "abc")

    def first_seen(self, key: str) -> list[int]:
        return list(dict.fromkeys(int(message.value) for message in self.reader.applied if message.key == key))


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_a_broker_that_ends_in_the_middle_of_publishing_and_reading_loses_nothing(
    impatient_bus: KafkaBus, kafka: Broker, end: str
) -> None:
    topic = f"desk.{uuid4().hex}"
    await impatient_bus.create_topic(topic)
    traffic = Traffic(impatient_bus, topic)
    at_work = asyncio.gather(traffic.publish(), traffic.read())

    await _until(at_work, lambda: traffic.published > 20 and traffic.reader.has(30)())
    await asyncio.to_thread(getattr(kafka, end))
    await _until(at_work, lambda: traffic.failures > 0)
    await asyncio.to_thread(kafka.start)
    before = traffic.published
    await _until(at_work, lambda: traffic.published > before + 20)
    traffic.is_ending = True
    await at_work

    # Whatever was sent twice: each key's messages are all there, and come in their order. (`apply` fails when an offset is jumped over.)
    assert [traffic.first_seen(key) for key in "abc"] == [list(range(traffic.published))] * 3


async def _until(at_work: "asyncio.Future[object]", is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(45):
        while not is_so():
            assert not at_work.done(), at_work.exception()
            await asyncio.sleep(0.01)
