"""Who may do what: every act of registry, asked for by every role."""

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork

SOMEBODY = UUID(int=7)
ALL = set(Role)
STAFF = {Role.CLERK, Role.OFFICER}
READERS = {Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE}
CALLS: list[tuple[str, str, Any, set[Role]]] = [
    ("POST", "/people", {}, STAFF),
    ("PUT", f"/people/{SOMEBODY}", {"name": "某"}, STAFF),
    ("GET", f"/people/{SOMEBODY}", None, READERS | {Role.PERSON}),
    ("POST", f"/people/{SOMEBODY}:merge", {}, {Role.OFFICER}),
    ("POST", f"/people/{SOMEBODY}:unmerge", None, {Role.OFFICER}),
    ("GET", f"/people/{SOMEBODY}/aliases", None, READERS | {Role.PERSON}),
    ("POST", "/people:search", {}, READERS),
    ("POST", "/people:resolve", {"people": []}, STAFF | {Role.SERVICE}),
    ("GET", f"/people/{SOMEBODY}/insurance", None, READERS | {Role.PERSON}),
    ("POST", "/organisations", {}, STAFF),
    ("PUT", f"/organisations/{SOMEBODY}", {}, STAFF),
    ("POST", f"/organisations/{SOMEBODY}:close", {}, STAFF),
    ("GET", f"/organisations/{SOMEBODY}", None, ALL),
    ("GET", "/organisations", None, ALL),
    ("POST", "/recognitions", {}, STAFF),
    ("PUT", f"/recognitions/{SOMEBODY}", {}, STAFF),
    ("POST", f"/recognitions/{SOMEBODY}:accept", {}, STAFF),
    ("POST", f"/recognitions/{SOMEBODY}:assess", {}, STAFF),
    ("POST", f"/recognitions/{SOMEBODY}:withdraw", {}, {Role.OFFICER}),
    ("GET", f"/recognitions/{SOMEBODY}", None, READERS | {Role.ORGANISATION}),
    ("GET", "/recognitions", None, READERS | {Role.ORGANISATION}),
    ("POST", "/employments", {}, STAFF),
    ("POST", f"/employments/{SOMEBODY}:end", {}, STAFF),
    ("GET", "/employments", None, READERS | {Role.ORGANISATION, Role.PERSON}),
    ("POST", "/students", {}, STAFF),
    ("POST", f"/students/{SOMEBODY}:change-status", {}, STAFF),
    ("PUT", f"/students/{SOMEBODY}", {}, STAFF),
    ("POST", f"/students/{SOMEBODY}:graduate", {}, STAFF),
    ("GET", f"/students/{SOMEBODY}", None, READERS | {Role.ORGANISATION, Role.PERSON}),
    ("GET", "/students", None, READERS | {Role.ORGANISATION, Role.PERSON}),
    ("POST", "/other-benefits", {}, STAFF),
    ("PUT", f"/other-benefits/{SOMEBODY}", {}, STAFF),
    ("POST", f"/other-benefits/{SOMEBODY}:withdraw", {}, {Role.OFFICER}),
    ("GET", f"/other-benefits/{SOMEBODY}", None, READERS | {Role.PERSON}),
    ("GET", "/other-benefits", None, READERS | {Role.PERSON}),
    ("POST", "/sources", {}, {Role.OFFICER}),
    ("GET", "/sources", None, READERS),
    ("POST", "/imports/persons", {}, STAFF),
    ("POST", "/imports/employment", {}, STAFF),
    ("POST", "/imports/insurance", {}, STAFF),
    ("POST", "/imports/students", {}, STAFF),
    ("POST", "/imports/other-benefits", {}, STAFF),
    ("GET", "/imports/persons/template", None, STAFF),
    ("POST", "/operations/business-day:advance", {}, {Role.OFFICER}),
]


@pytest.mark.parametrize(("method", "path", "body", "allowed"), CALLS, ids=[f"{method} {path}" for method, path, *_ in CALLS])
async def test_only_the_roles_that_may(registry: AtWork, method: str, path: str, body: Any, allowed: set[Role]) -> None:
    accounts = {role: registry.account(role, organisation_id=uuid7(), person_id=uuid7()) for role in Role}

    answers = {role: await registry.call(method, f"/registry/v1{path}", json=body, who=who) for role, who in accounts.items()}

    assert {role for role, answer in answers.items() if answer.status_code not in (401, 403)} == allowed
    assert all(answer.status_code < 500 for answer in answers.values())


@pytest.mark.parametrize(("method", "path", "body", "allowed"), CALLS, ids=[f"{method} {path}" for method, path, *_ in CALLS])
async def test_nobody_without_a_token(registry: AtWork, method: str, path: str, body: Any, allowed: set[Role]) -> None:
    answer = await registry.call(method, f"/registry/v1{path}", json=body, headers={"Authorization": ""})

    assert answer.status_code == 401


async def test_every_route_of_registry_stands_in_this_table(registry: AtWork) -> None:
    """A new route must say here who may use it."""
    declared = {(method.upper(), path) for path, acts in registry.app.openapi()["paths"].items() for method in acts}
    common = ("/health/", "/jobs/", "/operations/", "/template")
    wanted = {(method, path.removeprefix("/registry/v1")) for method, path in declared if not any(part in path for part in common)}
    asked = {(method, path) for method, path, *_ in CALLS if not any(part in path for part in common)}

    assert len(wanted) == len(asked), sorted(wanted)
