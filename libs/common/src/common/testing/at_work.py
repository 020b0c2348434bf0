"""A service at work in a test: real database, real bus, its own issuer, and clients for every role."""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from pydantic import SecretStr

from common.bus.protocol import Bus
from common.database.embedded import EmbeddedPostgres
from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.service import Running, Service
from common.settings import BusKind, ClockKind, Environment, ServiceSettings
from common.testing.postgres import fresh_bus, fresh_database
from common.web.application import create_application

GATEWAY = "http://craftport.test"
ISSUER = f"{GATEWAY}/identity"
KEY = base64.b64encode(b"k" * 32).decode()
INDEX_KEY = base64.b64encode(b"i" * 32).decode()
AUDIT_KEYS = "k1:" + base64.b64encode(b"a" * 32).decode()


def issuer(directory: Path) -> DevelopmentIssuer:
    """An account for each role that needs no organisation or person; tests add the others."""
    staff = {
        role.value.lower(): Account(password=role.value.lower(), role=role)
        for role in (Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE)
    }
    return DevelopmentIssuer(ISSUER, directory, staff, audience="craftport", environment=Environment.DEVELOPMENT)


def settings(database_url: str, first_day: date) -> ServiceSettings:
    """What a service in a test is told."""
    return ServiceSettings(
        environment=Environment.DEVELOPMENT,
        database_url=SecretStr(database_url),
        bus=BusKind.POSTGRES,
        clock=ClockKind.MANUAL,
        first_business_day=first_day,
        issuer_url=ISSUER,
        gateway_url=GATEWAY,
        client_id="service",
        client_secret=SecretStr("service"),
        consistency_key=SecretStr("consistency"),
        encryption_keys=SecretStr(f"k1:{KEY}"),
        index_key=SecretStr(INDEX_KEY),
        audit_keys=SecretStr(AUDIT_KEYS),
    )


@dataclass
class AtWork:
    """One service, with its API and, when `worker`, its loops."""

    running: Running
    app: FastAPI
    issuer: DevelopmentIssuer
    transport: httpx2.ASGITransport
    _tokens: dict[str, str] = field(default_factory=dict)

    def account(self, role: Role, *, organisation_id: UUID | None = None, person_id: UUID | None = None) -> str:
        """A new account; its name."""
        name = f"{role.value.lower()}-{uuid4().hex[:8]}"
        self.issuer.accounts[name] = Account("secret", role, organisation_id, person_id)
        return name

    async def call(
        self, method: str, path: str, *, who: str = "officer", json: Any = None, key: str | None = None, version: int | None = None,
        headers: Mapping[str, str] | None = None, **more: Any,
    ) -> httpx2.Response:  # fmt: skip
        """A request as somebody; a POST that creates has its own Idempotency-Key, a change the If-Match of `version`."""
        sent = {"Authorization": f"Bearer {self._tokens.setdefault(who, self.issuer.token(who))}"}
        if method == "POST" and version is None:
            sent["Idempotency-Key"] = key or uuid4().hex
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        async with httpx2.AsyncClient(transport=self.transport, base_url=GATEWAY, timeout=30) as client:
            return await client.request(method, path, json=json, headers=sent | dict(headers or {}), **more)

    async def import_file(self, kind: str, content: bytes, *, who: str = "officer", validate_only: bool = False) -> dict[str, Any]:
        """Drop a file and wait until its job has ended; the job."""
        name = self.running.service.name
        dropped = await self.call(
            "POST",
            f"/{name}/v1/imports/{kind}",
            who=who,
            files={"file": ("file.xlsx", content)},
            data={"validate_only": str(validate_only).lower()},
        )
        assert dropped.status_code == 202, dropped.text
        deadline = time.monotonic() + 60
        wake = self.running.committed.listen()
        while time.monotonic() < deadline:
            wake.clear()
            job: dict[str, Any] = (await self.call("GET", f"/{name}/v1/jobs/{dropped.json()['id']}", who=who)).json()
            if job["state"] in ("DONE", "FAILED"):
                return job
            await wake.wait()
        raise AssertionError("the import did not end")


@asynccontextmanager
async def at_work(
    service: Service,
    server: EmbeddedPostgres,
    *,
    first_day: date,
    bus: Bus | None = None,
    worker: bool = True,
    gateway: httpx2.AsyncClient | None = None,
    tracing: TracerProvider | None = None,
) -> AsyncIterator[AtWork]:
    """Start it on a fresh database and stop it again. `gateway`: how it reaches the other services, when a test plays them."""
    async with (
        fresh_database(server, service.name, migrations=service.migrations) as url,
        nullcontext(bus) if bus else fresh_bus(server) as heard_on,
    ):
        running = Running(service, settings(url, first_day), heard_on, gateway=gateway, tracing=tracing)
        with tempfile.TemporaryDirectory() as directory:
            development = issuer(Path(directory))
            identity = httpx2.AsyncClient(transport=httpx2.ASGITransport(_mounted(development)), base_url=GATEWAY)
            await running.open()
            app = create_application(running, identity=identity)
            if worker:
                running.work()
            try:
                async with app.router.lifespan_context(app):
                    yield AtWork(running, app, development, httpx2.ASGITransport(app))
            finally:
                await running.close()


def _mounted(development: DevelopmentIssuer) -> FastAPI:
    outer = FastAPI()
    outer.mount("/identity", development.application())
    return outer
