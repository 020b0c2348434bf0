"""The city under test: PostgreSQL, Apache Kafka, one api and two workers per service as processes of their own, one door."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from gateway import SECRET, gateway
from killable import declare
from process import Process

from city.driver import SERVICES
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import AUDIT_KEYS, INDEX_KEY, KEY
from common.testing.kafka import Broker, NoBroker, free_ports, kafka_broker

WORKERS = 2
_CONNECTIONS = 5
_UP_SECONDS = 240


@dataclass
class Town:
    """Seen from outside. `processes` by name; `databases`: the URL of each service's own."""

    directory: Path
    url: str
    postgres: EmbeddedPostgres
    broker: Broker
    databases: Mapping[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    def of(self, service: str, role: str) -> list[Process]:
        return [each for each in self.processes.values() if (each.service, each.role) == (service, role)]

    async def ask(self, service: str, query: str) -> Any:
        """One value out of a service's database."""
        connection = await asyncpg.connect(self.databases[service])
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def until_up(self, processes: Iterable[Process] = ()) -> None:
        """All of them, or these."""
        async with asyncio.timeout(_UP_SECONDS):
            for process in processes or self.processes.values():
                await process.until_up()

    def complaints(self) -> list[str]:
        """Everything that any process has logged as an error."""
        return [f"{each.name}: {line}" for each in self.processes.values() for line in each.complaints()]

    async def verified(self) -> list[str]:
        """What `python -m <service> verify` finds fault with: the audit's chain of seals among it. All services at once."""
        checking = [Process(service, "verify", 0, self.of(service, "api")[0].environment, self.directory) for service in SERVICES]
        try:
            for each in checking:
                each.rules = self.of(each.service, "api")[0].rules
                each.start()
            codes = await asyncio.gather(*(each.returned(within_seconds=_UP_SECONDS) for each in checking))
            return [f"{each.name} returned {code}: {each.said()}" for each, code in zip(checking, codes, strict=True) if code != 0]
        finally:
            for each in checking:
                each.clear_away()

    async def stop(self) -> dict[str, float]:
        """Every process in order, all at once, as an orderly end of the day; how many seconds each took."""
        took = await asyncio.gather(*(each.stop() for each in self.processes.values()))
        return dict(zip(self.processes, took, strict=True))


@asynccontextmanager
async def town(directory: Path, first_day: date) -> AsyncIterator[Town]:
    """Up and empty; nothing of it is left afterwards. Raises NoBroker."""
    async with AsyncExitStack() as stack:
        if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
            raise NoBroker("the broker is killed here, and KAFKA_BOOTSTRAP_SERVERS names one that is not ours")
        broker = stack.enter_context(kafka_broker())
        await declare(broker.servers)
        postgres = stack.enter_context(_postgres())
        await _keep_what_is_committed(postgres)
        databases = {service: await postgres.create_database(service) for service in SERVICES}
        ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        url = await stack.enter_async_context(gateway(ports, directory, socket.create_server(("127.0.0.1", 0))))
        made = Town(directory, url, postgres, broker, databases)
        stack.callback(lambda: [each.clear_away() for each in made.processes.values()])
        for service in SERVICES:
            environment = _environment(made, service, first_day)
            own = [Process(service, "api", 0, environment, directory, ports[service])]
            own += [Process(service, "worker", nth, environment, directory) for nth in range(1, WORKERS + 1)]
            made.processes |= {each.name: each for each in own}
            for each in own:
                each.start()
        await made.until_up()
        yield made


@contextmanager
def open_directory() -> Iterator[Path]:
    """One that PostgreSQL may reach, which runs as another user when we are root; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="craftport-chaos-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def _postgres() -> Iterator[EmbeddedPostgres]:
    """A crash of the server must lose nothing; one of the machine is not tried, which saves the disk's time."""
    with open_directory() as directory:
        server = EmbeddedPostgres(directory / "postgres", durable=False)
        try:
            server.start()
            yield server
        finally:
            server.remove()


async def _keep_what_is_committed(postgres: EmbeddedPostgres) -> None:
    """A test server answers before its log is written, and would lose what was promised; from now on it does not."""
    connection = await asyncpg.connect(postgres.url("postgres"))
    try:
        await connection.execute("ALTER ROLE ALL SET synchronous_commit = on")
    finally:
        await connection.close()


def _environment(town: Town, service: str, first_day: date) -> dict[str, str]:
    own = {
        "ENVIRONMENT": "development", "DATABASE_URL": town.databases[service], "DATABASE_CONNECTIONS": str(_CONNECTIONS), "BUS": "kafka",
        "KAFKA_BOOTSTRAP_SERVERS": town.broker.servers, "CLOCK": "manual", "FIRST_BUSINESS_DAY": first_day.isoformat(),
        "ISSUER_URL": f"{town.url}/identity", "GATEWAY_URL": town.url, "CLIENT_ID": f"service-{service}", "CLIENT_SECRET": SECRET,
        "CONSISTENCY_KEY": "consistency", "ENCRYPTION_KEYS": f"k1:{KEY}", "INDEX_KEY": INDEX_KEY, "AUDIT_KEYS": AUDIT_KEYS,
        "STATE_DIRECTORY": str(town.directory), "AUDIT_HEADS": str(town.directory / "heads"),
    }  # fmt: skip
    others = {name: value for name, value in os.environ.items() if not name.startswith("CRAFTPORT_")}
    return others | {f"CRAFTPORT_{name}": value for name, value in own.items()}
