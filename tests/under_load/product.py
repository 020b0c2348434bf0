"""Services as the product starts them: `python -m <service> api` and `worker`, processes of their own that are told to end by a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx2

from common.database.embedded import EmbeddedPostgres
from common.security.issuer import DevelopmentIssuer
from common.testing.at_work import AUDIT_KEYS, INDEX_KEY, KEY
from common.testing.kafka import free_ports
from common.testing.postgres import fresh_database
from common.testing.until import until

TODAY = date(2018, 6, 1)
ENDS_WITHIN_SECONDS = 10
_STARTS_WITHIN_SECONDS = 120


@dataclass
class Process:
    """One command of one service."""

    service: str
    command: str
    port: int
    environment: Mapping[str, str]
    log: Path
    running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        arguments = ["api", "--host", "127.0.0.1", "--port", str(self.port)] if self.command == "api" else ["worker"]
        with self.log.open("wb") as log:
            self.running = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.service, *arguments, env=dict(self.environment), stdout=log, stderr=log
            )

    async def is_up(self) -> bool:
        assert self.running is not None
        assert self.running.returncode is None, self.said()
        try:
            async with httpx2.AsyncClient(timeout=5) as client:
                return (await client.get(f"http://127.0.0.1:{self.port}/{self.service}/health/ready")).status_code == 200
        except httpx2.TransportError:
            return False

    async def told_to_end(self) -> tuple[int, float]:
        """By SIGTERM: its exit status, and how many seconds it took. Raises TimeoutError when it runs on."""
        assert self.running is not None
        began = time.monotonic()
        self.running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(3 * ENDS_WITHIN_SECONDS):
            return await self.running.wait(), time.monotonic() - began

    async def clear_away(self) -> None:
        """Whatever has become of the test."""
        if self.running is not None and self.running.returncode is None:
            self.running.kill()
            await self.running.wait()

    def said(self) -> str:
        """Its log."""
        return self.log.read_text("utf-8", "replace")


@dataclass
class Product:
    """One service: its api, its worker, and where it keeps what it knows."""

    name: str
    database_url: str
    api: Process
    worker: Process
    client: httpx2.AsyncClient
    issuer: DevelopmentIssuer
    _tokens: dict[str, str] = field(default_factory=dict)

    def login(self, who: str = "officer") -> dict[str, str]:
        if who not in self._tokens:
            self._tokens[who] = self.issuer.token(who)
        return {"Authorization": f"Bearer {self._tokens[who]}"}


@asynccontextmanager
async def product(
    name: str, server: EmbeddedPostgres, issuer: DevelopmentIssuer, directory: Path, *, worker: bool = True, **told: str
) -> AsyncIterator[Product]:
    """Started, and ready to be asked. `told`: settings that differ from the defaults."""
    async with AsyncExitStack() as stack:
        url, bus_url = [await stack.enter_async_context(fresh_database(server, each)) for each in (name, "bus")]
        api_port, worker_port = free_ports(2)
        own = {
            "environment": "development", "database_url": url, "bus": "postgres", "bus_database_url": bus_url, "clock": "manual",
            "first_business_day": TODAY.isoformat(), "issuer_url": issuer.url, "consistency_key": "consistency", "encryption_keys": f"k1:{KEY}",
            "index_key": INDEX_KEY, "audit_keys": AUDIT_KEYS, "state_directory": str(directory), "worker_port": str(worker_port),
        }  # fmt: skip
        others = {key: value for key, value in os.environ.items() if not key.startswith("CRAFTPORT_")}
        environment = others | {f"CRAFTPORT_{key.upper()}": value for key, value in (own | told).items()}
        api = Process(name, "api", api_port, environment, directory / f"{name}-api.log")
        works = Process(name, "worker", worker_port, environment, directory / f"{name}-worker.log")
        started = (api, works) if worker else (api,)
        for each in started:
            stack.push_async_callback(each.clear_away)
            await each.start()
        for each in started:
            await until(each.is_up, within_seconds=_STARTS_WITHIN_SECONDS)
        # Every caller comes on a connection of his own, and hangs up when he is answered.
        callers = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{api_port}/{name}/v1", timeout=30, limits=callers)
        yield Product(name, url, api, works, await stack.enter_async_context(client), issuer)
