"""Matching over REST, by file and over the bus: lives of placements, agreements and years, and the counts that follow."""

import io
from datetime import date
from itertools import permutations
from typing import Any
from uuid import uuid4

import httpx2
import xlsxwriter

from common.identifiers.uscc import complete_uscc
from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.played_registry import PlayedRegistry, rows_locked
from common.testing.telling import Teller
from contracts.certification import Certificate, CertificateKind, EvaluationMode, RevocationReason
from contracts.registry import Organisation, OrganisationKind, OrganisationSpan

PATH = "/matching/v1/placements"
SCHOOL, FACTORY, NOBODY = (
    complete_uscc(f"{kind}320599{number}") for kind, number in (("12", "MB000001"), ("91", "MA1MC0Q1"), ("91", "MA1MC0Q2"))
)
HEADERS = ["合作单位统一社会信用代码", "姓名", "证件号码", "用人单位名称", "用人单位统一社会信用代码", "上岗日期", "凭据"]


async def reported(matching: AtWork, *, who: str = "officer", **changed: Any) -> httpx2.Response:
    body = {
        "person_id": str(uuid4()),
        "partner_id": str(uuid4()),
        "employer_id": str(uuid4()),
        "started_on": "2018-07-01",
        "evidence": "CONTRACT",
    }
    return await matching.call("POST", PATH, json=body | changed, who=who)


async def act(matching: AtWork, placement: dict[str, Any], verb: str, *, version: int, **body: Any) -> httpx2.Response:
    return await matching.call("POST", f"{PATH}/{placement['id']}:{verb}", json=body or None, version=version)


async def counts(matching: AtWork, teller: Teller, partner_id: str) -> tuple[int, int, dict[str, int]]:
    await teller.settled()
    page = (await matching.call("GET", f"/matching/v1/partners/{partner_id}/referral-counts?year=2018")).json()
    return page["delivered"], page["employed"], page["certified_by_level"]


def certificate(person_id: str, **changed: Any) -> Certificate:
    values = {
        "id": uuid4(), "person_id": person_id, "occupation": "2015:6-18-02-04", "level_code": 3, "mode": EvaluationMode.SOCIAL_APPRAISAL,
        "kind": CertificateKind.QUALIFICATION, "issued_on": date(2018, 5, 20), "body_id": uuid4(),
    }  # fmt: skip
    return Certificate.model_validate(values | changed)


async def test_a_placement_is_confirmed_cancelled_and_confirmed_again(matching: AtWork, teller: Teller) -> None:
    placement = (await reported(matching)).json()
    partner = placement["partner_id"]
    seen = [await counts(matching, teller, partner)]

    answers = [await act(matching, placement, "confirm", version=1)]
    seen.append(await counts(matching, teller, partner))
    answers.append(await act(matching, placement, "cancel", version=2, cancelled_on="2018-11-30"))
    seen.append(await counts(matching, teller, partner))
    answers.append(await act(matching, placement, "confirm", version=3))
    seen.append(await counts(matching, teller, partner))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert seen == [(1, 0, {}), (1, 1, {}), (0, 0, {}), (1, 1, {})]
    assert (answers[2].json()["confirmed_on"], answers[2].json()["cancelled_on"]) == ("2018-12-01", None)


async def test_what_cannot_be_is_refused_by_name(matching: AtWork) -> None:
    placement = (await reported(matching)).json()
    same = {name: placement[name] for name in ("person_id", "partner_id", "employer_id", "started_on")}
    await act(matching, placement, "confirm", version=1)
    codes = [
        await reported(matching, **same),
        await reported(matching, started_on="2018-12-02"),
        await act(matching, placement, "confirm", version=2),
        await act(matching, placement, "cancel", version=2, cancelled_on="2018-06-30"),
        await act(matching, placement, "cancel", version=2, cancelled_on="2018-12-02"),
    ]
    await act(matching, placement, "cancel", version=2, cancelled_on="2018-11-30")
    codes.append(await act(matching, placement, "cancel", version=3, cancelled_on="2018-11-30"))

    assert [answer.json()["code"] for answer in codes] == [
        "already-reported", "starts-in-future", "already-confirmed", "cancelled-outside-its-time", "cancelled-outside-its-time", "already-cancelled",
    ]  # fmt: skip


async def test_certificates_count_by_level_and_a_revoked_one_does_not(matching: AtWork, teller: Teller) -> None:
    placement = (await reported(matching)).json()
    person, partner = placement["person_id"], placement["partner_id"]
    low, high = certificate(person, level_code=4), certificate(person, level_code=3)

    await teller.tell(low, high)
    both = await counts(matching, teller, partner)
    await teller.tell(high.model_copy(update={"revoked_on": date(2018, 11, 1), "revocation_reason": RevocationReason.FRAUD}))
    one = await counts(matching, teller, partner)

    assert (both, one) == ((1, 0, {"3": 1}), (1, 0, {"4": 1}))


async def test_any_order_and_duplication_of_a_certificates_versions_ends_the_same(matching: AtWork, teller: Teller) -> None:
    placements = [(await reported(matching)).json() for _ in range(6)]
    for order, placement in zip(permutations((1, 2, 3)), placements, strict=True):
        held = certificate(placement["person_id"])
        states = {1: held, 2: held.model_copy(update={"level_code": 2}), 3: held.model_copy(update={"level_code": 1})}
        await teller.publish(*(teller.event(states[version], version=version) for version in (*order, *order)))

    assert {tuple((await counts(matching, teller, placement["partner_id"]))[2].items()) for placement in placements} == {(("1", 1),)}


async def test_one_person_counts_for_each_partner_that_reported_him_and_once_for_each(matching: AtWork, teller: Teller) -> None:
    first = (await reported(matching)).json()
    again = await reported(matching, person_id=first["person_id"], partner_id=first["partner_id"])
    other = (await reported(matching, person_id=first["person_id"])).json()

    assert again.status_code == 201
    assert (await counts(matching, teller, first["partner_id"]), await counts(matching, teller, other["partner_id"])) == (
        (1, 0, {}),
        (1, 0, {}),
    )


async def test_a_partner_reports_and_sees_only_its_own(matching: AtWork) -> None:
    own = uuid4()
    partner = matching.account(Role.ORGANISATION, organisation_id=own)
    mine = await reported(matching, who=partner, partner_id=str(own))
    others = (await reported(matching)).json()

    refused = await reported(matching, who=partner)
    read = await matching.call("GET", f"{PATH}/{others['id']}", who=partner)
    confirmed = await matching.call("POST", f"{PATH}/{mine.json()['id']}:confirm", who=partner, version=1)
    listed = (await matching.call("GET", PATH, who=partner)).json()["items"]

    assert (mine.status_code, refused.status_code, read.status_code, confirmed.status_code) == (201, 404, 404, 403)
    assert [item["id"] for item in listed] == [mine.json()["id"]]


async def test_many_are_confirmed_at_once(matching: AtWork, teller: Teller) -> None:
    partner = str(uuid4())
    ids = [(await reported(matching, partner_id=partner)).json()["id"] for _ in range(3)]
    unknown = str(uuid4())
    body = {"placement_ids": [*ids, unknown]}

    await matching.running.rest()  # what it says stays in the outbox
    parent = f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"
    confirmed = await matching.call("POST", f"{PATH}:confirm", json=body, headers={"traceparent": parent})
    repeated = await matching.call("POST", f"{PATH}:confirm", json=body)
    first, again = confirmed.json()["items"], repeated.json()["items"]

    named = matching.app.state.consistency_tokens.read(confirmed.headers["Consistency-Token"])
    assert sorted((str(seen.id), seen.version) for seen in named) == sorted((id_, 2) for id_ in ids)
    assert "Consistency-Token" not in repeated.headers, "nothing was written"
    async with matching.running.database.raw_transaction() as connection:
        traces = await connection.fetch("SELECT DISTINCT trace_parent FROM outbox WHERE type LIKE '%placement.confirmed%'")
    assert [row["trace_parent"].split("-")[1] for row in traces] == [parent.split("-")[1]]
    matching.running.work()
    assert {item["placement_id"]: item["confirmed"] for item in first} == {**dict.fromkeys(ids, True), unknown: False}
    assert not any(item["confirmed"] for item in again)
    assert await counts(matching, teller, partner) == (3, 3, {})


async def test_what_was_cancelled_is_confirmed_again_only_by_itself(matching: AtWork) -> None:
    made = (await reported(matching)).json()
    await matching.call("POST", f"{PATH}/{made['id']}:cancel", json={"cancelled_on": made["started_on"]}, version=1)

    among_many = (await matching.call("POST", f"{PATH}:confirm", json={"placement_ids": [made["id"]]})).json()["items"]
    by_itself = await matching.call("POST", f"{PATH}/{made['id']}:confirm", version=2)

    assert [item["confirmed"] for item in among_many] == [False]
    assert (by_itself.status_code, by_itself.json()["cancelled_on"]) == (200, None)


async def test_a_correction_cannot_make_two_of_one(matching: AtWork) -> None:
    one, person, partner = uuid4(), str(uuid4()), str(uuid4())
    first = (await reported(matching, person_id=person, partner_id=partner, employer_id=str(one))).json()
    second = (await reported(matching, person_id=person, partner_id=partner)).json()

    answer = await matching.call(
        "POST", f"{PATH}/{second['id']}:correct", version=1,
        json={name: first[name] for name in ("employer_id", "started_on", "evidence")},
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (409, "already-reported")


async def test_a_reporting_year_closes_when_its_day_has_passed(matching: AtWork) -> None:
    path = "/matching/v1/reporting-years"
    early = await matching.call("POST", path, json={"year": 2018, "closes_on": "2018-11-30"})
    year = (await matching.call("POST", path, json={"year": 2018, "closes_on": "2019-01-31"})).json()
    open_ = await matching.call("POST", f"{path}/{year['id']}:close", version=1)
    await matching.call("POST", "/matching/v1/operations/business-day:advance", json={"day": "2019-02-01"})
    closed = await matching.call("POST", f"{path}/{year['id']}:close", version=1)
    late = await reported(matching)

    assert (early.json()["code"], open_.json()["code"]) == ("closes-before-year-ends", "year-still-open")
    assert (closed.json()["is_closed"], late.json()["code"]) == (True, "year-is-closed")


async def test_agreements_are_signed_renewed_and_ended(matching: AtWork) -> None:
    body = {"number": "HZ-1", "partner_id": str(uuid4()), "signed_on": "2018-01-01", "expires_on": "2018-12-31"}
    made = await matching.call("POST", "/matching/v1/agreements", json=body)
    twice = await matching.call("POST", "/matching/v1/agreements", json=body)
    path = f"/matching/v1/agreements/{made.json()['id']}"
    shorter = await matching.call("POST", f"{path}:renew", json={"expires_on": "2018-12-31"}, version=1)
    renewed = await matching.call("POST", f"{path}:renew", json={"expires_on": "2019-12-31"}, version=1)
    ended = await matching.call("POST", f"{path}:end", json={"ended_on": "2019-06-01"}, version=2)
    again = await matching.call("POST", f"{path}:end", json={"ended_on": "2019-06-01"}, version=3)

    assert (made.status_code, twice.json()["code"], shorter.json()["code"]) == (201, "agreement-number-taken", "not-longer")
    assert (renewed.json()["expires_on"], ended.json()["ended_on"], again.json()["code"]) == (
        "2019-12-31",
        "2019-06-01",
        "agreement-already-ended",
    )


async def test_a_file_of_placements(matching: AtWork, teller: Teller) -> None:
    ids = {code: uuid4() for code in (SCHOOL, FACTORY)}
    span = OrganisationSpan(kind=OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1))
    for code, id_ in ids.items():
        await teller.tell(Organisation(id=id_, uscc=code, name=code, spans=(span,)))
    good = (SCHOOL, "甲", card(1), "甲厂", FACTORY, "2018-07-01", "劳动合同")
    rows = [
        good,
        good,
        (SCHOOL, "乙", card(2), "甲厂", NOBODY, "2018-07-01", "劳动合同"),
        (SCHOOL, "丙", card(3), "甲厂", FACTORY, "2018-12-02", "劳动合同"),
        (SCHOOL, "丁", "320599199001010014", "甲厂", FACTORY, "2018-07-01", "劳动合同"),
        (SCHOOL, "戊", card(5), "甲厂", FACTORY, "2018-07-01", "口头"),
    ]

    job = await matching.import_file("placements", sheet(*rows))
    faults = {
        row["row_number"]: row["faults"][0]["code"]
        for row in (await matching.call("GET", f"/matching/v1/jobs/{job['id']}/rows")).json()["items"]
    }
    again = await matching.import_file("placements", sheet(good, (SCHOOL, "己", card(6), "甲厂", FACTORY, "2018-07-02", "社会保险")))

    assert (job["state"], job["rows_accepted"], job["rows_refused"]) == ("DONE", 1, 5)
    assert faults == {
        3: "duplicate-row",
        4: "organisation-unknown",
        5: "date-in-future",
        6: "id-card-check-digit-wrong",
        7: "value-unknown",
    }
    assert again["rows_accepted"] == 2
    assert await counts(matching, teller, str(ids[SCHOOL])) == (2, 0, {})


async def test_a_file_asks_registry_before_it_locks_a_row_and_in_a_dry_run_only_asks(
    matching: AtWork, teller: Teller, registry: PlayedRegistry
) -> None:
    span = OrganisationSpan(kind=OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1))
    await teller.tell(*(Organisation(id=uuid4(), uscc=code, name=code, spans=(span,)) for code in (SCHOOL, FACTORY)))
    by_contract, locked = (SCHOOL, "甲", card(1), "甲厂", FACTORY, "2018-07-01", "劳动合同"), list[int]()

    async def look() -> None:
        locked.append(await rows_locked(matching.running.database, "placement"))

    jobs = [await matching.import_file("placements", sheet(by_contract), validate_only=only) for only in (True, False)]
    registry.meanwhile = look
    jobs.append(await matching.import_file("placements", sheet((*by_contract[:-1], "社会保险"))))

    assert [job["rows_accepted"] for job in jobs] == [1, 1, 1]
    assert [asked.get("validate_only", False) for asked in registry.asked] == [True, False, False]
    assert locked == [0]


async def test_a_partner_changes_by_file_only_what_no_clerk_has_confirmed(matching: AtWork, teller: Teller) -> None:
    school, factory = uuid4(), uuid4()
    span = OrganisationSpan(kind=OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1))
    await teller.tell(*(Organisation(id=id_, uscc=code, name=code, spans=(span,)) for code, id_ in ((SCHOOL, school), (FACTORY, factory))))
    partner = matching.account(Role.ORGANISATION, organisation_id=school)
    by_contract = [(SCHOOL, "甲", card(nth), "甲厂", FACTORY, "2018-07-01", "劳动合同") for nth in (1, 2)]
    await matching.import_file("placements", sheet(*by_contract), who=partner)
    confirmed, open_ = (await matching.call("GET", "/matching/v1/placements", who=partner)).json()["items"]
    await matching.call("POST", f"/matching/v1/placements/{confirmed['id']}:confirm", version=1)

    by_insurance = [(*row[:-1], "社会保险") for row in by_contract]
    of_partner = await matching.import_file("placements", sheet(*by_insurance), who=partner)
    faults = (await matching.call("GET", f"/matching/v1/jobs/{of_partner['id']}/rows", who=partner)).json()["items"]
    kept = await matching.call("GET", f"/matching/v1/placements/{confirmed['id']}")
    of_clerk = await matching.import_file("placements", sheet(*by_insurance), who="clerk")
    changed = await matching.call("GET", f"/matching/v1/placements/{confirmed['id']}")

    assert (of_partner["rows_accepted"], [fault["code"] for row in faults for fault in row["faults"]]) == (1, ["already-confirmed"])
    assert (kept.json()["evidence"], open_["evidence"]) == ("CONTRACT", "CONTRACT")
    assert (of_clerk["rows_accepted"], changed.json()["evidence"]) == (2, "INSURANCE")


def card(number: int) -> str:
    """An ID number of the unassigned county, with its check digit."""
    body = f"3205991990010{number % 9 + 1}{number:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "10X98765432"[total % 11]


def sheet(*rows: tuple[Any, ...]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet()
        for at, row in enumerate([HEADERS, *rows]):
            for column, value in enumerate(row):
                page.write_string(at, column, value)
    return content.getvalue()
