"""What a bus promises to whoever publishes, on both: all or an error, nothing lost when it closes."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from lending.reader import Reader, told

from common.bus.kafka import KafkaBus
from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing

TestedBus = PostgresBus | KafkaBus
Connect = Callable[[], AbstractAsyncContextManager[TestedBus]]


async def test_what_was_published_before_the_bus_closed_is_there_when_it_is_opened_again(open_bus: Connect) -> None:
    async with open_bus() as bus:
        reader = Reader(bus, (f"desk.{id(bus)}",))
        await bus.create_topic(reader.topics[0])
        await bus.publish(told(reader.topics[0], "key", *range(500)))
    with pytest.raises(Exception, match="closed"):
        await bus.publish(told(reader.topics[0], "key", "too late"))

    async with open_bus() as again:
        assert again.id == bus.id
        reader.bus = again
        async with reader.joined() as consumption:
            await reader.read(consumption, reader.has(500))
            assert sum((await reader.backlog()).values()) == 0

    assert reader.values() == [str(nth).encode() for nth in range(500)]


async def test_when_one_message_cannot_be_published_the_whole_call_is_an_error_and_all_may_be_sent_again(
    bus: TestedBus, reader: Reader
) -> None:
    (topic,) = reader.topics
    good = told(topic, "key", "a", "b")
    bad = Outgoing(topic, "key", {}, b"x" * 2_000_000) if isinstance(bus, KafkaBus) else Outgoing(topic, "\x00", {}, b"")
    with pytest.raises(Exception, match=r"MessageSizeTooLarge|invalid byte sequence"):
        await bus.publish([good[0], bad, good[1]])

    await bus.publish(good)
    async with reader.joined() as consumption:
        await reader.read(consumption, lambda: reader.values()[-2:] == [b"a", b"b"])

    assert set(reader.values()) == {b"a", b"b"}


async def test_an_empty_publication_is_none(bus: TestedBus, reader: Reader) -> None:
    await bus.publish([])
    await bus.publish(told(reader.topics[0], "key", "a"))
    async with reader.joined() as consumption:
        await reader.read(consumption, reader.has(1))

    assert [message.offset for message in reader.applied] == [0]


async def test_a_publication_that_is_cancelled_leaves_the_bus_usable(bus: TestedBus, reader: Reader) -> None:
    (topic,) = reader.topics
    for turn in range(5):
        publishing = asyncio.create_task(bus.publish(told(topic, "key", *(f"{turn}.{nth}" for nth in range(50)))))
        for _ in range(turn * 3):
            await asyncio.sleep(0)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
    await bus.publish(told(topic, "key", "last"))

    async with reader.joined() as consumption:
        await reader.read(consumption, lambda: reader.values()[-1:] == [b"last"])
