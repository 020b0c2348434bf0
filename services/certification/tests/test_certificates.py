"""Certificates over REST: issued, corrected, revoked, and what is refused."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx2
from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.until import until

PATH = "/certification/v1/certificates"


def certificate(body_id: UUID, **changed: Any) -> dict[str, Any]:
    return {
        "number": uuid7().hex[:20].upper(),
        "person_id": str(uuid7()),
        "occupation": "2015:6-18-02-04",
        "level_code": 3,
        "issued_on": "2018-05-20",
        "body_id": str(body_id),
    } | changed


async def issued(certification: AtWork, body_id: UUID, **changed: Any) -> httpx2.Response:
    return await certification.call("POST", PATH, json=certificate(body_id, **changed))


async def test_an_issued_certificate_is_published_audited_and_read_back(certification: AtWork, body_id: UUID) -> None:
    answer = await issued(certification, body_id)

    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Consistency-Token"]
    read = await certification.call("GET", f"{PATH}/{answer.json()['id']}")
    assert read.json() == answer.json()


async def test_a_retry_with_the_same_key_issues_nothing_twice(certification: AtWork, body_id: UUID) -> None:
    body = certificate(body_id)
    first = await certification.call("POST", PATH, json=body, key="the-same-key")
    again = await certification.call("POST", PATH, json=body, key="the-same-key")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.headers["Consistency-Token"] == first.headers["Consistency-Token"]


async def test_a_services_own_token_is_read_by_it_at_once(certification: AtWork, body_id: UUID) -> None:
    made = await certification.call("POST", PATH, json=certificate(body_id))
    read = await certification.call("GET", f"{PATH}/{made.json()['id']}?after={made.headers['Consistency-Token']}")

    assert (read.status_code, read.json()["version"]) == (200, 1)


async def test_the_same_key_with_another_body_is_refused(certification: AtWork, body_id: UUID) -> None:
    await certification.call("POST", PATH, json=certificate(body_id), key="one-key-two-bodies")
    other = await certification.call("POST", PATH, json=certificate(body_id), key="one-key-two-bodies")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_revoked_certificate_cannot_be_revoked_again(certification: AtWork, body_id: UUID) -> None:
    path = f"{PATH}/{(await issued(certification, body_id)).json()['id']}:revoke"
    revocation = {"reason": "FRAUD", "revoked_on": "2018-06-01"}

    revoked = await certification.call("POST", path, json=revocation, version=1)
    again = await certification.call("POST", path, json=revocation, version=2)

    assert (revoked.status_code, revoked.json()["revoked_on"], revoked.headers["ETag"]) == (200, "2018-06-01", '"2"')
    assert (again.status_code, again.json()["code"]) == (409, "already-revoked")


async def test_a_change_must_know_the_version_it_changes(certification: AtWork, body_id: UUID) -> None:
    path = f"{PATH}/{(await issued(certification, body_id)).json()['id']}:revoke"
    revocation = {"reason": "FRAUD", "revoked_on": "2018-06-01"}

    without = await certification.call("POST", path, json=revocation)
    stale = await certification.call("POST", path, json=revocation, version=7)

    assert (without.status_code, stale.status_code) == (428, 412)


async def test_what_cannot_be_is_refused_by_name(certification: AtWork, body_id: UUID) -> None:
    codes = {
        "issued-in-future": await issued(certification, body_id, issued_on="2018-06-02"),
        "occupation-not-found": await issued(certification, body_id, occupation="2015:6-18-02-99"),
        "invalid": await issued(certification, body_id, level_code=9),
    }

    assert {name: answer.json()["code"] for name, answer in codes.items()} == {name: name for name in codes}
    assert {answer.status_code for answer in codes.values()} == {422}


async def test_a_body_issues_only_for_itself_and_a_person_sees_only_his_own(certification: AtWork, body_id: UUID) -> None:
    body, stranger = (certification.account(Role.ORGANISATION, organisation_id=id_) for id_ in (body_id, uuid7()))
    person_id = uuid7()
    person, other = (certification.account(Role.PERSON, person_id=id_) for id_ in (person_id, uuid7()))
    wanted = certificate(body_id, person_id=str(person_id))

    refused = await certification.call("POST", PATH, json=wanted, who=stranger)
    made = await certification.call("POST", PATH, json=wanted, who=body)
    path = f"{PATH}/{made.json()['id']}"

    assert (refused.status_code, made.status_code) == (404, 201)
    assert [(await certification.call("GET", path, who=who)).status_code for who in (person, other, stranger, body)] == [200, 404, 404, 200]
    assert [item["id"] for item in (await certification.call("GET", PATH, who=person)).json()["items"]] == [made.json()["id"]]


async def planned_sitting(certification: AtWork, body_id: UUID) -> str:
    wanted = {"body_id": str(body_id), "occupation": "2015:6-18-02-04", "level_code": 3, "held_on": "2018-05-12"}
    sitting: str = (await certification.call("POST", "/certification/v1/sittings", json=wanted)).json()["id"]
    return sitting


async def test_a_certificate_that_is_revoked_while_its_sitting_is_annulled_stays_revoked_as_it_was(
    certification: AtWork, body_id: UUID
) -> None:
    sitting = await planned_sitting(certification, body_id)
    made = await issued(certification, body_id, sitting_id=sitting)
    database = certification.running.database
    revoke = "UPDATE certificate SET version = 2, revoked_on = $2, revocation_reason = 'FRAUD' WHERE id = $1"
    blocked = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"

    async with database.raw_transaction() as connection:
        await connection.execute(revoke, UUID(made.json()["id"]), date(2018, 5, 25))
        annulling = asyncio.create_task(certification.call("POST", f"/certification/v1/sittings/{sitting}:annul", version=1))

        async def waits() -> bool:
            return bool(await connection.fetchval(blocked))

        await until(waits)
    annulled = await annulling

    read = (await certification.call("GET", f"{PATH}/{made.json()['id']}")).json()
    assert (annulled.status_code, annulled.json()["state"]) == (200, "ANNULLED")
    assert (read["version"], read["revoked_on"], read["revocation_reason"]) == (2, "2018-05-25", "FRAUD")


async def test_an_annulled_sitting_revokes_its_certificates_and_brings_forth_no_others(certification: AtWork, body_id: UUID) -> None:
    sitting = await planned_sitting(certification, body_id)
    made = await issued(certification, body_id, sitting_id=sitting)

    annulled = await certification.call("POST", f"/certification/v1/sittings/{sitting}:annul", version=1)

    later = await issued(certification, body_id, sitting_id=sitting, number="1810003002300099")
    read = await certification.call("GET", f"{PATH}/{made.json()['id']}")
    assert (later.status_code, later.json()["code"]) == (409, "sitting-annulled")
    assert annulled.json()["state"] == "ANNULLED"
    assert (read.json()["revoked_on"], read.json()["revocation_reason"]) == ("2018-06-01", "SITTING_ANNULLED")
