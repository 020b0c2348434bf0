"""Every route of every service for every role: who may pass is what the service's access table says, and nobody passes without a token."""

import importlib
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from common.database.embedded import EmbeddedPostgres
from common.security.issuer import DevelopmentIssuer
from common.security.principal import Role
from common.settings import Environment
from common.testing.at_work import AtWork, at_work
from common.web.operators import officer, watcher

OPEN = re.compile(r"/(health/live|health/ready|metrics|docs|redoc)$|/openapi\.json$")
ANYBODY_WHO_IS_LOGGED_IN = re.compile(r"/operations/business-day$|/jobs/|/imports/[a-z-]+/template$")
_OPERATIONS = {officer: {Role.OFFICER}, watcher: {Role.OFFICER, Role.AUDITOR, Role.CLERK}}


@pytest.fixture(params=["registry", "training", "certification", "matching", "awards"])
async def service(request: pytest.FixtureRequest, postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    declared = importlib.import_module(f"{request.param}.app").service
    async with at_work(declared, postgres, first_day=date(2018, 6, 1), worker=False) as started:
        yield started


class Flat(NamedTuple):
    """A route under its whole path."""

    path: str
    methods: set[str]
    dependant: Dependant


def routes(service: AtWork) -> Iterator[tuple[str, str, Flat]]:
    """Method, address with made-up ids, and the route, of everything that asks for a token."""
    for route in _flat(service.app.routes, ""):
        if not OPEN.search(route.path):
            for method in sorted(route.methods - {"HEAD"}):
                yield method, re.sub(r"\{year\}", "2018", re.sub(r"\{(?!year)[a-z_]+\}", str(uuid4()), route.path)), route


def _flat(found: Iterable[Any], prefix: str) -> Iterator[Flat]:
    for route in found:
        if isinstance(route, APIRoute):
            yield Flat(prefix + route.path, route.methods, route.dependant)
        elif (included := getattr(route, "original_router", None)) is not None:
            yield from _flat(included.routes, prefix + route.include_context.prefix)


def allowed(route: Flat) -> set[Role] | None:
    """Whom the route's own dependencies let pass; None when every logged-in caller may."""
    for call in _calls(route.dependant):
        if call in _OPERATIONS:
            return _OPERATIONS[call]
        if (roles := getattr(call, "roles", None)) is not None:
            return set(roles)
    return None


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


async def ask(service: AtWork, method: str, path: str, token: str | None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {"Authorization": ""}
    answer = await service.call(method, path, json={} if method != "GET" else None, version=1 if method != "GET" else None, headers=headers)
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


async def test_every_route_for_every_role(service: AtWork) -> None:
    accounts = {role: service.account(role, organisation_id=uuid4(), person_id=uuid4()) for role in Role}
    tokens = {role: service.issuer.token(name) for role, name in accounts.items()}
    seen = 0
    for method, path, route in routes(service):
        who = allowed(route)
        assert who is not None or ANYBODY_WHO_IS_LOGGED_IN.search(route.path), f"{method} {route.path} asks for no scope"
        assert (await ask(service, method, path, None))[0] == 401, route.path
        for role in Role:
            status, code = await ask(service, method, path, tokens[role])
            if who is None or role in who:
                assert status not in (401, 403), (method, route.path, role, code)
            else:
                assert (status, code) in {(403, "not-your-role"), (403, "only-officers")}, (method, route.path, role, status)
            assert status < 500 or status == 503, (method, route.path, role, status)
            seen += 1
    assert seen > 50


async def test_a_token_of_another_issuer_expired_for_others_or_without_scope_opens_nothing(service: AtWork, tmp_path: Any) -> None:
    issuer, officer = service.issuer, service.account(Role.OFFICER)
    stranger = DevelopmentIssuer(issuer.url, tmp_path, issuer.accounts, audience="craftport", environment=Environment.DEVELOPMENT)
    tokens = {
        "another key": stranger.token(officer),
        "expired": issuer.token(officer, lifetime_seconds=-3600),
        "another audience": issuer.token(officer, aud="elsewhere"),
        "another issuer": issuer.token(officer, iss="https://elsewhere.example"),
        "not yet": issuer.token(officer, nbf=int(time.time()) + 3600),
        "no token": "abc",
    }
    method, path, _ = next(each for each in routes(service) if allowed(each[2]) == {Role.OFFICER} or "operations/state" in each[1])

    assert {name: (await ask(service, method, path, token))[0] for name, token in tokens.items()} == dict.fromkeys(tokens, 401)

    scoped = next(
        each
        for each in routes(service)
        if allowed(each[2]) is not None and "/operations/" not in each[2].path and Role.OFFICER in (allowed(each[2]) or ())
    )
    assert await ask(service, scoped[0], scoped[1], issuer.token(officer, scope="")) == (403, "scope-missing")
