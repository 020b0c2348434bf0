"""Training at work; registry and awards are played by a transport that answers as they would."""

from collections.abc import AsyncIterator
from datetime import date
from hashlib import sha256
from uuid import UUID

import httpx2
import pytest

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from training.app import service

WELDER = "2015:6-18-02-04"


def _answer(request: httpx2.Request) -> httpx2.Response:
    """Registry gives every ID number its own person; awards quotes; identity gives a token."""
    import json

    if request.url.path == "/identity/token":
        return httpx2.Response(200, json={"access_token": "t", "expires_in": 3600})
    body = json.loads(request.content)
    if request.url.path == "/registry/v1/people:resolve":
        ids = [str(UUID(bytes=sha256(each["id_number"].encode()).digest()[:16])) for each in body["people"]]
        return httpx2.Response(200, json={"person_ids": ids})
    if request.url.path == "/awards/v1/quotes":
        return httpx2.Response(
            200, json={"outcome": "GRANTED", "due": {"amount": "960.00", "currency": "CNY"}, "explanation": body["scheme"], "lines": []}
        )
    return httpx2.Response(404, json={})


@pytest.fixture(scope="session")
async def training(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    others = httpx2.AsyncClient(transport=httpx2.MockTransport(_answer), base_url=GATEWAY)
    async with at_work(service, postgres, first_day=date(2018, 6, 1), gateway=others) as started:
        yield started
