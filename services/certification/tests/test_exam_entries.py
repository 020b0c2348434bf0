"""Entries for a sitting: what they cost, which attempt they are, what is refused, who sees them, and a school's list of them."""

import asyncio
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from uuid_utils.compat import uuid7

from certification.exam_entries.importing import exam_entries_import
from common.database.engine import raw
from common.identifiers.id_card import check_character
from common.identifiers.uscc import complete_uscc
from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import csv_file, xlsx
from common.testing.played_registry import PlayedRegistry, person_id
from common.testing.telling import Teller
from contracts.registry import Organisation, OrganisationKind, OrganisationSpan

PATH = "/certification/v1/exam-entries"
WELDER = "2015:6-18-02-04"
HEADERS = [column.header for column in exam_entries_import.columns]
numbers = count(1)


async def sitting(certification: AtWork, body_id: UUID, **changed: Any) -> str:
    """A planned one; its id."""
    wanted = {"body_id": str(body_id), "occupation": WELDER, "level_code": 3, "held_on": "2018-05-12"} | changed
    made = await certification.call("POST", "/certification/v1/sittings", json=wanted)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def entered(certification: AtWork, sitting_id: str, *, who: str = "clerk", **changed: Any) -> httpx2.Response:
    wanted = {"person_id": str(uuid7()), "sitting_id": sitting_id, "registered_on": "2018-04-10"} | changed
    return await certification.call("POST", PATH, json=wanted, who=who)


async def settled(certification: AtWork, entry: str, *, version: int = 1, took_part: bool = True, charged: str = "0.00") -> httpx2.Response:
    body = {"took_part": took_part, "charged": {"amount": charged, "currency": "CNY"}}
    return await certification.call("POST", f"{PATH}/{entry}:settle", json=body, version=version, who="clerk")


async def withdrawn(certification: AtWork, entry: str, *, version: int = 1, on: str = "2018-04-20") -> httpx2.Response:
    return await certification.call("POST", f"{PATH}/{entry}:withdraw", json={"withdrawn_on": on}, version=version)


async def attempts(certification: AtWork, person: str) -> dict[str, tuple[int, int]]:
    """By sitting: the attempt and the version of each of his entries."""
    listed = (await certification.call("GET", PATH, params={"person_id": person})).json()["items"]
    return {each["sitting_id"]: (each["attempt"], each["version"]) for each in listed}


async def published(certification: AtWork, person: str) -> list[tuple[str, int]]:
    """What has been told of his entries: verb and version, as the audit has it beside each event."""
    rows = """
        SELECT audit.verb, audit.version FROM audit JOIN exam_entry ON exam_entry.id = audit.subject_id
        WHERE exam_entry.person_id = $1 ORDER BY exam_entry.id, audit.version
    """
    async with certification.running.database.transaction() as session:
        return [(row["verb"], row["version"]) for row in await (await raw(session)).fetch(rows, UUID(person))]


async def test_an_entry_keeps_the_fee_of_its_day_whatever_the_register_says_later(certification: AtWork, body_id: UUID) -> None:
    plumber, fee = f"2015:6-29-03-{next(numbers):02}", {"amount": "150.00", "currency": "CNY"}
    made = await certification.call(
        "POST", "/certification/v1/occupations", json={"occupation": plumber, "name": "管道工", "appraisal_fees": {"3": fee}}
    )
    before = await entered(certification, await sitting(certification, body_id, occupation=plumber))
    dearer = {"name": "管道工", "appraisal_fees": {"3": fee | {"amount": "190.00"}}}
    await certification.call("PUT", f"/certification/v1/occupations/{made.json()['id']}", json=dearer, version=1)

    after = await entered(certification, await sitting(certification, body_id, occupation=plumber))
    before = await certification.call("GET", f"{PATH}/{before.json()['id']}")

    assert (before.json()["fee"]["amount"], after.json()["fee"]["amount"]) == ("150.00", "190.00")


async def test_whoever_took_part_is_settled_and_settled_anew_when_it_was_entered_wrongly(certification: AtWork, body_id: UUID) -> None:
    made = await entered(certification, await sitting(certification, body_id))
    entry = made.json()["id"]

    first = await settled(certification, entry, charged="260.00")
    too_much = await settled(certification, entry, version=2, charged="260.01")
    again = await settled(certification, entry, version=2, charged="0.00")

    assert (made.status_code, made.json()["attempt"], made.json()["took_part"]) == (201, 1, None)
    assert (first.json()["took_part"], first.json()["charged"]["amount"]) == (True, "260.00")
    assert (too_much.status_code, too_much.json()["code"]) == (422, "charged-above-fee")
    assert (again.json()["charged"]["amount"], again.json()["version"]) == ("0.00", 3)


async def test_an_entry_that_cannot_be_is_refused_by_name(certification: AtWork, body_id: UUID) -> None:
    open_one, ahead = await sitting(certification, body_id), await sitting(certification, body_id, held_on="2018-07-01")
    completed, annulled = await sitting(certification, body_id), await sitting(certification, body_id)
    await certification.call(
        "POST", f"/certification/v1/sittings/{completed}:complete", json={"entered_count": 0, "passed_count": 0}, version=1
    )
    await certification.call("POST", f"/certification/v1/sittings/{annulled}:annul", version=1)
    person = str(uuid7())
    await entered(certification, open_one, person_id=person)

    codes = [
        (await entered(certification, open_one, person_id=person, registered_on="2018-04-11")).json()["code"],
        (await entered(certification, completed)).json()["code"],
        (await entered(certification, annulled)).json()["code"],
        (await entered(certification, open_one, registered_on="2018-05-13")).json()["code"],
        (await entered(certification, ahead, registered_on="2018-06-02")).json()["code"],
        (await entered(certification, await sitting(certification, body_id, level_code=2))).json()["code"],
        (await entered(certification, str(uuid4()))).json()["code"],
    ]

    assert codes == [
        "already-entered", "sitting-not-planned", "sitting-not-planned", "registered-after-sitting", "registered-in-future", "fee-unknown",
        "not-found",
    ]  # fmt: skip
    assert (await entered(certification, open_one, registered_on="2018-05-12")).status_code == 201, "on the very day he still registers"


async def test_nothing_is_settled_before_the_day_and_nobody_withdraws_who_took_part(certification: AtWork, body_id: UUID) -> None:
    ahead = (await entered(certification, await sitting(certification, body_id, held_on="2018-06-02"))).json()["id"]
    held = (await entered(certification, await sitting(certification, body_id, held_on="2018-06-01"))).json()["id"]

    early = await settled(certification, ahead)
    assert (await settled(certification, held)).status_code == 200
    refused = [await withdrawn(certification, held, version=2)]
    refused += [await withdrawn(certification, ahead, on=day) for day in ("2018-04-09", "2018-06-02")]
    assert (await withdrawn(certification, ahead, on="2018-04-10")).status_code == 200
    refused += [await withdrawn(certification, ahead, version=2), await settled(certification, ahead, version=2)]

    assert early.json()["code"] == "not-held-yet"
    assert [answer.json()["code"] for answer in refused] == [
        "took-part", "withdrawn-outside-its-time", "withdrawn-outside-its-time", "entry-withdrawn", "entry-withdrawn",
    ]  # fmt: skip


async def test_who_has_withdrawn_may_enter_again_from_that_day_on(certification: AtWork, body_id: UUID) -> None:
    place, person = await sitting(certification, body_id), str(uuid7())
    first = await entered(certification, place, person_id=person)
    await withdrawn(certification, first.json()["id"], on="2018-04-20")

    too_early = await entered(certification, place, person_id=person, registered_on="2018-04-19")
    again = await entered(certification, place, person_id=person, registered_on="2018-04-20")

    assert (too_early.status_code, too_early.json()["code"]) == (409, "withdrawn-since")
    assert (again.status_code, again.json()["attempt"]) == (201, 1)


async def test_resits_of_one_occupation_and_level_count_up_and_those_of_another_do_not(certification: AtWork, body_id: UUID) -> None:
    person = str(uuid7())
    places = [await sitting(certification, body_id, held_on=day) for day in ("2018-05-12", "2018-05-19", "2018-05-26")]
    other = await sitting(certification, body_id, level_code=4)

    made = [await entered(certification, place, person_id=person) for place in (*places, other)]

    assert [answer.json()["attempt"] for answer in made] == [1, 2, 3, 1]


@pytest.mark.parametrize("falls", ["withdrawn", "stayed away", "annulled"])
async def test_an_attempt_that_was_none_moves_up_those_behind_it(certification: AtWork, body_id: UUID, falls: str) -> None:
    person, places = str(uuid7()), [await sitting(certification, body_id) for _ in range(3)]
    first, *_ = [(await entered(certification, place, person_id=person)).json()["id"] for place in places]

    match falls:
        case "withdrawn":
            answer = await withdrawn(certification, first)
        case "stayed away":
            answer = await settled(certification, first, took_part=False)
        case _:
            answer = await certification.call("POST", f"/certification/v1/sittings/{places[0]}:annul", version=1)

    assert answer.status_code == 200, answer.text
    own = 1 if falls == "annulled" else 2
    assert await attempts(certification, person) == {places[0]: (1, own), places[1]: (1, 2), places[2]: (2, 2)}
    told = await published(certification, person)
    assert told.count(("corrected", 2)) == 2
    assert told.count(("entered", 1)) == 3


async def test_who_came_after_all_counts_again(certification: AtWork, body_id: UUID) -> None:
    person, places = str(uuid7()), [await sitting(certification, body_id) for _ in range(2)]
    first, _ = [(await entered(certification, place, person_id=person)).json()["id"] for place in places]
    await settled(certification, first, took_part=False)

    await settled(certification, first, version=2, took_part=True)

    assert await attempts(certification, person) == {places[0]: (1, 3), places[1]: (2, 3)}


async def test_an_earlier_registration_that_comes_late_is_the_earlier_attempt(certification: AtWork, body_id: UUID) -> None:
    person, (one, other) = str(uuid7()), [await sitting(certification, body_id) for _ in range(2)]
    await entered(certification, one, person_id=person, registered_on="2018-04-10")

    late = await entered(certification, other, person_id=person, registered_on="2018-04-09")

    assert late.json()["attempt"] == 1
    assert await attempts(certification, person) == {one: (2, 2), other: (1, 1)}


async def test_entered_twice_at_the_same_moment_he_has_a_first_and_a_second_attempt(certification: AtWork, body_id: UUID) -> None:
    person, places = str(uuid7()), [await sitting(certification, body_id) for _ in range(4)]

    answers = await asyncio.gather(*(entered(certification, place, person_id=person) for place in places))

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(attempt for attempt, _ in (await attempts(certification, person)).values()) == [1, 2, 3, 4]


async def test_a_school_enters_its_students_a_body_its_own_candidates_and_each_sees_its_own(certification: AtWork, body_id: UUID) -> None:
    school_id, person = uuid7(), uuid7()
    body, school, stranger = (certification.account(Role.ORGANISATION, organisation_id=id_) for id_ in (body_id, school_id, uuid7()))
    himself, another = (certification.account(Role.PERSON, person_id=id_) for id_ in (person, uuid7()))
    place = await sitting(certification, body_id)

    of_school = await entered(certification, place, who=school, person_id=str(person), school_id=str(school_id))
    refused = [
        await entered(certification, place, who=school),
        await entered(certification, place, who=body, school_id=str(school_id)),
        await entered(certification, place, who=stranger, school_id=str(school_id)),
    ]
    of_body = await entered(certification, place, who=body)

    assert (of_school.status_code, of_body.status_code) == (201, 201)
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(404, "not-found")}
    path = f"{PATH}/{of_school.json()['id']}"
    assert [(await certification.call("GET", path, who=who)).status_code for who in (school, body, himself, stranger, another)] == [
        200, 200, 200, 404, 404,
    ]  # fmt: skip
    listed = {
        who: {each["id"] for each in (await certification.call("GET", PATH, who=who)).json()["items"]}
        for who in (school, body, himself, stranger, another)
    }
    one, two = of_school.json()["id"], of_body.json()["id"]
    assert listed == {school: {one}, body: {one, two}, himself: {one}, stranger: set(), another: set()}


async def told(teller: Teller, id_: UUID) -> str:
    """An organisation that registry has told of; its code."""
    span = OrganisationSpan(
        kind=OrganisationKind.SECONDARY_SCHOOL, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)
    )
    code = complete_uscc(f"91320599MB{next(numbers):06}")
    await teller.tell(Organisation(id=id_, uscc=code, name=code, spans=(span,)))
    return code


def id_number(nth: int) -> str:
    """Of the unassigned county, with its check digit."""
    return (seventeen := f"32059919920101{nth:03}") + check_character(seventeen)


def row(body: str, school: str, **changed: Any) -> dict[str, Any]:
    return {
        "姓名": "示例·学生", "证件号码": id_number(next(numbers)), "鉴定机构统一社会信用代码": body, "职业版本": "2015", "职业编码": "6-18-02-04",
        "等级": "高级工", "鉴定日期": "2018-05-12", "报名日期": "2018-04-10", "学校统一社会信用代码": school,
    } | changed  # fmt: skip


async def of(certification: AtWork, student: dict[str, Any]) -> list[dict[str, Any]]:
    listed = await certification.call("GET", PATH, params={"person_id": person_id(student["证件号码"])})
    found: list[dict[str, Any]] = listed.json()["items"]
    return found


async def faults(certification: AtWork, job: dict[str, Any], *, who: str = "officer") -> dict[int, str]:
    rows = (await certification.call("GET", f"/certification/v1/jobs/{job['id']}/rows", who=who)).json()["items"]
    return {each["row_number"]: each["faults"][0]["code"] for each in rows}


async def test_a_schools_list_is_checked_entered_and_dropped_again_without_effect(
    certification: AtWork, registry: PlayedRegistry, teller: Teller, body_id: UUID
) -> None:
    school_id = uuid7()
    body, school = await told(teller, body_id), await told(teller, school_id)
    place = await sitting(certification, body_id)
    students = [row(body, school) for _ in range(3)]
    who = certification.account(Role.ORGANISATION, organisation_id=school_id)

    dry = await certification.import_file("exam-entries", xlsx(HEADERS, students), who=who, validate_only=True)
    nobody = await of(certification, students[0])
    wet = await certification.import_file("exam-entries", xlsx(HEADERS, students), who=who)
    again = await certification.import_file("exam-entries", csv_file(HEADERS, students[::-1]))

    assert [(job["state"], job["rows_accepted"], job["rows_refused"]) for job in (dry, wet, again)] == [("DONE", 3, 0)] * 3
    assert nobody == []
    held = [await of(certification, student) for student in students]
    assert [[(each["version"], each["sitting_id"], each["school_id"], each["fee"]["amount"], each["attempt"]) for each in own] for own in held] == [
        [(1, place, str(school_id), "260.00", 1)]
    ] * 3  # fmt: skip
    assert [asked.get("validate_only", False) for asked in registry.asked[-3:]] == [True, False, False]


async def test_a_list_that_comes_again_after_the_sitting_or_a_withdrawal_changes_nothing(
    certification: AtWork, teller: Teller, body_id: UUID
) -> None:
    body, school = await told(teller, body_id), await told(teller, uuid7())
    place = await sitting(certification, body_id)
    students = [row(body, school) for _ in range(2)]
    await certification.import_file("exam-entries", csv_file(HEADERS, students))
    (gone,), (stays,) = [await of(certification, student) for student in students]
    await withdrawn(certification, gone["id"])
    await certification.call(
        "POST", f"/certification/v1/sittings/{place}:complete", json={"entered_count": 1, "passed_count": 1}, version=1
    )

    job = await certification.import_file("exam-entries", csv_file(HEADERS, students[::-1]))
    late = await certification.import_file("exam-entries", csv_file(HEADERS, [row(body, school)]))

    assert (job["rows_accepted"], job["rows_refused"]) == (2, 0)
    assert [each["version"] for student in students for each in await of(certification, student)] == [gone["version"] + 1, stays["version"]]
    assert await faults(certification, late) == {2: "sitting-not-planned"}


async def test_each_row_that_cannot_be_says_why_and_the_others_are_entered(certification: AtWork, teller: Teller, body_id: UUID) -> None:
    body, school = await told(teller, body_id), await told(teller, uuid7())
    await sitting(certification, body_id)
    await sitting(certification, body_id, level_code=2)
    for _ in range(2):
        await sitting(certification, body_id, level_code=4)
    known = row(body, school)
    await certification.import_file("exam-entries", csv_file(HEADERS, [known]))
    rows = [
        row(body, school),
        known | {"报名日期": "2018-04-11"},
        row(body, school, 等级="技师"),
        row(body, school, 等级="中级工"),
        row(body, school, 鉴定日期="2018-05-13"),
        row(body, school, 报名日期="2018-05-13"),
        row(body, school, 报名日期="2018-06-02", 鉴定日期="2018-07-01"),
        row(school, school),
    ]

    job = await certification.import_file("exam-entries", csv_file(HEADERS, rows))

    assert await faults(certification, job) == {
        3: "already-entered", 4: "fee-unknown", 5: "sitting-ambiguous", 6: "sitting-unknown", 7: "registered-after-sitting",
        8: "date-in-future", 9: "sitting-unknown",
    }  # fmt: skip
    assert [each["attempt"] for each in await of(certification, rows[0])] == [1]
    assert [(each["version"], each["registered_on"]) for each in await of(certification, known)] == [(1, "2018-04-10")]


async def test_a_school_brings_nobody_in_another_schools_name_nor_into_a_bodys(
    certification: AtWork, registry: PlayedRegistry, teller: Teller, body_id: UUID
) -> None:
    other_id = uuid7()
    body, school = await told(teller, body_id), await told(teller, uuid7())
    await told(teller, other_id)
    await sitting(certification, body_id)
    rows = [row(body, school), row(body, "")]
    who = certification.account(Role.ORGANISATION, organisation_id=other_id)

    job = await certification.import_file("exam-entries", csv_file(HEADERS, rows), who=who)

    assert await faults(certification, job, who=who) == {2: "organisation-unknown", 3: "organisation-unknown"}
    assert not [each for each in rows if each["证件号码"] in str(registry.asked)]


async def test_one_list_with_resits_numbers_them_and_a_sitting_annulled_while_registry_is_asked_takes_nobody(
    certification: AtWork, registry: PlayedRegistry, teller: Teller, body_id: UUID
) -> None:
    body, school = await told(teller, body_id), await told(teller, uuid7())
    await sitting(certification, body_id)
    await sitting(certification, body_id, held_on="2018-05-19")
    falls = await sitting(certification, body_id, held_on="2018-05-26")
    student = row(body, school)
    rows = [student | {"鉴定日期": day} for day in ("2018-05-19", "2018-05-12", "2018-05-26")]

    async def annul() -> None:
        answer = await certification.call("POST", f"/certification/v1/sittings/{falls}:annul", version=1)
        assert answer.status_code == 200

    registry.meanwhile = annul
    job = await certification.import_file("exam-entries", csv_file(HEADERS, rows))

    assert await faults(certification, job) == {4: "sitting-not-planned"}
    assert sorted(each["attempt"] for each in await of(certification, student)) == [1, 2]
