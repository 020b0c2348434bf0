"""A Kafka cluster as we must know it: its id, the ids of its topics, and topics made and deleted.

Offsets are kept under the topic's id and not its name, so that a topic that was deleted and made anew is another one. aiokafka asks for
metadata in a version that has no topic ids yet, so the newer request is spelled out here.
"""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NotLeaderForPartitionError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from common.bus.kafka_client import start
from common.bus.protocol import Partition

_METADATA, _VERSION = 3, 12
_NO_ID = bytes(16)
_END = -1
"""The "time" by which a partition is asked for its end."""
_READY_SECONDS = 10.0


class _Uuid(AbstractType[bytes]):
    """Sixteen bytes as they are."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _MetadataResponse(Response):
    API_KEY = _METADATA
    API_VERSION = _VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("node_id", Int32), ("host", CompactString()), ("port", Int32), ("rack", CompactString()), ("tags", TaggedFields)),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("number", Int32),
                        ("leader_id", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync_replicas", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataStruct(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = _METADATA
    API_VERSION = _VERSION
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataStruct]):
    API_KEY = _METADATA

    def __init__(self, topics: Collection[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_MetadataStruct]) -> _MetadataStruct:
        return request_struct_class([(_NO_ID, topic, {}) for topic in self._topics], False, False, {})


@dataclass(frozen=True)
class Topic:
    """A topic on the broker: `id` as Kafka's own tools write it, `leaders` the broker that leads each partition, by its number (-1: nobody)."""

    id: str
    leaders: Mapping[int, int]

    @property
    def partitions(self) -> int:
        """How many there are."""
        return len(self.leaders)

    @property
    def is_ready(self) -> bool:
        return bool(self.leaders) and min(self.leaders.values()) >= 0


@dataclass(frozen=True)
class Description:
    """The cluster's id, and those of the topics asked for that exist."""

    cluster_id: str
    topics: Mapping[str, Topic]


class Cluster:
    """A connection for questions about the cluster. It is made when it is needed, and anew after a failure."""

    def __init__(self, servers: str, *, request_seconds: float = 10.0) -> None:
        self._servers, self._request_ms = servers, int(request_seconds * 1000)
        self._client: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def describe(self, topics: Collection[str]) -> Description:
        """What the cluster says of these topics; absent ones are absent. Raises KafkaError."""
        answer = await self._ask(_MetadataRequest(topics))
        found = {}
        for code, name, id_, _, partitions, *_ in answer.topics:
            error = for_code(code)
            if error is UnknownTopicOrPartitionError:
                continue
            if code:
                raise error(name)
            leaders = {number: leader for _, number, leader, *_ in partitions}
            found[name] = Topic(base64.urlsafe_b64encode(id_).rstrip(b"=").decode(), leaders)
        return Description(answer.cluster_id, found)

    async def ends(self, topics: Collection[str]) -> dict[Partition, int]:
        """The offset that the next message of each partition will have; absent topics are absent. Raises KafkaError, TimeoutError."""
        async with asyncio.timeout(self._request_ms / 1000):
            while True:
                try:
                    return await self._ends(topics)
                except NotLeaderForPartitionError:  # just made, or another broker leads since we asked
                    await asyncio.sleep(0.05)

    async def _ends(self, topics: Collection[str]) -> dict[Partition, int]:
        described = (await self.describe(topics)).topics
        led: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for name, topic in described.items():
            for number, leader in topic.leaders.items():
                led[leader][name].append(number)
        found = {}
        for leader, own in led.items():
            asked = [(name, [(number, _END) for number in numbers]) for name, numbers in own.items()]
            for name, partitions in (await self._ask(OffsetRequest(-1, 0, asked), leader)).topics:
                for number, code, _, offset in partitions:
                    if code:
                        raise for_code(code)(name)
                    found[Partition(name, described[name].id, number)] = offset
        return found

    async def _ask(self, request: Request[Any], node: int | None = None) -> Any:
        """Of this broker or of any. Whatever fails, the next question has a new connection."""
        async with self._one_at_a_time:
            try:
                return await self._answered(request, node)
            except BaseException:
                await self._forget()
                raise

    async def _answered(self, request: Request[Any], node: int | None) -> Any:
        if self._client is None:
            new: Any = AIOKafkaClient
            self._client = new(bootstrap_servers=self._servers, client_id="craftport-cluster", request_timeout_ms=self._request_ms)
            await start(self._client.bootstrap(), patience_seconds=self._request_ms / 1000)
        return await self._client.send(self._client.get_random_node() if node is None else node, request)

    async def _forget(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def close(self) -> None:
        await self._forget()

    async def create_topic(self, name: str, *, partitions: int, settings: Mapping[str, str]) -> None:
        """Make a topic when it is not there, with as many copies as the broker's own default says, and wait until it can be used."""
        async with self._administration() as admin:
            topic: Any = NewTopic
            new = topic(name, partitions, -1, replica_assignments={}, topic_configs=dict(settings))
            answer = await admin.create_topics([new])
        for _, code, message in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(message)
        await self._until(name, lambda topic: topic is not None and topic.is_ready)

    async def delete_topic(self, name: str) -> None:
        """Throw it and its log away, and wait until it is gone. For tests."""
        async with self._administration() as admin:
            answer = await admin.delete_topics([name])
        for _, code in answer.topic_error_codes:
            if code:
                raise for_code(code)(name)
        await self._until(name, lambda topic: topic is None)

    async def _until(self, name: str, is_so: Callable[[Topic | None], bool]) -> None:
        async with asyncio.timeout(_READY_SECONDS):
            while True:
                if is_so((await self.describe((name,))).topics.get(name)):
                    return
                await asyncio.sleep(0.02)

    async def settings_of(self, name: str, wanted: Collection[str]) -> dict[str, str]:
        """A topic's settings by their names. Raises KafkaError."""
        async with self._administration() as admin:
            asked: Any = ConfigResource
            (answer,) = await admin.describe_configs([asked(ConfigResourceType.TOPIC, name, configs=dict.fromkeys(wanted, ""))])
        ((code, message, _, _, entries),) = answer.resources
        if code:
            raise for_code(code)(message)
        return {entry[0]: entry[1] for entry in entries}

    @asynccontextmanager
    async def _administration(self) -> AsyncIterator[Any]:
        admin: Any = AIOKafkaAdminClient(bootstrap_servers=self._servers, request_timeout_ms=self._request_ms)
        try:
            await start(admin.start(), patience_seconds=self._request_ms / 1000)
            yield admin
        finally:
            await admin.close()
