"""Organisations over REST: entered once by credit code, changed, closed, and what is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from common.testing.at_work import AtWork
from contracts.registry import Organisation as Published
from registry.organisations.model import Organisation

PATH = "/registry/v1/organisations"
SPAN = {"kind": "ENTERPRISE", "area_code": "320582103", "first_on": "2010-03-01"}
Made = Callable[..., Awaitable[dict[str, Any]]]


async def test_an_organisation_is_found_by_its_code(registry: AtWork, new_organisation: Made) -> None:
    made = await new_organisation()

    found = await registry.call("GET", PATH, params={"uscc": made["uscc"]})
    read = await registry.call("GET", f"{PATH}/{made['id']}")

    assert [item["id"] for item in found.json()["items"]] == [made["id"]]
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')


async def test_a_code_is_entered_once(registry: AtWork, new_organisation: Made) -> None:
    made = await new_organisation()

    again = await registry.call("POST", PATH, json={"uscc": made["uscc"], "name": "另一单位", "spans": [SPAN]})

    assert (again.status_code, again.json()["code"]) == (409, "organisation-already-registered")


async def test_a_wrong_code_is_refused_at_its_place_and_not_repeated(registry: AtWork, new_uscc: Callable[[], str]) -> None:
    right = new_uscc()
    wrong = [
        right[:17] + ("0" if right[17] != "0" else "1"),
        right[:16] + ("1" if right[16] != "1" else "2") + right[17],
        "I" * 18,
        right[:17],
    ]

    answers = [await registry.call("POST", PATH, json={"uscc": code, "name": "示例单位", "spans": [SPAN]}) for code in wrong]

    assert [(answer.status_code, answer.json()["faults"][0]["pointer"]) for answer in answers] == [(422, "/body/uscc")] * 4
    assert not any(code in answer.text for code, answer in zip(wrong, answers, strict=True))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"spans": [SPAN, SPAN | {"first_on": "2012-01-01"}]}, "organisation-spans-overlap"),
        ({"spans": [SPAN | {"first_on": "2012-01-01", "last_on": "2011-12-31"}]}, "organisation-span-reversed"),
        ({"spans": []}, "invalid"),
        ({"spans": [SPAN | {"area_code": "32058"}]}, "invalid"),
        ({"name": ""}, "invalid"),
    ],
)
async def test_content_that_cannot_be_is_refused(registry: AtWork, new_uscc: Callable[[], str], content: dict[str, Any], code: str) -> None:
    answer = await registry.call("POST", PATH, json={"uscc": new_uscc(), "name": "示例单位", "spans": [SPAN]} | content)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_closed_organisation_does_not_change_any_more(registry: AtWork, new_organisation: Made) -> None:
    path = f"{PATH}/{(await new_organisation())['id']}"
    content = {"name": "改后名称", "spans": [SPAN | {"last_on": "2017-12-31"}]}

    changed = await registry.call("PUT", path, json=content, version=1)
    closed = await registry.call("POST", f"{path}:close", json={"closed_on": "2018-05-31"}, version=2)
    again = await registry.call("POST", f"{path}:close", json={"closed_on": "2018-05-31"}, version=3)
    late = await registry.call("PUT", path, json=content, version=3)

    assert (changed.json()["name"], changed.json()["spans"][0]["last_on"]) == ("改后名称", "2017-12-31")
    assert (closed.json()["status"], closed.json()["closed_on"], closed.headers["ETag"]) == ("CLOSED", "2018-05-31", '"3"')
    assert [answer.json()["code"] for answer in (again, late)] == ["organisation-closed"] * 2


async def test_a_change_must_know_the_version_it_changes(registry: AtWork, new_organisation: Made) -> None:
    path = f"{PATH}/{(await new_organisation())['id']}:close"

    without = await registry.call("POST", path, json={"closed_on": "2018-05-31"})
    stale = await registry.call("POST", path, json={"closed_on": "2018-05-31"}, version=7)
    unknown = await registry.call("POST", f"{PATH}/{uuid7()}:close", json={"closed_on": "2018-05-31"}, version=1)

    assert (without.status_code, stale.status_code, unknown.status_code) == (428, 412, 404)


async def test_a_retry_with_the_same_key_enters_nothing_twice(registry: AtWork, new_uscc: Callable[[], str]) -> None:
    body, key = {"uscc": new_uscc(), "name": "示例单位", "spans": [SPAN]}, uuid7().hex

    first = await registry.call("POST", PATH, json=body, key=key)
    again = await registry.call("POST", PATH, json=body, key=key)

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_sole_traders_name_does_not_travel() -> None:
    def published(kind: str) -> Published:
        return Organisation(uscc="9" * 18, name="张三理发店", spans=[SPAN | {"kind": kind, "is_locally_registered": True}]).fact()

    assert (published("SOLE_TRADER").name, published("ENTERPRISE").name) == (None, "张三理发店")
