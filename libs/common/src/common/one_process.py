"""Several services in one process: embedded PostgreSQL and bus, an issuer for development, and the gateway's paths on one port."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from pydantic import SecretStr
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from common.bus.postgres import PostgresBus
from common.bus.protocol import Bus
from common.database.embedded import EmbeddedPostgres
from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.service import LoopEnded, Running, Service
from common.settings import BusKind, ClockKind, Environment, ServiceSettings
from common.web.application import create_application
from common.web.docs import front_page
from common.web.watching import served


class NotRunning(RuntimeError):
    """Nobody runs these services here."""


class PortTaken(RuntimeError):
    """Another program listens on the port, or this user may not."""


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
    names: Sequence[str],
    directory: Path,
    *,
    first_day: date,
    port: int,
    durable: bool = True,
    bus: Bus | None = None,
    starting: Callable[[str], object] = len,
    tracing: Callable[[str], TracerProvider | None] = lambda _: None,
) -> AsyncIterator[OneProcess]:
    """Start everything under `directory` and stop it again; what it holds stays for the next start. Raises PortTaken, and
    LoopEnded in the midst of what is done inside: a city whose worker stands still is no longer one.

    `durable=False` is for tests: a crash of the machine may lose its data. `bus`: another than that of the embedded database. `starting` hears the name of each service before it starts.
    `tracing` says where the spans of each service go.
    """
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_bound(port))
        await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
        url = f"http://127.0.0.1:{port}"
        server = EmbeddedPostgres(directory / "postgres", durable=durable)
        started = asyncio.create_task(asyncio.to_thread(server.start))
        stack.push_async_callback(_stop, server, started)
        await asyncio.shield(started)
        keys = _secrets(directory / "secrets.json", names)
        issuer = DevelopmentIssuer(
            f"{url}/identity", directory, _accounts(names, keys), audience="craftport", environment=Environment.DEVELOPMENT
        )
        if bus is None:
            bus = await PostgresBus.open(await server.create_database("bus"), partitions=1)
            stack.push_async_callback(bus.close)
        faces: dict[str, ASGIApp] = {"identity": _mounted("/identity", issuer.application())}
        services: dict[str, Running] = {}
        inside = httpx2.ASGITransport(_gateway(faces))
        for name in names:
            starting(name)
            settings = _settings(await server.create_database(name), name, keys, url=url, first_day=first_day, directory=directory)
            client = httpx2.AsyncClient(transport=inside, base_url=url, timeout=30)
            running = Running(service_named(name), settings, bus, gateway=client, tracing=tracing(name))
            stack.push_async_callback(running.close)
            await running.open()
            app = create_application(running, identity=httpx2.AsyncClient(transport=inside, base_url=url), neighbours=services)
            await stack.enter_async_context(app.router.lifespan_context(app))
            faces[name], services[name] = app, running
        faces["docs"] = _mounted("/docs", _front_page(services))
        for running in services.values():
            running.work()
        await stack.enter_async_context(served(_gateway(faces), listening))
        await stack.enter_async_context(_attended(services.values()))
        yield OneProcess(services, issuer, url)


async def running_settings(names: Sequence[str], directory: Path, *, first_day: date, port: int) -> dict[str, ServiceSettings]:
    """What the services are told that run under `directory`, for whoever looks at them from another process. Raises NotRunning."""
    server = EmbeddedPostgres(directory / "postgres")
    if not (directory / "secrets.json").exists() or not await asyncio.to_thread(server.attach):
        raise NotRunning
    keys, url = _secrets(directory / "secrets.json", names), f"http://127.0.0.1:{port}"
    return {
        name: _settings(await server.create_database(name), name, keys, url=url, first_day=first_day, directory=directory) for name in names
    }


def _bound(port: int) -> socket.socket:
    """Taken before anything else is done, so that nobody takes it meanwhile."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(("127.0.0.1", port))
    except OSError as error:
        taken.close()
        raise PortTaken(f"port {port}: {error.strerror}; choose another: make demo PORT=8080") from error
    return taken


async def _stop(server: EmbeddedPostgres, started: asyncio.Task[None]) -> None:
    """Also when the start itself was interrupted: it runs to its end first, or the server would outlive us."""
    await asyncio.wait([started])
    await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _attended(services: Iterable[Running]) -> AsyncIterator[None]:
    """Whoever is inside is interrupted when a loop of one of the services ends by itself. Raises LoopEnded."""
    inside, ended = asyncio.current_task(), list[LoopEnded]()

    async def attend(running: Running) -> None:
        try:
            await running.attend()
        except LoopEnded as error:
            ended.append(error)
            if inside is not None:
                inside.cancel()

    attending = [asyncio.create_task(attend(running)) for running in services]
    try:
        yield
    except asyncio.CancelledError:
        if not ended or inside is None or inside.uncancel():
            raise
    finally:
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, return_exceptions=True)
    if ended:
        raise ended[0]


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
    wanted = ("consistency", "encryption", "index", "audit", *(f"service-{name}" for name in names))
    missing = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in wanted if name not in held}
    if missing:
        # Whole or not at all: without its encryption key a city's persons are lost.
        written = path.with_suffix(".new")
        written.touch(mode=0o600)
        written.write_text(json.dumps(held | missing))
        written.replace(path)
    return held | missing


def _settings(database_url: str, name: str, keys: Mapping[str, str], *, url: str, first_day: date, directory: Path) -> ServiceSettings:
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
        audit_keys=SecretStr(f"k1:{keys['audit']}"),
        audit_heads=directory / "audit-heads",
    )
