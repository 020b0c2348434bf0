"""Matching at work; registry is played by a transport that answers as it would."""

import json
from collections.abc import AsyncIterator
from datetime import date
from hashlib import sha256
from uuid import UUID

import httpx2
import pytest

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from common.testing.telling import Teller
from matching.app import service


def _answer(request: httpx2.Request) -> httpx2.Response:
    """Registry gives every ID number its own person; identity gives a token."""
    if request.url.path == "/identity/token":
        return httpx2.Response(200, json={"access_token": "t", "expires_in": 3600})
    ids = [str(UUID(bytes=sha256(each["id_number"].encode()).digest()[:16])) for each in json.loads(request.content)["people"]]
    return httpx2.Response(200, json={"person_ids": ids})


@pytest.fixture
async def matching(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    registry = httpx2.AsyncClient(transport=httpx2.MockTransport(_answer), base_url=GATEWAY)
    async with at_work(service, postgres, first_day=date(2018, 12, 1), gateway=registry) as started:
        yield started


@pytest.fixture
def teller(matching: AtWork) -> Teller:
    return Teller(matching)
