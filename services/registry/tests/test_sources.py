"""Sources: since when each is complete; declared by an officer, and declared anew."""

from uuid_utils.compat import uuid7

from common.testing.at_work import AtWork

PATH = "/registry/v1/sources"


async def test_a_source_is_declared_and_declared_anew_in_one_row(registry: AtWork) -> None:
    first = await registry.call("POST", PATH, json={"kind": "HUKOU", "complete_since": "2001-01-01"})
    anew = await registry.call("POST", PATH, json={"kind": "HUKOU", "complete_since": "1999-01-01"})
    same = await registry.call("POST", PATH, json={"kind": "HUKOU", "complete_since": "1999-01-01"})

    assert [answer.status_code for answer in (first, anew, same)] == [201, 201, 201]
    assert [(answer.json()["id"], answer.json()["version"]) for answer in (first, anew, same)] == [
        (first.json()["id"], first.json()["version"]), (first.json()["id"], first.json()["version"] + 1), (first.json()["id"], anew.json()["version"]),
    ]  # fmt: skip
    listed = (await registry.call("GET", PATH, who="auditor")).json()["items"]
    assert [(item["kind"], item["complete_since"]) for item in listed if item["kind"] == "HUKOU"] == [("HUKOU", "1999-01-01")]


async def test_only_an_officer_declares(registry: AtWork) -> None:
    body = {"kind": "EMPLOYMENT", "complete_since": "2008-01-01"}

    assert [(await registry.call("POST", PATH, json=body, who=who)).status_code for who in ("clerk", "auditor", "service")] == [403] * 3


async def test_a_retry_declares_nothing_twice(registry: AtWork) -> None:
    body, key = {"kind": "INSURANCE", "complete_since": "2008-01-01"}, uuid7().hex

    first = await registry.call("POST", PATH, json=body, key=key)
    again = await registry.call("POST", PATH, json=body, key=key)

    assert (again.json(), again.headers["Idempotent-Replay"]) == (first.json(), "true")


async def test_an_unknown_kind_is_refused(registry: AtWork) -> None:
    answer = await registry.call("POST", PATH, json={"kind": "RUMOUR", "complete_since": "2008-01-01"})

    assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, "/body/kind")
