"""Lending at work, with everything that the web layer is tried with."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from lending.app import TODAY, lending, router
from lending.counter import Asking, books_import, trying

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work


@pytest.fixture(scope="session")
async def lending_at_work(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    async with at_work(lending(routers=(router, trying), imports=(books_import,)), postgres, first_day=TODAY) as started:
        yield started


@pytest.fixture
async def ask(lending_at_work: AtWork) -> AsyncIterator[Asking]:
    transport = httpx2.ASGITransport(lending_at_work.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=GATEWAY, timeout=30) as client:
        yield Asking(lending_at_work, client)
