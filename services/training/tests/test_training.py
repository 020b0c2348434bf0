"""Training over REST and by file: each thing's life, what is refused and why, and who may do it."""

import asyncio
import io
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import xlsxwriter

from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.played_registry import PlayedRegistry, rows_locked
from common.testing.until import until

WELDER = "2015:6-18-02-04"
HEADERS = ["班级编号", "姓名", "证件号码", "报名日期", "出勤率", "结业日期", "考核结果", "已收费用", "已退费用", "退学日期"]
GOOD = ("甲", "320599199001010013", "2018-03-01", "92.5", "2018-05-01", "合格", "240.00", "", "")


async def planned(training: AtWork, *, who: str = "officer", **changed: Any) -> httpx2.Response:
    body = {
        "number": f"PH{uuid4().hex[:8].upper()}", "kind": "UNIVERSAL", "organiser_id": str(uuid4()), "occupation": WELDER, "level_code": 4,
        "starts_on": "2018-03-01", "ends_on": "2018-05-01",
    }  # fmt: skip
    return await training.call("POST", "/training/v1/classes", json=body | changed, who=who)


async def enrolled(training: AtWork, class_id: str, /, **changed: Any) -> httpx2.Response:
    body = {
        "person_id": str(uuid4()),
        "class_id": class_id,
        "enrolled_on": "2018-02-20",
        "charged": {"amount": "240.00", "currency": "CNY"},
    }
    return await training.call("POST", "/training/v1/participations", json=body | changed)


def card(number: int) -> str:
    """An ID number of the unassigned county, with its check digit."""
    body = f"3205991990{number // 28 % 12 + 1:02}{number % 28 + 1:02}{number // 336:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "10X98765432"[total % 11]


def roster(*rows: tuple[Any, ...]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEADERS, *rows]):
            for column, value in enumerate(row):
                sheet.write(at, column, value)
    return content.getvalue()


async def test_a_class_lives_from_plan_to_completion(training: AtWork) -> None:
    made = await planned(training, price={"amount": "1200.00", "currency": "CNY"})
    path = f"/training/v1/classes/{made.json()['id']}"

    opened = await training.call("POST", f"{path}:open", version=1)
    completed = await training.call("POST", f"{path}:complete", version=2)
    cancelled = await training.call("POST", f"{path}:cancel", version=3)

    assert (made.status_code, made.json()["state"], made.json()["price"]["amount"]) == (201, "PLANNED", "1200.00")
    assert (opened.json()["state"], completed.json()["state"]) == ("OPEN", "COMPLETED")
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "class-is-over")


async def test_a_class_that_cannot_be_is_refused_by_name(training: AtWork) -> None:
    number = (await planned(training)).json()["number"]
    later = (await planned(training, starts_on="2018-07-01", ends_on="2018-08-01")).json()["id"]
    running = (await planned(training, ends_on="2018-07-01")).json()["id"]
    await training.call("POST", f"/training/v1/classes/{running}:open", version=1)

    codes = [
        (await planned(training, number=number)).json()["code"],
        (await planned(training, ends_on="2018-02-28")).json()["code"],
        (await training.call("POST", f"/training/v1/classes/{later}:open", version=1)).json()["code"],
        (await training.call("POST", f"/training/v1/classes/{later}:complete", version=1)).json()["code"],
        (await training.call("POST", f"/training/v1/classes/{running}:open", version=2)).json()["code"],
        (await training.call("POST", f"/training/v1/classes/{running}:complete", version=2)).json()["code"],
    ]

    assert codes == [
        "class-number-taken",
        "class-reversed",
        "class-not-begun",
        "class-not-open",
        "class-not-planned",
        "class-still-running",
    ]


FOR_AN_EMPLOYER = ("PRE_JOB", "UPGRADE", "STAFF_STUDY", "IN_HOUSE_HIGH_SKILLED", "SCHOOL_IN_ENTERPRISE")


@pytest.mark.parametrize("kind", [*FOR_AN_EMPLOYER, "UNIVERSAL", "SHORTAGE", "BASE_SOCIAL", "FOUR_NEW"])
async def test_a_class_of_every_kind_is_planned_and_takes_its_roster(training: AtWork, kind: str) -> None:
    employer = str(uuid4()) if kind in FOR_AN_EMPLOYER else None
    contract = "XQ2018-07" if kind == "SCHOOL_IN_ENTERPRISE" else None

    made = await planned(training, kind=kind, employer_id=employer, contract_number=contract)
    job = await training.import_file("roster", roster((made.json()["number"], "甲", card(30), *GOOD[2:])))
    entered = (await training.call("GET", "/training/v1/participations", params={"class_id": made.json()["id"]})).json()["items"]

    assert (made.status_code, made.json()["kind"], made.json()["employer_id"], made.json()["contract_number"]) == (
        201,
        kind,
        employer,
        contract,
    )
    assert (job["rows_accepted"], [each["result"] for each in entered]) == (1, ["PASSED"])


@pytest.mark.parametrize("kind", FOR_AN_EMPLOYER)
async def test_a_class_for_an_employer_says_for_whom(training: AtWork, kind: str) -> None:
    answer = await planned(training, kind=kind, contract_number="XQ2018-07")
    assert (answer.status_code, answer.json()["code"]) == (422, "employer-missing")


@pytest.mark.parametrize("number", [None, "", " \u3000"])
async def test_a_schools_class_in_an_enterprise_says_by_which_contract(training: AtWork, number: str | None) -> None:
    answer = await planned(training, kind="SCHOOL_IN_ENTERPRISE", employer_id=str(uuid4()), contract_number=number)
    assert (answer.status_code, answer.json()["code"]) == (422, "contract-number-missing")


async def test_an_organiser_acts_only_in_its_own_classes(training: AtWork) -> None:
    own, other = uuid4(), uuid4()
    organiser, stranger = (training.account(Role.ORGANISATION, organisation_id=id_) for id_ in (own, other))

    made = await planned(training, who=organiser, organiser_id=str(own))
    refused = await planned(training, who=stranger, organiser_id=str(own))
    opened = await training.call("POST", f"/training/v1/classes/{made.json()['id']}:open", version=1, who=stranger)

    assert (made.status_code, refused.status_code, opened.status_code) == (201, 404, 404)


async def test_a_participation_is_completed_once_and_corrected(training: AtWork) -> None:
    class_id = (await planned(training)).json()["id"]
    made = await enrolled(training, class_id)
    path = f"/training/v1/participations/{made.json()['id']}"
    completion = {"attended_share_bp": 9250, "completed_on": "2018-05-01", "result": "PASSED"}

    completed = await training.call("POST", f"{path}:complete", json=completion, version=1)
    again = await training.call("POST", f"{path}:complete", json=completion, version=2)
    dropped = await training.call("POST", f"{path}:drop", json={"dropped_on": "2018-05-02"}, version=2)
    too_much = {"charged": {"amount": "1.00", "currency": "CNY"}, "refunded": {"amount": "2.00", "currency": "CNY"}}
    corrected = await training.call("POST", f"{path}:correct", json=completion | too_much, version=2)

    assert (completed.status_code, completed.json()["attended_share_bp"]) == (200, 9250)
    assert [answer.json()["code"] for answer in (again, dropped, corrected)] == [
        "already-ended",
        "already-ended",
        "refunded-more-than-charged",
    ]


async def test_nobody_completes_a_class_that_was_cancelled_or_has_not_begun(training: AtWork) -> None:
    later, cancelled = (await planned(training, starts_on="2018-05-20", ends_on="2018-06-20")).json(), (await planned(training)).json()
    participations = [(await enrolled(training, each["id"])).json()["id"] for each in (later, cancelled)]
    await training.call("POST", f"/training/v1/classes/{cancelled['id']}:cancel", version=1)
    completion = {"attended_share_bp": 9250, "completed_on": "2018-05-01", "result": "PASSED"}

    codes = [
        (await training.call("POST", f"/training/v1/participations/{id_}:{act}", json=completion, version=1)).json()["code"]
        for id_ in participations
        for act in ("complete", "correct")
    ]
    by_file = roster((later["number"], "甲", card(7), *GOOD[2:]), (cancelled["number"], "乙", card(8), *GOOD[2:]))
    job = await training.import_file("roster", by_file)
    faults = (await training.call("GET", f"/training/v1/jobs/{job['id']}/rows")).json()["items"]

    assert codes == ["completed-before-class", "completed-before-class", "class-cancelled", "class-cancelled"]
    assert sorted(fault["code"] for row in faults for fault in row["faults"]) == ["class-unknown", "completed-before-class"]


async def test_a_dropping_entered_by_mistake_is_taken_back(training: AtWork) -> None:
    made = await enrolled(training, (await planned(training)).json()["id"])
    path = f"/training/v1/participations/{made.json()['id']}"
    await training.call("POST", f"{path}:drop", json={"dropped_on": "2018-04-10"}, version=1)

    back = await training.call("POST", f"{path}:correct", json={"charged": {"amount": "240.00", "currency": "CNY"}}, version=2)
    completed = await training.call(
        "POST", f"{path}:complete", json={"attended_share_bp": 9250, "completed_on": "2018-05-01", "result": "PASSED"}, version=3
    )

    assert (back.json()["dropped_on"], completed.json()["completed_on"]) == (None, "2018-05-01")


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"enrolled_on": "2018-06-02"}, "day-in-future"), ({"class_id": str(uuid4())}, "not-found")],
)
async def test_an_enrolment_that_cannot_be(training: AtWork, changed: dict[str, Any], code: str) -> None:
    answer = await enrolled(training, (await planned(training)).json()["id"], **changed)
    assert answer.json()["code"] == code


async def test_nobody_enrols_twice(training: AtWork) -> None:
    class_id, person_id = (await planned(training)).json()["id"], str(uuid4())
    first, second = [await enrolled(training, class_id, person_id=person_id) for _ in range(2)]
    assert (first.status_code, second.json()["code"]) == (201, "already-enrolled")


async def test_designations_mandates_and_catalogues_live(training: AtWork) -> None:
    organisation, price = str(uuid4()), {"amount": "1200.00", "currency": "CNY"}
    designation = {"organisation_id": organisation, "tender_number": "T1", "occupation": WELDER, "level_code": 4, "price": price,
                   "valid_from": "2018-01-01", "valid_to": "2020-12-31"}  # fmt: skip
    mandate = {
        "organisation_id": organisation,
        "occupation": WELDER,
        "level_code": 3,
        "catalogue_year": 2018,
        "valid_from": "2018-01-01",
        "valid_to": "2018-12-31",
    }
    catalogue = {
        "year": 2018,
        "entries": [{"occupation": WELDER, "level_codes": [3]}],
        "in_force_from": "2018-01-01",
        "paper_number": "1号",
    }
    post = training.call

    made = {
        path: await post("POST", f"/training/v1/{path}", json=body)
        for path, body in (("designations", designation), ("mandates", mandate), ("catalogues", catalogue))
    }
    twice = {
        path: await post("POST", f"/training/v1/{path}", json=body)
        for path, body in (("designations", designation), ("mandates", mandate), ("catalogues", catalogue))
    }
    withdrawn = await post(
        "POST", f"/training/v1/designations/{made['designations'].json()['id']}:withdraw", json={"withdrawn_on": "2018-06-01"}, version=1
    )
    early = await post("POST", f"/training/v1/mandates/{made['mandates'].json()['id']}:end", json={"ended_on": "2017-06-01"}, version=1)
    amended = await post(
        "PUT",
        f"/training/v1/catalogues/{made['catalogues'].json()['id']}",
        json={k: v for k, v in catalogue.items() if k != "year"}
        | {"paper_number": "2号", "entries": [{"occupation": WELDER, "level_codes": [3], "listed_until": "2018-06-30"}]},
        version=1,
    )

    assert {answer.status_code for answer in made.values()} == {201}
    assert [entry["listed_until"] for entry in amended.json()["entries"]] == ["2018-06-30"]
    assert {path: answer.json()["code"] for path, answer in twice.items()} == {
        "designations": "designation-already-awarded", "mandates": "mandate-already-signed", "catalogues": "catalogue-already-published",
    }  # fmt: skip
    assert (withdrawn.json()["withdrawn_on"], early.json()["code"], amended.json()["paper_number"]) == (
        "2018-06-01",
        "mandate-reversed",
        "2号",
    )


async def test_a_roster_is_taken_row_by_row(training: AtWork) -> None:
    course = (await planned(training)).json()
    number = course["number"]
    good = (number, "甲", card(1), *GOOD[2:])
    bad = {
        4: ("PH-UNKNOWN", "乙", card(2), *GOOD[2:]),
        5: (number, "丙", 320599199001010013, *GOOD[2:]),
        6: (number, "丁", card(3), "2018-05-02", "80", "2018-05-01", "合格", "", "", ""),
        7: (number, "戊", card(4), "2018-03-01", "180", "", "", "", "", ""),
        8: good,
        9: (number, "己", card(5), "2018-03-01", "80", "2018-06-02", "合格", "", "", ""),
    }
    content = roster(good, (number, "辛", card(6), *GOOD[2:]), *bad.values())

    dry = await training.import_file("roster", content, validate_only=True)
    listed = (await training.call("GET", "/training/v1/participations", params={"class_id": course["id"]})).json()["items"]
    job = await training.import_file("roster", content)
    rows = (await training.call("GET", f"/training/v1/jobs/{job['id']}/rows")).json()["items"]

    assert (job["state"], job["rows_accepted"], job["rows_refused"]) == ("DONE", 2, 6)
    assert (dry["rows_accepted"], dry["rows_refused"]) == (2, 6)
    assert listed == []
    assert {row["row_number"]: row["faults"][0]["code"] for row in rows} == {
        4: "class-unknown", 5: "number-in-identity-column", 6: "dates-reversed", 7: "share-unreadable", 8: "duplicate-row", 9: "date-in-future",
    }  # fmt: skip


async def test_a_later_roster_corrects_and_an_equal_one_changes_nothing(training: AtWork) -> None:
    made = (await planned(training)).json()
    await training.import_file("roster", roster((made["number"], "甲", card(7), *GOOD[2:])))
    path = f"/training/v1/participations?class_id={made['id']}"
    before = (await training.call("GET", path)).json()["items"]

    await training.import_file("roster", roster((made["number"], "甲", card(7), *GOOD[2:]), (made["number"], "乙", card(8), *GOOD[2:])))
    equal = [row for row in (await training.call("GET", path)).json()["items"] if row["id"] == before[0]["id"]]
    await training.import_file("roster", roster((made["number"], "甲", card(7), "2018-03-01", "95", *GOOD[4:])))
    changed = [row for row in (await training.call("GET", path)).json()["items"] if row["id"] == before[0]["id"]]

    assert (before[0]["version"], equal[0]["version"]) == (1, 1)
    assert (changed[0]["version"], changed[0]["attended_share_bp"]) == (2, 9500)


async def test_a_dry_run_enters_nobody_in_registry_and_what_follows_does(training: AtWork, registry: PlayedRegistry) -> None:
    content = roster(((await planned(training)).json()["number"], "甲", card(21), *GOOD[2:]))

    dry = await training.import_file("roster", content, validate_only=True)
    wet = await training.import_file("roster", content)

    assert (dry["rows_accepted"], wet["rows_accepted"]) == (1, 1)
    assert [asked.get("validate_only", False) for asked in registry.asked[-2:]] == [True, False]


async def test_registry_is_asked_before_a_row_is_locked(training: AtWork, registry: PlayedRegistry) -> None:
    number = (await planned(training)).json()["number"]
    await training.import_file("roster", roster((number, "甲", card(22), *GOOD[2:])))
    locked: list[int] = []

    async def look() -> None:
        locked.append(await rows_locked(training.running.database, "participation"))

    registry.meanwhile = look
    job = await training.import_file("roster", roster((number, "甲", card(22), "2018-03-01", "95", *GOOD[4:])))

    assert (job["state"], job["rows_accepted"]) == ("DONE", 1)
    assert locked == [0]


async def test_a_roster_waits_while_registry_is_away(training: AtWork, registry: PlayedRegistry) -> None:
    number = (await planned(training)).json()["number"]
    registry.away = 2
    importing = asyncio.create_task(training.import_file("roster", roster((number, "甲", card(23), *GOOD[2:]))))

    async def over() -> bool:
        """What was given back for a moment is taken up at once."""
        async with training.running.database.raw_transaction() as connection:
            await connection.execute("UPDATE job SET claimed_until = now() WHERE claimed_until BETWEEN now() AND now() + interval '10 s'")
        training.running.dropped.ring()
        return importing.done()

    await until(over)
    job = await importing

    assert (registry.away, job["state"], job["rows_accepted"], job["failed_reason"]) == (0, "DONE", 1, None)


async def test_an_institution_imports_only_into_its_own_classes(training: AtWork) -> None:
    number = (await planned(training)).json()["number"]
    stranger = training.account(Role.ORGANISATION, organisation_id=uuid4())
    job = await training.import_file("roster", roster((number, "甲", card(9), *GOOD[2:])), who=stranger)
    assert (job["rows_accepted"], job["rows_refused"]) == (0, 1)


async def test_the_counter_quotes_what_awards_says(training: AtWork) -> None:
    universal = (await planned(training)).json()["id"]
    four_new = (await planned(training, kind="FOUR_NEW")).json()["id"]

    quote = await training.call("POST", f"/training/v1/classes/{universal}/quotes", json={"person_id": str(uuid4())})
    nothing = await training.call("POST", f"/training/v1/classes/{four_new}/quotes", json={"person_id": str(uuid4())})

    assert (quote.json()["due"]["amount"], quote.json()["explanation"]) == ("960.00", "universal-training")
    assert nothing.json()["code"] == "nothing-to-quote"
