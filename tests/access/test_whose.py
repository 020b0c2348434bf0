"""Whose things are whose: an organisation and a person see and change their own, and of others' not even that they exist."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from asking import Operation, operations
from desk import WELDER, Desk

from common.security.principal import Role

ORGANISATIONS = ("employer", "partner", "institution", "body", "stranger")
PERSONS = ("himself", "another")
FOR_EVERYBODY = {
    "read_organisation", "read_designation", "read_catalogue", "read_mandate", "read_class", "read_reporting_year", "read_scheme",
    "read_sponsored_class", "read_parameter", "print_scheme",
}  # fmt: skip
"""Public registers: names of organisations, prices and rules are nobody's secret."""
TAKEN_OVER_BY_JOBS = ("_read_job", "_list_refused_rows")
OWNERS = {
    "read_person": {"himself"},
    "read_aliases": {"himself"},
    "read_insurance": {"himself"},
    "read_recognition": {"institution"},
    "read_student": {"himself", "partner"},
    "read_other_benefit": {"himself"},
    "read_participation": {"himself", "institution"},
    "read_lecture_report": {"himself", "partner", "employer"},
    "read_lecture": {"himself", "partner", "employer"},
    "read_trip": {"himself", "employer"},
    "read_certificate": {"himself", "body", "employer"},
    "read_exam_entry": {"himself", "partner", "body"},
    "read_title": {"himself"},
    "read_agreement": {"partner"},
    "read_placement": {"himself", "partner"},
    "read_referral_counts": {"partner"},
    "explain_person": {"himself"},
    "explain_organisation": {"employer"},
    "explain_sponsored_student": {"himself", "partner", "employer"},
    "explain_partner_year": {"partner"},
    "explain_partner_placements": {"partner"},
    "read_entitlement": {"himself", "institution"},
    "explain_entitlement": {"himself", "institution"},
    "print_notice": {"himself", "institution"},
}
"""Who, of those who may ask at all, is answered. All others are told what they would be told of a thing that does not exist."""


@dataclass
class Things:
    """One person's life in all services, and everybody who might look at it."""

    desk: Desk
    ids: dict[str, str]
    """By the name of the path parameter."""
    accounts: dict[str, str]
    operations: list[Operation]

    def named(self, name: str) -> Operation:
        return next(each for each in self.operations if each.name == name)

    async def ask(self, operation: Operation, who: str, *, made_up: bool = False, **more: Any) -> httpx2.Response:
        given = {name: str(uuid4()) if made_up and name != "year" else self.ids[name] for name in operation.parameters("path")}
        if operation.body is not None:
            more.setdefault("body", operation.body)
        if "year" in operation.parameters("query"):
            more["params"] = {"year": "2018"}
        return await operation.ask(self.desk, path=operation.address(**given), who=self.accounts[who], **more)


@pytest.fixture(scope="module")
async def things(desk: Desk) -> Things:
    organisations = {name: desk.organisations[name]["id"] for name in desk.organisations}
    number = desk.new_number()
    person = (await desk.made("/registry/v1/people", {"id_number": number, "name": "示例人员"}))["id"]
    designation = {
        "organisation_id": organisations["institution"], "tender_number": "ZB2018-03", "occupation": WELDER, "level_code": 4,
        "price": {"amount": "1200.00", "currency": "CNY"}, "valid_from": "2018-01-01", "valid_to": "2020-12-31",
    }  # fmt: skip
    agreement = {"number": "HZ2018-77", "partner_id": organisations["partner"], "signed_on": "2018-01-15", "expires_on": "2020-12-31"}
    recognition = {
        "organisation_id": organisations["institution"], "kind": "DEMONSTRATION_BASE", "paper_number": "RS2018-1", "valid_from": "2018-01-01",
    }  # fmt: skip
    ids = {
        "person_id": person, "organisation_id": organisations["employer"], "year": "2018", "partner_id": organisations["partner"], "class_id": desk.training_class["id"],
        "recognition_id": (await desk.made("/registry/v1/recognitions", recognition))["id"],
        "designation_id": (await desk.made("/training/v1/designations", designation))["id"],
        "agreement_id": (await desk.made("/matching/v1/agreements", agreement))["id"],
    }  # fmt: skip
    ids |= await _sponsored(desk, person, organisations)
    level = {"等级": "中级工", "班级编号": desk.training_class["number"], "单位统一社会信用代码": desk.organisations["employer"]["uscc"]}
    for kind in ("employment", "insurance", "students", "other-benefits", "roster", "exam-entries", "certificates", "placements"):
        job = await desk.drop(kind, desk.sheet(kind, desk.row(kind, 证件号码=number, **(level if kind == "certificates" else {}))))
        assert job["rows_accepted"] == 1, job
    await desk.settled()
    for name, path in (
        ("participation_id", "/training/v1/participations"), ("certificate_id", "/certification/v1/certificates"),
        ("exam_entry_id", "/certification/v1/exam-entries"),
        ("placement_id", "/matching/v1/placements"), ("entitlement_id", "/awards/v1/entitlements"), ("employment_id", "/registry/v1/employments"),
        ("enrolment_id", "/registry/v1/students"), ("other_benefit_id", "/registry/v1/other-benefits"),
    ):  # fmt: skip
        items = (await desk.call("GET", path, params={"person_id": person})).json()["items"]
        assert items, path
        ids[name] = items[0]["id"]
    sitting = {"body_id": organisations["body"], "occupation": WELDER, "level_code": 4, "held_on": "2018-05-12"}
    title = {"person_id": person, "kind": "CITY_TECHNICAL_EXPERT", "awarded_on": "2018-05-04", "paper_number": "张人社〔2018〕9号"}
    lecture = {
        "school_id": organisations["partner"], "teacher_id": person, "enterprise_id": organisations["employer"], "held_on": "2018-04-12", "hours": 4,
    }  # fmt: skip
    ids["lecture_report_id"] = (await desk.made("/training/v1/lecture-reports", lecture))["id"]
    confirmed = await desk.made("/training/v1/lecture-reports", lecture | {"held_on": "2018-04-13"})
    confirm = f"/training/v1/lecture-reports/{confirmed['id']}:confirm"
    ids["lecture_id"] = (await desk.call("POST", confirm, headers={"If-Match": '"1"'})).json()["id"]
    trip = {
        "person_id": person, "sender_id": organisations["employer"], "occupation": WELDER, "selected_on": "2018-05-02", "starts_on": "2018-09-03",
        "ends_on": "2018-09-21",
    }  # fmt: skip
    ids["trip_id"] = (await desk.made("/training/v1/trips", trip))["id"]
    ids["title_id"] = (await desk.made("/certification/v1/titles", title))["id"]
    ids["sitting_id"] = (await desk.made("/certification/v1/sittings", sitting))["id"]
    accounts = {name: desk.account(Role.ORGANISATION, organisation_id=organisations.get(name, uuid4())) for name in ORGANISATIONS}
    accounts |= {"himself": desk.account(Role.PERSON, person_id=person), "another": desk.account(Role.PERSON, person_id=uuid4())}
    return Things(desk, ids, accounts, await operations(desk))


async def _sponsored(desk: Desk, person: str, organisations: dict[str, Any]) -> dict[str, str]:
    """He is a student of a class at the partner's for which the employer pays."""
    opened = {"number": "ZJG2018-77", "school_id": organisations["partner"], "opened_on": "2018-03-05"}
    course = (await desk.made("/matching/v1/sponsored-classes", opened))["id"]
    path = f"/matching/v1/sponsored-classes/{course}"
    await desk.made(f"{path}:enrol", {"person_id": person, "enrolled_on": "2018-03-05"}, headers={"If-Match": '"1"'})
    payment = {
        "enterprise_id": organisations["employer"], "student_id": person, "paid_on": "2018-04-10", "voucher_number": "FK77",
        "amount": {"amount": "800.00", "currency": "CNY"},
    }  # fmt: skip
    await desk.made(f"{path}:pay", payment, headers={"If-Match": '"2"'})
    return {"sponsored_class_id": course, "student_id": person}


async def test_every_reading_of_one_thing_is_somebodys_or_everybodys(things: Things) -> None:
    may_be_asked = set()
    for operation in things.operations:
        if operation.method == "GET" and operation.parameters("path"):
            answers = [
                await operation.ask(things.desk, who=things.accounts[who], path=operation.address(year="2018"))
                for who in ("stranger", "another")
            ]
            if any(answer.status_code != 403 for answer in answers):
                may_be_asked.add(operation.name)
    jobs = {name for name in may_be_asked if name.endswith(TAKEN_OVER_BY_JOBS)}

    assert may_be_asked - jobs == FOR_EVERYBODY | set(OWNERS)


@pytest.mark.parametrize("name", OWNERS)
async def test_its_owners_read_it_and_for_others_it_does_not_exist(things: Things, name: str) -> None:
    operation = things.named(name)
    for who in (*ORGANISATIONS, *PERSONS):
        answer = await things.ask(operation, who)
        if who in OWNERS[name]:
            assert answer.status_code == 200, (who, answer.text)
            continue
        nothing = await things.ask(operation, who, made_up=True)
        assert answer.status_code in (403, 404), (who, answer.text)
        assert answer.json() | {"trace_id": ""} == nothing.json() | {"trace_id": ""}, who
        assert answer.headers.keys() == nothing.headers.keys()


@pytest.mark.parametrize("who", ["stranger", "another"])
async def test_lists_hold_nothing_of_others(things: Things, who: str) -> None:
    lists = [
        each for each in things.operations if each.method == "GET" and "cursor" in each.parameters("query") and not each.parameters("path")
    ]
    public = {
        "list_organisations",
        "list_designations",
        "list_catalogues",
        "list_mandates",
        "list_classes",
        "list_reporting_years",
        "list_sponsored_classes",
        "list_occupations",
    }
    looked_at = set()
    for operation in lists:
        for asked in ({}, {"person_id": things.ids["person_id"]}, {"partner_id": things.ids["partner_id"]}):
            if set(asked) <= set(operation.parameters("query")) and operation.name not in public:
                answer = await operation.ask(things.desk, who=things.accounts[who], params=asked)
                if answer.status_code != 403:
                    looked_at.add(operation.name)
                    assert (answer.status_code, answer.json()["items"]) == (200, []), (operation.name, asked)

    common = {
        "list_certificates", "list_exam_entries", "list_participations", "list_placements", "list_employments", "list_students",
        "list_entitlements", "list_lecture_reports", "list_lectures", "list_trips",
    }  # fmt: skip
    apart = {"stranger": {"list_agreements", "list_recognitions", "list_sittings"}, "another": {"list_other_benefits", "list_titles"}}
    assert looked_at == common | apart[who]


CHANGES = (
    "open_class", "complete_class", "cancel_class", "complete_participation", "drop_participation", "correct_participation",
    "enrol_sponsored_student", "let_sponsored_student_leave", "report_sponsor_payment",
    "confirm_lecture_report", "withdraw_lecture_report",
)  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("version", ['"1"', '"77"'])
async def test_nobody_changes_anothers_thing_nor_learns_that_it_exists(things: Things, name: str, version: str) -> None:
    operation = things.named(name)

    others = await things.ask(operation, "stranger", headers={"If-Match": version})
    nobodys = await things.ask(operation, "stranger", made_up=True, headers={"If-Match": version})

    assert others.status_code == 404
    assert others.json() | {"trace_id": ""} == nobodys.json() | {"trace_id": ""}


async def test_every_change_that_an_organisation_may_make_is_tried(things: Things) -> None:
    changing = set()
    for operation in things.operations:
        if operation.method in ("POST", "PUT") and operation.parameters("path"):
            answer = await things.ask(operation, "stranger", made_up=True) if "dead_letter_id" not in operation.path else None
            if answer is not None and answer.status_code != 403:
                changing.add(operation.name)

    assert changing == {*CHANGES, "quote_class"}


async def test_nobody_makes_anything_in_anothers_name(things: Things) -> None:
    desk, stranger = things.desk, things.accounts["stranger"]
    organisations = {name: each["id"] for name, each in desk.organisations.items()}
    person, day = things.ids["person_id"], "2018-05-20"
    wanted: dict[str, dict[str, Any]] = {
        "/training/v1/classes": {
            "number": "PH2018-777", "kind": "UNIVERSAL", "organiser_id": organisations["institution"], "occupation": WELDER, "level_code": 4,
            "starts_on": "2018-07-01", "ends_on": "2018-08-01",
        },
        "/training/v1/participations": {"person_id": str(uuid4()), "class_id": things.ids["class_id"], "enrolled_on": day},
        f"/training/v1/classes/{things.ids['class_id']}/quotes": {"person_id": person},
        "/certification/v1/certificates": {
            "number": "S000132999991877777777", "person_id": person, "occupation": WELDER, "level_code": 3, "issued_on": day,
            "body_id": organisations["body"],
        },
        "/training/v1/lecture-reports": {
            "school_id": organisations["partner"], "teacher_id": person, "enterprise_id": organisations["employer"], "held_on": day, "hours": 4,
        },
        "/certification/v1/exam-entries": {
            "person_id": str(uuid4()), "sitting_id": things.ids["sitting_id"], "school_id": organisations["partner"], "registered_on": "2018-05-10",
        },
        "/certification/v1/sittings": {"body_id": organisations["body"], "occupation": WELDER, "level_code": 4, "held_on": day},
        "/matching/v1/placements": {
            "person_id": person, "partner_id": organisations["partner"], "employer_id": organisations["employer"], "started_on": day,
            "evidence": "CONTRACT",
        },
        "/awards/v1/quotes": {"scheme": "universal-training", "person_id": person, "class": {
            key: value for key, value in desk.training_class.items() if key != "version"
        } | {"price_fen": None}},
    }  # fmt: skip

    answers = {path: await desk.call("POST", path, who=stranger, json=body) for path, body in wanted.items()}

    assert {path: (answer.status_code, answer.json()["code"]) for path, answer in answers.items()} == dict.fromkeys(
        wanted, (404, "not-found")
    )


async def test_no_file_brings_anything_in_anothers_name(things: Things) -> None:
    desk, stranger = things.desk, things.accounts["stranger"]
    acts = {kind: await desk.acts(kind) for kind in ("roster", "exam-entries", "certificates", "placements")}
    jobs = {kind: await desk.drop(kind, desk.sheet(kind, desk.row(kind)), who=stranger) for kind in acts}

    assert {kind: (job["rows_accepted"], job["refused"][2][0]["code"]) for kind, job in jobs.items()} == {
        "roster": (0, "class-unknown"), "exam-entries": (0, "organisation-unknown"), "certificates": (0, "organisation-unknown"), "placements": (0, "organisation-unknown"),
    }  # fmt: skip
    assert {kind: await desk.acts(kind) for kind in acts} == acts


async def test_a_body_does_not_take_over_the_certificate_of_another(things: Things) -> None:
    """By putting its number into a file of its own."""
    desk = things.desk
    held = desk.row("certificates")
    assert (await desk.drop("certificates", desk.sheet("certificates", held)))["rows_accepted"] == 1
    acts = await desk.acts("certificates")

    taking = held | {"发证机构统一社会信用代码": desk.organisations["institution"]["uscc"], "证件号码": desk.new_number()}
    job = await desk.drop("certificates", desk.sheet("certificates", taking), who=things.accounts["institution"])

    assert [(fault["column"], fault["code"]) for fault in job["refused"][2]] == [("证书编号", "certificate-number-taken")]
    assert await desk.acts("certificates") == acts


async def test_a_revoked_certificate_stays_as_it_was_whatever_a_file_says(things: Things) -> None:
    desk = things.desk
    row = desk.row("certificates")
    await desk.drop("certificates", desk.sheet("certificates", row))
    sought = await desk.call("POST", "/certification/v1/certificates:search", json={"number": row["证书编号"], "purpose": "核对证书"})
    held = sought.json()["id"]
    revocation = {"reason": "FRAUD", "revoked_on": "2018-06-01"}
    revoked = await desk.call("POST", f"/certification/v1/certificates/{held}:revoke", json=revocation, headers={"If-Match": '"1"'})

    same = await desk.drop("certificates", desk.sheet("certificates", row | {"姓名": "甲"}))
    other = await desk.drop("certificates", desk.sheet("certificates", row | {"等级": "技师"}))

    assert revoked.status_code == 200
    assert (same["rows_accepted"], [fault["code"] for fault in other["refused"][2]]) == (1, ["already-revoked"])
    assert await desk.value("certification", "SELECT version FROM certificate WHERE id = $1::text::uuid", held) == 2
