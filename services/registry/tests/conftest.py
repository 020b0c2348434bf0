"""Registry at work, with invented numbers that no two tests share, and a look at everything that its database holds."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from city.identities import number_of, uscc
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from registry.app import service

TODAY = date(2018, 6, 1)
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
async def registry(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    async with at_work(service, postgres, first_day=TODAY) as started:
        yield started


@pytest.fixture(scope="session")
def new_number() -> Callable[[], str]:
    """A right ID number that nobody has."""

    def new() -> str:
        nth = next(_numbers)
        return number_of(date(1970, 1, 1) + timedelta(days=nth % 9000), nth // 9000 + 1)

    return new


@pytest.fixture(scope="session")
def new_uscc() -> Callable[[], str]:
    """A right credit code that nobody has."""
    return lambda: uscc("91", next(_numbers))


Made = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def new_person(registry: AtWork, new_number: Callable[[], str]) -> Made:
    """Registers a person; the answer, with his ID number."""

    async def new(**changed: Any) -> dict[str, Any]:
        body = {"id_number": new_number(), "name": "示例人员"} | changed
        answer = await registry.call("POST", "/registry/v1/people", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json() | {"id_number": body["id_number"]}

    return new


@pytest.fixture
def new_organisation(registry: AtWork, new_uscc: Callable[[], str]) -> Made:
    """Registers an organisation; the answer."""

    async def new(**changed: Any) -> dict[str, Any]:
        span = {"kind": "ENTERPRISE", "area_code": "320582103", "first_on": "2010-03-01"}
        body = {"uscc": new_uscc(), "name": "示例机械有限公司", "spans": [span]} | changed
        answer = await registry.call("POST", "/registry/v1/organisations", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return new


@pytest.fixture
def holdings(registry: AtWork) -> Callable[[], Awaitable[dict[str, Any]]]:
    """What registry holds and has said so far: its rows, and how many acts and events there were."""

    async def look() -> dict[str, Any]:
        async with registry.running.database.transaction() as session:
            connection = await raw(session)
            tables = ("person", "organisation", "employment", "insurance", "source", "recognition", "student", "other_benefit")
            held: dict[str, Any] = {table: set(await column(connection, f"SELECT t::text FROM {table} AS t")) for table in tables}
            held["acts"] = await connection.fetchval("SELECT count(*) FROM audit")
            held["events"] = await connection.fetchval(
                "SELECT (SELECT count(*) FROM outbox) + (SELECT coalesce(sum(events), 0) FROM published)"
            )
        return held

    async def column(connection: Any, query: str) -> list[str]:
        return [row[0] for row in await connection.fetch(query)]

    return look
