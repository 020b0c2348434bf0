"""The two buses, and topics and readers on them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from lending.app import TODAY, dossiers, lending, replicas
from lending.desk import Kept, Log
from lending.reader import Reader, told

from common.bus.facts import Facts
from common.bus.kafka import KafkaBus
from common.bus.kafka_reading import KafkaTimes
from common.bus.postgres import PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.reconciling.dossier import Dossiers
from common.testing.at_work import AtWork, at_work
from common.testing.postgres import fresh_database

TestedBus = PostgresBus | KafkaBus
TIMES = KafkaTimes(request_seconds=3, publish_seconds=3, session_seconds=6, stalled_seconds=4)


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def open_bus(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres
) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[TestedBus]]]:
    """Connects to one log, as often as one likes."""
    if request.param == "kafka":
        servers = request.getfixturevalue("kafka").servers

        @asynccontextmanager
        async def connect() -> AsyncIterator[TestedBus]:
            bus = await KafkaBus.open(servers, times=TIMES)
            try:
                yield bus
            finally:
                await bus.close()

        yield connect
        return
    async with fresh_database(postgres, "bus") as url:

        @asynccontextmanager
        async def connect() -> AsyncIterator[TestedBus]:
            bus = await PostgresBus.open(url, connections=4)
            try:
                yield bus
            finally:
                await bus.close()

        yield connect


@pytest.fixture
async def bus(open_bus: Callable[[], AbstractAsyncContextManager[TestedBus]]) -> AsyncIterator[TestedBus]:
    async with open_bus() as opened:
        yield opened


@pytest.fixture
async def topic(bus: TestedBus) -> str:
    """A new topic of two partitions."""
    name = f"desk.{uuid4().hex}"
    await bus.create_topic(name)
    return name


@pytest.fixture
async def reader(bus: TestedBus, topic: str) -> Reader:
    return Reader(bus, (topic,))


_KEYS: dict[type[Any], tuple[str, str]] = {}


@pytest.fixture
async def keys(bus: TestedBus) -> tuple[str, str]:
    """A key of partition 0 and one of partition 1 of every topic of two partitions, found out by looking where they arrive."""
    if type(bus) not in _KEYS:
        probe = f"desk.{uuid4().hex}"
        await bus.create_topic(probe)
        await bus.publish([message for nth in range(16) for message in told(probe, f"key-{nth}", nth)])
        looking = Reader(bus, (probe,))
        async with looking.joined() as consumption:
            await looking.read(consumption, looking.has(16))
        found = {message.partition.number: message.key for message in looking.applied}
        _KEYS[type(bus)] = (found[0], found[1])
    return _KEYS[type(bus)]


@pytest.fixture
async def service(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    """Lending at work, on a bus and a database of its own."""
    async with at_work(lending(), postgres, first_day=TODAY) as started:
        yield started


@pytest.fixture
def facts(database: Database) -> Facts:
    return Facts(database, replicas, Dossiers(dossiers), group="lending", bus_id="test", keeps_history=True)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database)
