"""Certification at work, with what every test needs: an occupation and a body that appraises."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import httpx2
import pytest
from uuid_utils.compat import uuid7

from certification.app import service
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from common.testing.played_registry import PlayedRegistry
from common.testing.telling import Teller

WELDER = "2015:6-18-02-04"


@pytest.fixture(scope="session")
def registry() -> PlayedRegistry:
    return PlayedRegistry()


@pytest.fixture(scope="session")
async def certification(postgres: EmbeddedPostgres, registry: PlayedRegistry) -> AsyncIterator[AtWork]:
    others = httpx2.AsyncClient(transport=httpx2.MockTransport(registry), base_url=GATEWAY)
    async with at_work(service, postgres, first_day=date(2018, 6, 1), gateway=others) as started:
        fees = {"3": {"amount": "260.00", "currency": "CNY"}, "4": {"amount": "180.00", "currency": "CNY"}}
        welder = {"occupation": WELDER, "name": "焊工", "appraisal_fees": fees}
        answer = await started.call("POST", "/certification/v1/occupations", json=welder)
        assert answer.status_code == 201, answer.text
        yield started


@pytest.fixture
def body_id() -> UUID:
    return uuid7()


@pytest.fixture
def teller(certification: AtWork) -> Teller:
    return Teller(certification)
