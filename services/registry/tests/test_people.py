"""Persons over REST: registered once, changed, found by their exact number only, and what is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork

PATH = "/registry/v1/people"
Made = Callable[..., Awaitable[dict[str, Any]]]


async def search(registry: AtWork, id_number: str, *, who: str = "clerk") -> Any:
    return await registry.call("POST", f"{PATH}:search", json={"id_number": id_number, "purpose": "核对花名册"}, who=who)


async def test_a_registered_person_is_read_back_with_a_masked_number(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    hukou = [{"area_code": "320582", "first_on": "2001-09-01", "last_on": None}]
    body = {"id_number": number, "name": "示例·人员", "phone": "12000000017", "account": "9999000000000000017", "hukou": hukou}

    made = await registry.call("POST", PATH, json=body)

    assert made.status_code == 201, made.text
    person = made.json()
    assert (person["name"], person["phone_masked"], person["has_payee_account"]) == ("示例·人员", "*********17", True)
    assert (person["id_number_masked"], person["birth_month"]) == (f"3{'*' * 15}{number[-2:]}", f"{number[6:10]}-{number[10:12]}")
    assert (person["hukou"], person["is_provisional"], made.headers["ETag"]) == (hukou, False, '"1"')
    assert made.headers["Consistency-Token"]
    assert (await registry.call("GET", f"{PATH}/{person['id']}")).json() == person
    assert not any(secret in made.text for secret in (number, "12000000017", "9999000000000000017"))


async def test_a_person_is_found_by_the_exact_number_only(registry: AtWork, new_person: Made, new_number: Callable[[], str]) -> None:
    person = await new_person()
    number = person["id_number"]

    found = await search(registry, number)
    other = await search(registry, new_number())

    assert (found.status_code, found.json()["id"], found.headers["ETag"]) == (200, person["id"], '"1"')
    assert (other.status_code, other.json()["code"]) == (404, "not-found")
    assert (await registry.call("GET", PATH, who="clerk")).status_code == 405, "persons cannot be listed"


async def test_a_part_of_a_number_finds_nobody(registry: AtWork, new_person: Made) -> None:
    number = (await new_person())["id_number"]

    answers = [await search(registry, part) for part in (number[:15], number[3:], f"{number[:17]}%", "%" * 18, f"{number[:14]}____")]

    assert all(answer.status_code in (404, 422) for answer in answers), [answer.text for answer in answers]


async def test_a_number_is_found_however_it_is_typed(registry: AtWork, new_person: Made) -> None:
    person = await new_person(id_number="32059919690115907X")

    wide = "".join(chr(ord(character) + 0xFEE0) for character in "32059919690115907x")
    found = [await search(registry, typed) for typed in ("32059919690115907X", "32059919690115907x", wide)]

    assert [answer.json().get("id") for answer in found] == [person["id"]] * 3


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("320599197001010A11", "id-card-malformed"),
        ("32059919700101001", "id-card-malformed"),
        ("000599197001010011", "id-card-malformed"),
        ("320599197002300011", "id-card-birth-date-impossible"),
        ("320599203001010011", "id-card-birth-date-impossible"),
    ],
)
async def test_a_number_that_cannot_be_is_refused_by_name_and_not_repeated(registry: AtWork, number: str, code: str) -> None:
    for answer in (await registry.call("POST", PATH, json={"id_number": number, "name": "示例人员"}), await search(registry, number)):
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert number not in answer.text


async def test_a_wrong_check_digit_is_refused_by_name(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    wrong = number[:17] + ("0" if number[17] != "0" else "1")

    answer = await registry.call("POST", PATH, json={"id_number": wrong, "name": "示例人员"})

    assert (answer.status_code, answer.json()["code"]) == (422, "id-card-check-digit-wrong")


async def test_a_person_is_registered_once(registry: AtWork, new_person: Made) -> None:
    number = (await new_person())["id_number"]

    again = await registry.call("POST", PATH, json={"id_number": number, "name": "别的姓名"})

    assert (again.status_code, again.json()["code"]) == (409, "person-already-registered")


async def test_of_two_clerks_who_register_one_person_at_once_one_is_refused(registry: AtWork, new_number: Callable[[], str]) -> None:
    body = {"id_number": new_number(), "name": "示例人员"}

    answers = await asyncio.gather(*(registry.call("POST", PATH, json=body) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409], [answer.text for answer in answers]


async def test_a_retry_with_the_same_key_registers_nobody_twice(registry: AtWork, new_number: Callable[[], str]) -> None:
    body, key = {"id_number": new_number(), "name": "示例人员"}, uuid7().hex

    first = await registry.call("POST", PATH, json=body, key=key)
    again = await registry.call("POST", PATH, json=body, key=key)
    other = await registry.call("POST", PATH, json=body | {"name": "别的姓名"}, key=key)

    assert (again.status_code, again.json(), again.headers["Idempotent-Replay"]) == (201, first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_change_needs_the_version_and_takes_back_nothing_else(registry: AtWork, new_person: Made) -> None:
    person = await new_person(phone="12000000018", account="9999000000000000018")
    path = f"{PATH}/{person['id']}"
    body = {"name": "改后姓名", "phone": "12000000018", "account": "9999000000000000018"}

    without = await registry.call("PUT", path, json=body)
    changed = await registry.call("PUT", path, json=body, version=1)
    stale = await registry.call("PUT", path, json=body, version=1)

    assert (without.status_code, stale.status_code) == (428, 412)
    assert (changed.json()["name"], changed.headers["ETag"]) == ("改后姓名", '"2"')
    unchanged = await registry.call("PUT", path, json=body, version=2)
    assert unchanged.headers["ETag"] == '"2"', "equal content is no change, although every ciphertext differs"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            {"hukou": [{"area_code": "320582", "first_on": "2001-09-01"}, {"area_code": "320100", "first_on": "2010-01-01"}]},
            "spans-overlap",
        ),
        (
            {"hukou": [{"area_code": "320582", "first_on": "2010-01-01", "last_on": "2009-12-31"}]},
            "span-reversed",
        ),
        ({"died_on": "2018-06-02"}, "died-in-future"),
        ({"phone": "2200"}, "invalid"),
        ({"nickname": "某"}, "invalid"),
    ],
)
async def test_content_that_cannot_be_is_refused(
    registry: AtWork, new_number: Callable[[], str], content: dict[str, Any], code: str
) -> None:
    answer = await registry.call("POST", PATH, json={"id_number": new_number(), "name": "示例人员"} | content)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_person_sees_himself_and_nobody_else(registry: AtWork, new_person: Made) -> None:
    person = await new_person()
    himself = registry.account(Role.PERSON, person_id=person["id"])
    another = registry.account(Role.PERSON, person_id=uuid7())

    seen = [(await registry.call("GET", f"{PATH}/{person['id']}", who=who)).status_code for who in (himself, another)]

    assert seen == [200, 404]
    assert (await registry.call("GET", f"{PATH}/{uuid7()}", who=himself)).status_code == 404


async def test_who_looked_at_whom_and_what_for_is_written_down(registry: AtWork, new_person: Made) -> None:
    person = await new_person()
    await search(registry, person["id_number"], who="auditor")
    await registry.app.state.read_audit.flush()

    async with registry.running.database.transaction() as session:
        rows = await (await raw(session)).fetch(
            "SELECT actor, role, operation, purpose FROM read_audit WHERE $1::uuid = ANY(person_ids)", person["id"]
        )

    assert [tuple(row) for row in rows] == [("auditor", "AUDITOR", "search_person", "核对花名册")]
