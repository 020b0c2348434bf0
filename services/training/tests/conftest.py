"""Training at work; registry and awards are played by a transport that answers as they would."""

import json
from collections.abc import AsyncIterator
from datetime import date

import httpx2
import pytest

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from common.testing.played_registry import PlayedRegistry
from training.app import service

WELDER = "2015:6-18-02-04"


@pytest.fixture(scope="session")
def registry() -> PlayedRegistry:
    return PlayedRegistry()


@pytest.fixture(scope="session")
async def training(postgres: EmbeddedPostgres, registry: PlayedRegistry) -> AsyncIterator[AtWork]:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        """Awards quotes; the others are registry's."""
        if request.url.path != "/awards/v1/quotes":
            return await registry(request)
        due, scheme = {"amount": "960.00", "currency": "CNY"}, json.loads(request.content)["scheme"]
        return httpx2.Response(200, json={"outcome": "GRANTED", "due": due, "explanation": scheme, "lines": []})

    others = httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url=GATEWAY)
    async with at_work(service, postgres, first_day=date(2018, 6, 1), gateway=others) as started:
        yield started
