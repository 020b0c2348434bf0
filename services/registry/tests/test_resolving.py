"""`people:resolve`: ID numbers into person ids, for the services' own imports."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork

PATH = "/registry/v1/people:resolve"
Made = Callable[..., Awaitable[dict[str, Any]]]


async def resolve(registry: AtWork, numbers: list[str], *, who: str = "service") -> Any:
    return await registry.call("POST", PATH, json={"people": [{"id_number": number, "name": "花名册姓名"} for number in numbers]}, who=who)


async def test_known_persons_are_named_and_unknown_ones_become_provisional(
    registry: AtWork, new_person: Made, new_number: Callable[[], str]
) -> None:
    known, unknown = await new_person(), new_number()

    answer = await resolve(registry, [unknown, known["id_number"], unknown])

    assert answer.status_code == 200, answer.text
    first, second, third = answer.json()["person_ids"]
    assert (second, first) == (known["id"], third)
    made = (await registry.call("GET", f"/registry/v1/people/{first}")).json()
    assert (made["is_provisional"], made["name"], made["version"]) == (True, "花名册姓名", 1)
    assert (await resolve(registry, [unknown])).json()["person_ids"] == [first]


async def test_a_dry_run_answers_the_same_and_enters_nobody(
    registry: AtWork, new_person: Made, new_number: Callable[[], str], holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    known, unknown = await new_person(), new_number()
    before = await holdings()
    people = [{"id_number": number, "name": "花名册姓名"} for number in (unknown, known["id_number"], unknown)]

    answer = await registry.call("POST", PATH, json={"people": people, "validate_only": True}, who="service")

    assert answer.status_code == 200, answer.text
    first, second, third = answer.json()["person_ids"]
    assert (second, first) == (known["id"], third)
    assert "Consistency-Token" not in answer.headers
    assert await holdings() == before
    await registry.app.state.read_audit.flush()
    async with registry.running.database.transaction() as session:
        seen = await (await raw(session)).fetchval("SELECT person_ids FROM read_audit ORDER BY id DESC LIMIT 1")
    assert [str(person_id) for person_id in seen] == [known["id"]], "who does not stand was not looked at"
    made = (await resolve(registry, [unknown])).json()["person_ids"]
    assert (await registry.call("GET", f"/registry/v1/people/{made[0]}")).status_code == 200


async def test_who_has_resolved_may_wait_for_what_it_entered(registry: AtWork, new_number: Callable[[], str]) -> None:
    answer = await resolve(registry, [new_number()])

    (seen,) = registry.app.state.consistency_tokens.read(answer.headers["Consistency-Token"])
    assert (str(seen.id), seen.version) == (answer.json()["person_ids"][0], 1)


async def test_a_provisional_person_becomes_whole_under_the_same_id(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    (person_id,) = (await resolve(registry, [number])).json()["person_ids"]

    registered = await registry.call("POST", "/registry/v1/people", json={"id_number": number, "name": "真实姓名"})

    assert (registered.status_code, registered.json()["id"], registered.json()["version"]) == (201, person_id, 2)
    assert (registered.json()["is_provisional"], registered.json()["name"]) == (False, "真实姓名")


async def test_a_thousand_at_once_and_not_one_more(registry: AtWork, new_number: Callable[[], str]) -> None:
    numbers = [new_number() for _ in range(1001)]

    too_many = await resolve(registry, numbers)
    thousand = await resolve(registry, numbers[:1000])

    assert too_many.status_code == 422
    assert len(set(thousand.json()["person_ids"])) == 1000
    assert (await resolve(registry, [])).json() == {"person_ids": []}


async def test_two_files_that_bring_the_same_new_people_at_once_agree(registry: AtWork, new_number: Callable[[], str]) -> None:
    numbers = [new_number() for _ in range(50)]

    answers = await asyncio.gather(*(resolve(registry, order) for order in (numbers, numbers[::-1], numbers)))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    forwards, backwards, again = (answer.json()["person_ids"] for answer in answers)
    assert forwards == backwards[::-1] == again


async def test_one_impossible_number_refuses_the_whole_and_is_pointed_at(registry: AtWork, new_number: Callable[[], str]) -> None:
    good, bad = new_number(), "320599197002300011"

    answer = await resolve(registry, [good, bad])

    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["faults"]]) == (422, ["/body/people/1/id_number"])
    assert bad not in answer.text
    found = await registry.call("POST", "/registry/v1/people:search", json={"id_number": good, "purpose": "核对"})
    assert found.status_code == 404, "nobody of a refused request was entered"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ORGANISATION, Role.PERSON])
async def test_only_services_and_staff_may_resolve(registry: AtWork, new_person: Made, role: Role) -> None:
    person = await new_person()
    who = registry.account(role, organisation_id=person["id"], person_id=person["id"])

    answer = await resolve(registry, [person["id_number"]], who=who)

    assert (answer.status_code, answer.json()["code"]) == (403, "not-your-role")


async def test_a_resolution_is_written_down(registry: AtWork, new_person: Made) -> None:
    person = await new_person()
    await resolve(registry, [person["id_number"]])
    await registry.app.state.read_audit.flush()

    async with registry.running.database.transaction() as session:
        rows = await (await raw(session)).fetch("SELECT actor, operation FROM read_audit WHERE $1::uuid = ANY(person_ids)", person["id"])

    assert [tuple(row) for row in rows] == [("service", "resolve_people")]
