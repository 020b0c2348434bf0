"""Matching at work; registry is played by a transport that answers as it would."""

from collections.abc import AsyncIterator
from datetime import date

import httpx2
import pytest

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from common.testing.played_registry import PlayedRegistry
from common.testing.telling import Teller
from matching.app import service


@pytest.fixture
def registry() -> PlayedRegistry:
    return PlayedRegistry()


@pytest.fixture
async def matching(postgres: EmbeddedPostgres, registry: PlayedRegistry) -> AsyncIterator[AtWork]:
    others = httpx2.AsyncClient(transport=httpx2.MockTransport(registry), base_url=GATEWAY)
    async with at_work(service, postgres, first_day=date(2018, 12, 1), gateway=others) as started:
        yield started


@pytest.fixture
def teller(matching: AtWork) -> Teller:
    return Teller(matching)
