"""Several services in one process: embedded PostgreSQL and bus, an issuer for development, and the gateway's paths on one port."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from common.bus.postgres import PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.service import Running, Service
from common.settings import BusKind, ClockKind, Environment, ServiceSettings
from common.web.application import create_application
from common.web.docs import front_page


class PortTaken(RuntimeError):
    """Another program listens on the port."""


@dataclass(frozen=True)
class OneProcess:
    """What runs here: `services` by name in order, and the issuer that lets people in."""

    services: Mapping[str, Running]
    issuer: DevelopmentIssuer
    url: str


def service_named(name: str) -> Service:
    """The service that a package of that name declares in its `app`."""
    service: Service = importlib.import_module(f"{name}.app").service
    return service


@asynccontextmanager
async def one_process(
    names: Sequence[str], directory: Path, *, first_day: date, port: int, durable: bool = True
) -> AsyncIterator[OneProcess]:
    """Start everything under `directory` and stop it again; what it holds stays for the next start. Raises PortTaken.

    `durable=False` is for tests: a crash of the machine may lose its data.
    """
    await _must_be_free(port)
    await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    server = EmbeddedPostgres(directory / "postgres", durable=durable)
    await asyncio.to_thread(server.start)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, server.stop)
        keys = _secrets(directory / "secrets.json", names)
        issuer = DevelopmentIssuer(
            f"{url}/identity", directory, _accounts(names, keys), audience="craftport", environment=Environment.DEVELOPMENT
        )
        bus = await PostgresBus.open(await server.create_database("bus"), partitions=1)
        stack.push_async_callback(bus.close)
        faces: dict[str, ASGIApp] = {"identity": _mounted("/identity", issuer.application())}
        services: dict[str, Running] = {}
        inside = httpx2.ASGITransport(_gateway(faces))
        for name in names:
            settings = _settings(await server.create_database(name), name, keys, url=url, first_day=first_day)
            running = Running(service_named(name), settings, bus, gateway=httpx2.AsyncClient(transport=inside, base_url=url, timeout=30))
            stack.push_async_callback(running.close)
            await running.open()
            app = create_application(running, identity=httpx2.AsyncClient(transport=inside, base_url=url), neighbours=services)
            await stack.enter_async_context(app.router.lifespan_context(app))
            faces[name], services[name] = app, running
        faces["docs"] = _mounted("/docs", _front_page(services))
        for running in services.values():
            running.work()
        await stack.enter_async_context(_served(_gateway(faces), port))
        yield OneProcess(services, issuer, url)


@asynccontextmanager
async def _served(app: ASGIApp, port: int) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=2))
    # Ctrl-C is the caller's business: it ends the whole process in order, not only its face.
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - `serve` would take the signals
    while not server.started and not serving.done():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _must_be_free(port: int) -> None:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return
    writer.close()
    raise PortTaken(f"port {port} is in use; choose another: PORT=8080 make demo")


def _gateway(faces: Mapping[str, ASGIApp]) -> ASGIApp:
    """As nginx does: the first segment of the path names the service."""

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        first = str(scope.get("path", "")).split("/", 2)[1:2]
        face = faces.get(first[0] if first else "")
        if face is None:
            face = HTMLResponse('<meta http-equiv="refresh" content="0; url=/docs">', status_code=404)
        await face(scope, receive, send)

    return gateway


def _mounted(path: str, app: FastAPI) -> FastAPI:
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.mount(path, app)
    return outer


def _front_page(services: Mapping[str, Running]) -> FastAPI:
    """One page that leads to every service's operations."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page = front_page(running.service for running in services.values())

    @app.get("/")
    async def front() -> HTMLResponse:
        return HTMLResponse(page)

    return app


def _accounts(names: Sequence[str], keys: Mapping[str, str]) -> dict[str, Account]:
    """One official of each kind, whose password is his name, and every service by its secret."""
    officials = {role.value.lower(): Account(role.value.lower(), role) for role in (Role.CLERK, Role.OFFICER, Role.AUDITOR)}
    return officials | {f"service-{name}": Account(keys[f"service-{name}"], Role.SERVICE) for name in names}


def _secrets(path: Path, names: Sequence[str]) -> dict[str, str]:
    """Made at the first start, readable by the owner alone."""
    held: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    wanted = ("consistency", "encryption", "index", *(f"service-{name}" for name in names))
    held |= {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in wanted if name not in held}
    path.touch(mode=0o600)
    path.write_text(json.dumps(held))
    return held


def _settings(database_url: str, name: str, keys: Mapping[str, str], *, url: str, first_day: date) -> ServiceSettings:
    return ServiceSettings(
        environment=Environment.DEVELOPMENT,
        database_url=SecretStr(database_url),
        bus=BusKind.POSTGRES,
        clock=ClockKind.MANUAL,
        first_business_day=first_day,
        issuer_url=f"{url}/identity",
        gateway_url=url,
        client_id=f"service-{name}",
        client_secret=SecretStr(keys[f"service-{name}"]),
        consistency_key=SecretStr(keys["consistency"]),
        encryption_keys=SecretStr(f"k1:{keys['encryption']}"),
        index_key=SecretStr(keys["index"]),
    )
