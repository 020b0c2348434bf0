"""The application factory: one FastAPI app for a service that is at work, the same behind the gateway, in one process and bare."""

from __future__ import annotations

import asyncio
import functools
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from common.observability import metrics
from common.observability.traces import current_trace_parent
from common.refusal import Invalid, refuses
from common.security.tokens import Tokens
from common.service import Running, Service
from common.settings import Limits
from common.web import (
    dead_letters,
    dead_letters_together,
    docs,
    dossiers,
    exports,
    health,
    imports,
    integrity,
    jobs,
    openapi,
    operations,
    operators,
    problems,
    watching,
)
from common.web.consistency import ConsistencyTokens, Waiting
from common.web.intake import Intake
from common.web.line import Line
from common.web.plain import only_plain
from common.web.reading import ReadAudit

_TRACE_PARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class UnknownFilter(Invalid):
    title = "没有这个查询条件"


def create_application(
    running: Running, *, identity: httpx2.AsyncClient | None = None, neighbours: Mapping[str, Running] | None = None
) -> FastAPI:
    """The service's face. `identity` reaches the issuer; by default over the network.

    `neighbours`: whose rows may stand in the examples, so that they work as given; only where everything is invented.
    """
    service, settings = running.service, running.settings
    client = identity or httpx2.AsyncClient(timeout=5)
    read_audit = ReadAudit(running.database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        flushing = asyncio.create_task(read_audit.run())
        try:
            async with metrics.watched_event_loop(service.name):
                yield
        finally:
            flushing.cancel()
            with suppress(asyncio.CancelledError):
                await flushing
            await client.aclose()

    app = face(service, lifespan, limits=settings.limits)
    app.state.running = running
    app.state.tokens = Tokens(client, issuer=settings.issuer_url, audience=settings.audience)
    app.state.consistency_tokens = ConsistencyTokens(settings.consistency_key.get_secret_value())
    app.state.waiting = Waiting(running)
    app.state.read_audit = read_audit
    app.state.uploads = Line(service.name, "uploads", at_work=imports.AT_ONCE, waiting=settings.limits.at_work, wait_seconds=10)
    app.state.exports = Line(service.name, "exports", at_work=exports.AT_ONCE, waiting=0, wait_seconds=settings.limits.wait_seconds)
    docs.install(app, service, neighbours)
    if running.tracing is not None:
        FastAPIInstrumentor.instrument_app(
            app, tracer_provider=running.tracing, excluded_urls="/health/,/metrics$", exclude_spans=["receive", "send"]
        )
    return app


def face(service: Service, lifespan: Lifespan[FastAPI] | None = None, *, limits: Limits = Limits()) -> FastAPI:
    """The routes of a service and their OpenAPI document, with nothing behind them."""
    app = FastAPI(
        title=f"匠港 · {service.title}",
        description=service.description,
        version="v1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=None,
        dependencies=[Depends(only_declared_queries), Depends(only_plain)],
        separate_input_output_schemas=False,
    )
    problems.install(app)
    routers = _routers(service)
    for router in routers:
        app.include_router(router, prefix=f"/{service.name}/v1")
    app.include_router(health.router(), prefix=f"/{service.name}")
    app.include_router(watching.router(), prefix=f"/{service.name}")
    app.add_middleware(Intake, service=service.name, limits=limits)
    app.add_middleware(_Envelope, service=service.name)
    app.openapi = functools.cache(lambda: _document(app, service, routers))  # type: ignore[method-assign]
    return app


@functools.cache
def _routers(service: Service) -> tuple[APIRouter, ...]:
    """Its own, and those that every service has: they hold nothing, and reading their routes is most of what an application costs."""
    files = [*imports.routers(service), jobs.router(service)] if service.imports else []
    console = (operations, dossiers, dead_letters, dead_letters_together, integrity)
    return (*service.routers, *files, *(part.router(service) for part in console))


def _document(app: FastAPI, service: Service, routers: Sequence[APIRouter]) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, separate_input_output_schemas=False
    )
    tasks = (*service.tasks, *((imports.TASK,) if service.imports else ()), operators.TASK)
    own = {"job_id": jobs.JOB_ID, "dead_letter_id": dead_letters.DEAD_LETTER_ID}
    return openapi.document(made, routers, tasks, dict(service.example_ids) | own, everywhere=(UnknownFilter,))


@refuses(UnknownFilter)
async def only_declared_queries(request: Request) -> None:
    """An unknown filter is refused, never read as "everything". Raises UnknownFilter."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not request.query_params:
        return
    unknown = set(request.query_params) - _declared(route)
    if unknown:
        raise UnknownFilter(f"可用的条件：{'、'.join(sorted(_declared(route))) or '无'}")


def _declared(route: APIRoute) -> set[str]:
    names: set[str] = set()
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        names |= {parameter.alias for parameter in dependant.query_params}
        waiting += dependant.dependencies
    return names


class _Envelope:
    """Request id and trace in and out, security headers, and the time it took: around every request."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._answer(scope, receive, send_and_see)
        except Exception as error:
            status = problems.status_of(error)
            raise
        finally:
            route = getattr(scope.get("route"), "path", None)
            metrics.answered(self._service, scope["method"], route, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id, trace_parent = _identity(headers)
        state = scope.setdefault("state", {})
        state |= {"request_id": request_id, "trace_parent": trace_parent, "trace_id": trace_parent.split("-")[1]}

        # A page's own files may be kept by the browser, which then only asks whether they have changed; answers never.
        keeping = b"no-cache" if scope["path"].split("/")[2:3] in (["docs-files"], ["docs-own"]) else b"no-store"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"traceparent", trace_parent.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cache-control", keeping),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _identity(headers: dict[str, str]) -> tuple[str, str]:
    """The caller's request id and trace, or new ones; malformed ones are not carried on."""
    given = headers.get("x-request-id", "")
    parent = current_trace_parent() or headers.get("traceparent", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    return request_id, parent if _TRACE_PARENT.fullmatch(parent) else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
