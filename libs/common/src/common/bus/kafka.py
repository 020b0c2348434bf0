"""The bus on Apache Kafka: a producer that is renewed when it fails, and readers whose positions stand in our own databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from common.bus.cluster import Cluster
from common.bus.kafka_client import start, stop
from common.bus.kafka_reading import KafkaReading, KafkaTimes
from common.bus.protocol import Consumption, Outgoing, Partition, Positions

_log = structlog.get_logger(__name__)
_OPEN_SECONDS = 30.0
_PRODUCER: Any = AIOKafkaProducer
# A producer fills one batch per partition while the one before is on its way.
_BATCH_BYTES = 256 * 1024
_REQUEST_BYTES = 2 * _BATCH_BYTES + 64 * 1024
_KEEPS_EVERYTHING = {"cleanup.policy": "delete", "retention.ms": "-1"}


class PublishingFailed(ConnectionError):
    """Not every message was acknowledged in time: all of them may be sent again."""


class KafkaBus:
    """Topics are declared beforehand (`common.bus.topics`); ids of cluster and topics come from the broker."""

    def __init__(self, servers: str, cluster: Cluster, id: str, times: KafkaTimes) -> None:
        self._servers, self._cluster, self.id, self._times = servers, cluster, id, times
        self._producer: Any = None
        self._starting, self._is_closed = asyncio.Lock(), False
        self._retiring: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, servers: str, *, times: KafkaTimes | None = None) -> KafkaBus:
        """Connect. A broker that is just starting is waited for; raises KafkaError when it does not come."""
        times = times or KafkaTimes()
        cluster = Cluster(servers, request_seconds=times.request_seconds)
        try:
            return cls(servers, cluster, f"kafka:{await _cluster_id(cluster)}", times)
        except BaseException:
            await cluster.close()
            raise

    async def close(self) -> None:
        """Everything that was acknowledged is durable; what was not is sent again by whoever has it in his outbox."""
        self._is_closed = True
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await self._retire(producer)
        await self._retired()
        for task in self._retiring:
            task.cancel()  # a consumer whose broker is away would wait for it to leave its group
        await self._retired()
        await self._cluster.close()

    async def _retired(self) -> None:
        if self._retiring:
            await asyncio.wait(self._retiring, timeout=self._times.request_seconds)

    async def create_topic(self, topic: str, *, partitions: int = 2) -> None:
        """Make a topic that keeps everything, when it is not there."""
        await self._cluster.create_topic(topic, partitions=partitions, settings=_KEEPS_EVERYTHING)

    async def delete_topic(self, topic: str) -> None:
        """Throw its log away; the name made anew is another topic. For tests."""
        await self._cluster.delete_topic(topic)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Every message acknowledged by all replicas in sync, or PublishingFailed; then the producer is renewed, whatever it suffers from."""
        if not messages:
            return
        producer = await self._producer_at_work()
        sent: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(self._times.publish_seconds):
                for message in messages:
                    headers = [(name, value.encode()) for name, value in message.headers.items()]
                    sent.append(await producer.send(message.topic, message.value, message.key.encode(), headers=headers))
                await asyncio.gather(*sent)
        except (KafkaError, TimeoutError) as error:
            await self._renew(producer, sent)
            raise PublishingFailed(type(error).__name__) from error

    async def ends(self, topics: Sequence[str]) -> Mapping[Partition, int]:
        """Raises KafkaError when the broker is away."""
        return await self._cluster.ends(topics)

    async def _producer_at_work(self) -> Any:
        async with self._starting:
            if self._is_closed:
                raise PublishingFailed("the bus is closed")
            if self._producer is None:
                producer = _PRODUCER(
                    bootstrap_servers=self._servers,
                    client_id="craftport-producer",
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=_BATCH_BYTES,
                    max_request_size=_REQUEST_BYTES,
                    request_timeout_ms=int(self._times.request_seconds * 1000),
                )
                try:
                    async with asyncio.timeout(self._times.publish_seconds):
                        await start(producer.start(), patience_seconds=self._times.leave_seconds)
                except BaseException as error:
                    await self._retire(producer)
                    if isinstance(error, KafkaError | TimeoutError):
                        raise PublishingFailed(type(error).__name__) from error
                    raise
                self._producer = producer
            return self._producer

    async def _renew(self, producer: Any, sent: Sequence[asyncio.Future[Any]]) -> None:
        """The next publication has a new producer. The old one is ended first, so that two do not write over each other."""
        if self._producer is producer:
            self._producer = None
        await self._retire(producer)
        for future in sent:
            if future.done() and not future.cancelled():
                future.exception()

    async def _retire(self, client: Any) -> None:
        """End a producer or consumer; one that cannot reach the broker ends by itself, later."""
        task = asyncio.create_task(_stop(client))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        await asyncio.wait({task}, timeout=self._times.leave_seconds)

    @asynccontextmanager
    async def consume(self, group: str, topics: Sequence[str], positions: Positions) -> AsyncIterator[Consumption]:
        """Join the group. Raises TopicsMissing when a topic is not declared on the broker, KafkaError when it is away."""
        reading = KafkaReading(self._servers, self._cluster, group, topics, positions, times=self._times, retire=self._retire)
        try:
            await reading.join()
            yield reading
        finally:
            await asyncio.shield(reading.leave())


async def _cluster_id(cluster: Cluster) -> str:
    async with asyncio.timeout(_OPEN_SECONDS):
        while True:
            try:
                return (await cluster.describe(())).cluster_id
            except (KafkaError, OSError) as error:
                _log.warning("broker_away", error=type(error).__name__)
                await asyncio.sleep(0.5)


async def _stop(client: Any) -> None:
    with suppress(KafkaError, OSError, asyncio.CancelledError):
        await stop(client)
