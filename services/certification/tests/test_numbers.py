"""A certificate's number: who finds a certificate by it, who reads it in full, and what the audit keeps of that."""

from typing import Any
from uuid import UUID

import httpx2
import pytest
from uuid_utils.compat import uuid7

from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork

PATH = "/certification/v1/certificates"


async def issued(certification: AtWork, body_id: UUID, **changed: Any) -> dict[str, Any]:
    body = {
        "number": uuid7().hex[:20].upper(), "person_id": str(uuid7()), "occupation": "2015:6-18-02-04", "level_code": 3,
        "issued_on": "2018-05-20", "body_id": str(body_id),
    }  # fmt: skip
    answer = await certification.call("POST", PATH, json=body | changed)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def search(certification: AtWork, number: str, *, who: str = "officer") -> httpx2.Response:
    return await certification.call("POST", f"{PATH}:search", json={"number": number, "purpose": "核对证书"}, who=who)


async def test_a_certificate_is_found_by_its_exact_number_only(certification: AtWork, body_id: UUID) -> None:
    made = await issued(certification, body_id)
    number = made["number"]

    found = await search(certification, number)
    others = [await search(certification, each) for each in (number[:-1], number + "0", f"{number[:-1]}%", "%" * 20)]
    outside = [await search(certification, each) for each in ("1" * 11, "1" * 31, "1" * 61)]

    assert (found.status_code, found.json(), found.headers["ETag"]) == (200, made, '"1"')
    assert {(answer.status_code, answer.json()["code"]) for answer in others} == {(404, "not-found")}
    assert {answer.status_code for answer in outside} == {422}
    assert not any(number[:-1] in answer.text for answer in (*others, *outside))


async def test_a_number_is_given_once(certification: AtWork, body_id: UUID) -> None:
    made = await issued(certification, body_id)
    again = {name: made[name] for name in ("number", "person_id", "occupation", "level_code", "issued_on", "body_id")}

    answer = await certification.call("POST", PATH, json=again)

    assert (answer.status_code, answer.json()["code"]) == (409, "certificate-number-taken")


async def test_the_database_itself_refuses_a_number_twice(certification: AtWork, body_id: UUID) -> None:
    made = await issued(certification, body_id)

    async with certification.running.database.raw_transaction() as connection:
        columns = "id, version, number_sealed, number_index, person_id, occupation, level_code, mode, kind, issued_on, body_id"
        with pytest.raises(Exception, match="uq_certificate_number_index"):
            await connection.execute(
                f"INSERT INTO certificate ({columns}) SELECT $2, {columns.removeprefix('id, ')} FROM certificate WHERE id = $1",
                UUID(made["id"]),
                uuid7(),
            )


async def test_whoever_has_the_paper_reads_the_number_and_all_others_its_ends(certification: AtWork, body_id: UUID) -> None:
    person_id, employer_id = uuid7(), uuid7()
    made = await issued(certification, body_id, person_id=str(person_id), organisation_id=str(employer_id))
    number, path = made["number"], f"{PATH}/{made['id']}"
    who = {
        "holder": certification.account(Role.PERSON, person_id=person_id),
        "body": certification.account(Role.ORGANISATION, organisation_id=body_id),
        "employer": certification.account(Role.ORGANISATION, organisation_id=employer_id),
    } | {role.value.lower(): role.value.lower() for role in (Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE)}

    one = {name: (await certification.call("GET", path, who=account)).json() for name, account in who.items()}
    lists = {
        name: await certification.call("GET", PATH, params={"person_id": str(person_id)}, who=account) for name, account in who.items()
    }

    masked = f"{number[0]}{'*' * 17}{number[-2:]}"
    assert {name for name, answer in one.items() if (answer["number"], answer["number_is_masked"]) == (number, False)} == {
        "holder", "body", "clerk", "officer",
    }  # fmt: skip
    assert {name for name, answer in one.items() if (answer["number"], answer["number_is_masked"]) == (masked, True)} == {
        "employer", "auditor", "service",
    }  # fmt: skip
    assert {name: answer.json()["items"] for name, answer in lists.items()} == {name: [answer] for name, answer in one.items()}


async def test_who_may_search_finds_his_own_and_who_may_not_is_told_so(certification: AtWork, body_id: UUID) -> None:
    employer_id = uuid7()
    made = await issued(certification, body_id, organisation_id=str(employer_id))
    body, employer, stranger = (certification.account(Role.ORGANISATION, organisation_id=id_) for id_ in (body_id, employer_id, uuid7()))
    holder = certification.account(Role.PERSON, person_id=UUID(made["person_id"]))

    answers = {who: await search(certification, made["number"], who=who) for who in ("clerk", "auditor", body, employer)}
    refused = await search(certification, made["number"], who=stranger)
    nothing = await search(certification, "9" * 20, who=stranger)

    assert {answer.status_code for answer in answers.values()} == {200}
    assert {who for who, answer in answers.items() if answer.json()["number_is_masked"]} == {"auditor", employer}
    assert refused.status_code == nothing.status_code == 404
    assert refused.json() | {"trace_id": ""} == nothing.json() | {"trace_id": ""}, "that it exists is not his business"
    assert [(await search(certification, made["number"], who=who)).status_code for who in (holder, "service")] == [403, 403]


async def test_every_look_at_a_certificate_is_audited_with_its_purpose(certification: AtWork, body_id: UUID) -> None:
    made = await issued(certification, body_id)

    await certification.call("GET", f"{PATH}/{made['id']}", who="clerk")
    await certification.call("GET", PATH, params={"person_id": made["person_id"]}, who="auditor")
    await search(certification, made["number"], who="clerk")

    await certification.app.state.read_audit.flush()
    async with certification.running.database.transaction() as session:
        query = "SELECT actor, operation, purpose FROM read_audit WHERE $1 = ANY(person_ids) ORDER BY id"
        rows = await (await raw(session)).fetch(query, UUID(made["person_id"]))
    assert [tuple(row) for row in rows] == [
        ("clerk", "read_certificate", "certificate"), ("auditor", "list_certificates", "list"), ("clerk", "search_certificate", "核对证书"),
    ]  # fmt: skip
