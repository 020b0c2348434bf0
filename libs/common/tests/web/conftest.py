"""Lending at work, with everything that the web layer is tried with: asked inside the process, and over real connections."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from lending.app import TODAY, lending, router
from lending.counter import Asking, books_import, trying

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from common.testing.until import until
from common.web.watching import served


@pytest.fixture(scope="session")
async def lending_at_work(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    async with at_work(lending(routers=(router, trying), imports=(books_import,)), postgres, first_day=TODAY) as started:
        yield started


@pytest.fixture
async def ask(lending_at_work: AtWork) -> AsyncIterator[Asking]:
    transport = httpx2.ASGITransport(lending_at_work.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=GATEWAY, timeout=30) as client:
        yield Asking(lending_at_work, client)


@dataclass
class Served:
    """Lending behind a port of its own."""

    port: int
    ask: Asking

    def login(self, who: str = "clerk") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ask.at.issuer.token(who)}"}

    async def nothing_is_held(self) -> None:
        """Wait until nobody holds a connection of the pool any more."""

        async def is_free() -> bool:
            in_use: int = self.ask.at.running.database.engine.pool.checkedout()  # type: ignore[attr-defined]
            return in_use == 0

        await until(is_free)


@pytest.fixture(scope="session")
async def lending_api(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    """Without the loops of a worker: whoever holds a connection is a request."""
    async with at_work(lending(routers=(router, trying), imports=(books_import,)), postgres, first_day=TODAY, worker=False) as started:
        yield started


@pytest.fixture
async def over_sockets(lending_api: AtWork) -> AsyncIterator[Served]:
    """As the city in one process serves it; only the process's signals are left alone."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    bounds = httpx2.Limits(max_connections=None)
    async with (
        served(lending_api.app, listening),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=bounds) as client,
    ):
        yield Served(port, Asking(lending_api, client))
