"""Whoever is cancelled while a client of Kafka connects leaves no connection behind, whichever request was on its way."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection

from common.bus.cluster import Cluster
from common.bus.kafka import KafkaBus
from common.testing.kafka import Broker

pytestmark = pytest.mark.kafka


class Requests:
    """Every request of this process to a broker passes here; the one of that number cancels the task that was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent, self._cancelled_by = 0, 0
        self._task: asyncio.Task[Any] | None = None
        send: Callable[..., Any] = AIOKafkaConnection.send

        def counted(connection: AIOKafkaConnection, *args: Any, **kwargs: Any) -> Any:
            self.sent += 1
            if self._task is not None and self.sent == self._cancelled_by:
                asyncio.get_running_loop().call_soon(self._task.cancel)
            return send(connection, *args, **kwargs)

        monkeypatch.setattr(AIOKafkaConnection, "send", counted)

    async def cancel(self, task: asyncio.Task[Any], *, at: int) -> bool:
        """Whether the task was still at work at that request."""
        self.sent, self._cancelled_by, self._task = 0, at, task
        with suppress(asyncio.CancelledError):
            await task
        return task.cancelled()


def connected() -> list[AIOKafkaConnection]:
    return [it for it in gc.get_objects() if isinstance(it, AIOKafkaConnection) and it.connected()]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    return Requests(monkeypatch)


async def test_a_question_that_is_cancelled_at_any_of_its_requests(kafka: Broker, requests: Requests) -> None:
    nth, before = 1, len(connected())
    while await requests.cancel(asyncio.create_task((cluster := Cluster(kafka.servers)).describe(())), at=nth):
        await cluster.close()
        assert len(connected()) == before, f"cancelled at request {nth}"
        nth += 1
    await cluster.close()
    assert nth > 4, "a broker's versions and its cluster, once to find a broker and once to ask it"


async def test_a_topic_whose_making_is_cancelled_at_any_of_its_requests(kafka: Broker, requests: Requests) -> None:
    nth, before = 1, len(connected())
    while await requests.cancel(
        asyncio.create_task((cluster := Cluster(kafka.servers)).create_topic("kafka-client.cancelled", partitions=1, settings={})), at=nth
    ):
        await cluster.close()
        assert len(connected()) == before, f"cancelled at request {nth}"
        nth += 1
    await cluster.close()
    assert nth > 4


async def test_a_publication_that_is_cancelled_while_its_producer_connects(kafka: Broker, requests: Requests) -> None:
    nth, before = 1, len(connected())
    while nth < 5:
        bus = await KafkaBus.open(kafka.servers)
        assert await requests.cancel(asyncio.create_task(bus._producer_at_work()), at=nth)
        await bus.close()
        assert len(connected()) == before, f"cancelled at request {nth}"
        nth += 1
