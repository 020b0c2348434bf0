"""Employment over REST: begun, ended, taken back; everybody sees his own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork

PATH = "/registry/v1/employments"
Made = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def employment(new_person: Made, new_organisation: Made) -> dict[str, Any]:
    """A body for one that may be entered."""
    person, organisation = await new_person(), await new_organisation()
    return {
        "person_id": person["id"],
        "organisation_id": organisation["id"],
        "kind": "CONTRACT",
        "started_on": "2018-03-01",
        "evidence": "CONTRACT",
    }


async def test_an_employment_begins_ends_and_the_end_is_taken_back(registry: AtWork, employment: dict[str, Any]) -> None:
    begun = await registry.call("POST", PATH, json=employment)
    path = f"{PATH}/{begun.json()['id']}:end"

    ended = await registry.call("POST", path, json={"ended_on": "2018-04-30"}, version=1)
    back = await registry.call("POST", path, json={"ended_on": None}, version=2)

    assert (begun.status_code, begun.json()["ended_on"]) == (201, None)
    assert (ended.json()["ended_on"], ended.headers["ETag"]) == ("2018-04-30", '"2"')
    assert (back.json()["ended_on"], back.headers["ETag"]) == (None, '"3"')


async def test_one_day_at_one_employer_begins_once(registry: AtWork, employment: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(registry.call("POST", PATH, json=employment) for _ in range(3)))
    again = await registry.call("POST", PATH, json=employment)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409], [answer.text for answer in answers]
    assert (again.status_code, again.json()["code"]) == (409, "employment-already-known")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"ended_on": "2018-02-28"}, 422, "ends-before-it-starts"),
        ({"started_on": "2018-06-02"}, 422, "starts-in-future"),
        ({"person_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"organisation_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"engaged_level_code": 6}, 422, "invalid"),
        ({"kind": "FRIEND"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    registry: AtWork, employment: dict[str, Any], changed: dict[str, Any], status: int, code: str
) -> None:
    answer = await registry.call("POST", PATH, json=employment | changed)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_end_before_the_beginning_is_refused(registry: AtWork, employment: dict[str, Any]) -> None:
    made = await registry.call("POST", PATH, json=employment)
    path = f"{PATH}/{made.json()['id']}:end"

    reversed_ = await registry.call("POST", path, json={"ended_on": "2018-02-28"}, version=1)
    without = await registry.call("POST", path, json={"ended_on": "2018-04-30"})
    stale = await registry.call("POST", path, json={"ended_on": "2018-04-30"}, version=2)

    assert (reversed_.status_code, reversed_.json()["code"]) == (422, "ends-before-it-starts")
    assert (without.status_code, stale.status_code) == (428, 412)


async def test_an_employer_and_a_person_see_their_own_only(registry: AtWork, employment: dict[str, Any]) -> None:
    made = await registry.call("POST", PATH, json=employment)
    own, other = employment["organisation_id"], str(uuid7())
    person_id = employment["person_id"]
    accounts = {
        "employer": registry.account(Role.ORGANISATION, organisation_id=own),
        "stranger": registry.account(Role.ORGANISATION, organisation_id=other),
        "himself": registry.account(Role.PERSON, person_id=person_id),
        "another": registry.account(Role.PERSON, person_id=uuid7()),
    }

    async def seen(who: str, **query: str) -> list[str]:
        answer = await registry.call("GET", PATH, who=accounts[who], params=query)
        return [item["id"] for item in answer.json()["items"]]

    assert {who: await seen(who) for who in accounts} == {
        "employer": [made.json()["id"]], "stranger": [], "himself": [made.json()["id"]], "another": [],
    }  # fmt: skip
    assert await seen("stranger", organisation_id=own) == [], "a filter does not open another's list"
    assert await seen("another", person_id=person_id) == []


@pytest.mark.parametrize("role", [Role.ORGANISATION, Role.PERSON])
async def test_a_token_that_does_not_say_whose_is_no_token(registry: AtWork, employment: dict[str, Any], role: Role) -> None:
    await registry.call("POST", PATH, json=employment)

    answer = await registry.call("GET", PATH, who=registry.account(role))

    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")
