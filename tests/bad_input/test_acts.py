"""Acts that come twice or too late: nothing is done twice, and nobody overwrites what he has not seen."""

from typing import Any
from uuid import uuid4

import pytest
from desk import WELDER, Desk

from city.identities import uscc

Created = tuple[str, dict[str, Any], dict[str, Any]]


def created(desk: Desk) -> dict[str, Created]:
    """For each service that is told of things: where, what, and what differs in another body."""
    nth, body_id = uuid4().int % 900_000, desk.organisations["body"]["id"]
    span = {"kind": "ENTERPRISE", "area_code": "320582103", "first_on": "2010-03-01"}
    return {
        "registry": ("/registry/v1/organisations", {"uscc": uscc("91", nth), "name": "示例单位", "spans": [span]}, {"name": "另一单位"}),
        "training": (
            "/training/v1/classes",
            {"number": f"PH{nth}", "kind": "UNIVERSAL", "organiser_id": body_id, "occupation": WELDER, "level_code": 4, "starts_on": "2018-07-01",
             "ends_on": "2018-08-01"},
            {"level_code": 5},
        ),
        "certification": (
            "/certification/v1/certificates",
            {"number": f"S00013299999918{nth:07d}", "person_id": str(uuid4()), "occupation": WELDER, "level_code": 3, "issued_on": "2018-05-20",
             "body_id": body_id},
            {"level_code": 2},
        ),
        "matching": (
            "/matching/v1/agreements",
            {"number": f"HZ{nth}", "partner_id": body_id, "signed_on": "2018-01-15", "expires_on": "2020-12-31"},
            {"expires_on": "2021-12-31"},
        ),
    }  # fmt: skip


CHANGES = {
    "registry": (":close", {"closed_on": "2018-06-01"}),
    "training": (":cancel", None),
    "certification": (":revoke", {"reason": "FRAUD", "revoked_on": "2018-06-01"}),
    "matching": (":end", {"ended_on": "2018-06-01"}),
}
MANY = pytest.mark.parametrize("service", CHANGES)


@MANY
async def test_the_same_key_again_makes_nothing_new_and_with_another_body_it_is_refused(desk: Desk, service: str) -> None:
    path, body, other = created(desk)[service]
    key = {"Idempotency-Key": uuid4().hex}
    acts = await desk.value(service, "SELECT count(*) FROM audit")

    first, again = [await desk.call("POST", path, json=body, headers=key) for _ in range(2)]
    changed = await desk.call("POST", path, json=body | other, headers=key)

    assert (first.status_code, again.status_code, again.headers["Idempotent-Replay"]) == (201, 201, "true")
    assert first.json() == again.json()
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency-key-reused")
    assert await desk.value(service, "SELECT count(*) FROM audit") == acts + 1


@MANY
async def test_a_change_of_a_version_that_has_gone_or_without_one_is_refused(desk: Desk, service: str) -> None:
    path, body, _ = created(desk)[service]
    made = await desk.made(path, body)
    verb, change = CHANGES[service]

    async def ask(version: str | None) -> tuple[int, str]:
        answer = await desk.call("POST", f"{path}/{made['id']}{verb}", json=change, headers={"If-Match": version})
        return answer.status_code, answer.headers.get("ETag", answer.json().get("code"))

    assert await ask(None) == (428, "precondition-required")
    assert await ask('"2"') == (412, "precondition-failed")
    assert await ask('"1"') == (200, '"2"')
    assert await ask('"1"') == (412, "precondition-failed"), "the same again, as a double click sends it"
