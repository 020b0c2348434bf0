"""What watches a process from outside: `/metrics` for Prometheus, and the small face of a worker, which has no other."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp

from common.observability import figures, metrics
from common.service import Running
from common.web import health
from common.web.server import server


def router() -> APIRouter:
    """`/metrics`; no token is needed, the gateway does not lead here, and the operators' pages do not show it."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def read_metrics(request: Request) -> Response:
        running: Running = request.app.state.running
        return Response(metrics.exposition() + await figures.exposition(running), media_type=metrics.CONTENT_TYPE)

    return routes


def worker_face(running: Running) -> FastAPI:
    """Health and figures at the same paths as the api has them."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.running = running
    app.include_router(health.router(), prefix=f"/{running.service.name}")
    app.include_router(router(), prefix=f"/{running.service.name}")
    return app


@asynccontextmanager
async def served(app: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    """Meanwhile the application answers there. Signals are the caller's business: they end the whole process in order, not only its face."""
    serves = server(app, ends_within_seconds=2, has_lifespan=False)
    serving = asyncio.create_task(serves._serve([listening]))  # noqa: SLF001 - `serve` would take the signals
    while not serves.started and not serving.done():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        serves.should_exit = True
        await serving
