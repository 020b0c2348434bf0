"""From facts to what is owed, over the bus and REST: each of the four schemes, corrections, and the words that explain it."""

from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from awards.policy.schemes import SCHEMES
from common.security.principal import Role
from contracts.certification import RevocationReason
from contracts.matching import Agreement, AgreementKind
from contracts.registry import Employment, EmploymentEvidence, EmploymentKind
from contracts.training import Designation


async def test_a_completed_class_is_owed_and_explained(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))

    (row,) = await city.owed(person_id=person.id)
    explanation = (await city.at_work.call("GET", f"/awards/v1/entitlements/{row['id']}/explanation")).json()

    assert (row["scheme"], row["state"], row["due"]["amount"]) == ("universal-training", "DUE", "960.00")
    assert (row["payee_kind"], row["payee_id"]) == ("ORGANISATION", str(city.institution))
    assert explanation["outcome"] == "GRANTED"
    assert [line["holds"] for line in explanation["lines"]] == [True] * 6
    assert "960.00 元" in explanation["text"]


async def test_a_participation_whose_class_arrives_later_is_owed_then(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, city.participation(person, course))
    before = await city.owed(person_id=person.id)

    await city.teller.tell(course)

    assert before == []
    assert [row["due"]["amount"] for row in await city.owed(person_id=person.id)] == ["960.00"]


async def test_a_revoked_certificate_withdraws_what_it_earned_and_a_correction_brings_it_back(city: Any) -> None:
    person, course = city.person(), city.training_class("SHORTAGE", 3)
    held = city.certificate(person, course)
    await city.teller.tell(person, course, held)
    due = await city.owed(person_id=person.id)

    await city.teller.tell(held.model_copy(update={"revoked_on": date(2018, 11, 1), "revocation_reason": RevocationReason.ISSUED_IN_ERROR}))
    revoked = await city.owed(person_id=person.id)
    await city.teller.tell(held)
    again = await city.owed(person_id=person.id)

    assert [(row["state"], row["due"]["amount"]) for row in (*due, *revoked, *again)] == [
        ("DUE", "1000.00"), ("WITHDRAWN", "0.00"), ("DUE", "1000.00"),
    ]  # fmt: skip
    assert due[0]["id"] == again[0]["id"]
    decisions = (await city.at_work.call("GET", f"/awards/v1/entitlements/{due[0]['id']}/decisions")).json()["items"]
    assert [decision["outcome"] for decision in decisions] == ["GRANTED", "REFUSED", "GRANTED"]
    for decision in decisions:
        replayed = (await city.at_work.call("GET", f"/awards/v1/decisions/{decision['id']}/replay")).json()
        assert replayed["is_equal"]


async def test_one_occupation_and_level_is_paid_once_and_the_loser_returns(city: Any) -> None:
    person, shortage = city.person(), city.training_class("SHORTAGE", 3)
    universal = city.training_class("UNIVERSAL", 3, price_fen=90_000)
    held = city.certificate(person, shortage)
    await city.teller.tell(
        person, shortage, universal, held, city.participation(person, universal, charged_fen=0),
        city_designation(city),
    )  # fmt: skip
    rows = {row["scheme"]: row for row in await city.owed(person_id=person.id)}

    assert (rows["shortage-training"]["state"], rows["universal-training"]["state"]) == ("DUE", "DISPLACED")
    assert rows["universal-training"]["would_be"]["amount"] == "720.00"
    assert rows["universal-training"]["displaced_by_scheme"] == "shortage-training"

    await city.teller.tell(held.model_copy(update={"revoked_on": date(2018, 11, 1), "revocation_reason": RevocationReason.FRAUD}))
    rows = {row["scheme"]: row for row in await city.owed(person_id=person.id)}
    assert (rows["shortage-training"]["state"], rows["universal-training"]["state"]) == ("WITHDRAWN", "DUE")


def city_designation(city: Any) -> Any:
    return Designation(
        id=uuid7(), organisation_id=city.institution, tender_number="T2", occupation="2015:6-18-02-04", level_code=3, price_fen=100_000,
        valid_from=date(2018, 1, 1), valid_to=date(2020, 12, 31),
    )  # fmt: skip


async def test_ninety_nine_hundred_and_a_hundred_and_one(city: Any) -> None:
    placements = [city.placement() for _ in range(101)]
    await city.teller.tell(*placements[:99])
    page = await partner_year(city)
    assert (page["persons"], page["explanation"]["outcome"], page["one_more_adds"]["amount"]) == (99, "REFUSED", "20000.00")
    assert await city.owed(scheme="partner-bonus") == []

    await city.teller.tell(placements[99])
    assert await accruing(city) == ("ACCRUING", "20000.00", "0.00")
    await city.teller.tell(placements[100])
    assert await accruing(city) == ("ACCRUING", "20200.00", "0.00")

    cancelled = placements[0].model_copy(update={"cancelled_on": date(2018, 11, 30)})
    await city.teller.tell(cancelled)
    assert await accruing(city) == ("ACCRUING", "20000.00", "0.00")
    await city.teller.tell(placements[0])
    assert await accruing(city) == ("ACCRUING", "20200.00", "0.00")

    await city.advance(date(2019, 1, 31))
    assert await accruing(city) == ("ACCRUING", "20200.00", "0.00")
    await city.advance(date(2019, 2, 1))
    assert await accruing(city) == ("DUE", "0.00", "20200.00")


async def partner_year(city: Any) -> dict[str, Any]:
    answer = await city.at_work.call("GET", f"/awards/v1/partners/{city.partner}/years/2018")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def accruing(city: Any) -> tuple[str, str, str]:
    (row,) = await city.owed(scheme="partner-bonus")
    return row["state"], row["accruing"]["amount"], row["due"]["amount"]


async def test_a_person_delivered_twice_counts_once_for_the_earlier_and_moves_when_it_falls(city: Any) -> None:
    other, person_id = uuid7(), uuid7()

    agreed = Agreement(
        id=uuid7(),
        partner_id=other,
        kind=AgreementKind.DELIVERY,
        is_outside_province=False,
        signed_on=date(2018, 1, 1),
        expires_on=date(2018, 12, 31),
    )
    early, late = city.placement(person_id), city.placement(person_id, partner_id=other, started_on=date(2018, 8, 1))
    await city.teller.tell(agreed, late, early)

    assert (await partner_year(city))["persons"] == 1
    items = (await city.at_work.call("GET", f"/awards/v1/partners/{other}/years/2018/placements")).json()["items"]
    assert [(item["counts"], item["because"]) for item in items] == [(False, "该人员已计入另一条输送记录（一人一生只计一次）")]

    await city.teller.tell(early.model_copy(update={"cancelled_on": date(2018, 11, 1)}))
    assert (await partner_year(city))["persons"] == 0
    items = (await city.at_work.call("GET", f"/awards/v1/partners/{other}/years/2018/placements")).json()["items"]
    assert [item["counts"] for item in items] == [True]


async def test_only_the_clock_brings_the_newcomers_anniversary(city: Any) -> None:

    person = city.person(area_code="340100")
    job = Employment(
        id=uuid7(), person_id=person.id, organisation_id=city.enterprise, kind=EmploymentKind.CONTRACT, started_on=date(2018, 2, 1),
        evidence=EmploymentEvidence.CONTRACT,
    )  # fmt: skip
    await city.teller.tell(person, job, city.certificate(person, issued_on=date(2017, 5, 1)))
    assert await city.owed(person_id=person.id) == []

    await city.advance(date(2019, 1, 31))
    before = await city.owed(person_id=person.id)
    await city.advance(date(2019, 2, 1))
    (row,) = await city.owed(person_id=person.id)

    assert before == []
    assert (row["scheme"], row["state"], row["due"]["amount"], row["payee_kind"]) == ("newcomer", "DUE", "2000.00", "PERSON")


async def test_why_not_me(city: Any) -> None:
    person, course = city.person(area_code="340100"), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))
    who = city.at_work.account(Role.PERSON, person_id=person.id)

    page = (await city.at_work.call("GET", f"/awards/v1/people/{person.id}/explanations", who=who)).json()
    schemes = {scheme["scheme"]: scheme for scheme in page["schemes"]}

    (told,) = schemes["universal-training"]["explanations"]
    assert (told["outcome"], [line["title"] for line in told["lines"] if line["holds"] is False]) == (
        "REFUSED",
        ["本市户籍，或缴纳社会保险满六个月"],
    )
    assert schemes["newcomer"]["explanations"] == []
    assert "工作满一年" in schemes["newcomer"]["asks_for"]
    other = await city.at_work.call("GET", f"/awards/v1/people/{uuid7()}/explanations", who=who)
    assert other.status_code == 404


async def test_each_sees_his_own(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))
    call, account = city.at_work.call, city.at_work.account
    (row,) = await city.owed(person_id=person.id)
    roles = {
        "himself": account(Role.PERSON, person_id=person.id), "another": account(Role.PERSON, person_id=uuid7()),
        "payee": account(Role.ORGANISATION, organisation_id=city.institution), "stranger": account(Role.ORGANISATION, organisation_id=uuid7()),
    }  # fmt: skip

    seen = {name: (await call("GET", f"/awards/v1/entitlements/{row['id']}", who=who)).status_code for name, who in roles.items()}

    assert seen == {"himself": 200, "another": 404, "payee": 200, "stranger": 404}


async def test_a_quote_at_the_counter(city: Any) -> None:
    person = city.person()
    await city.teller.tell(person)
    course = city.training_class(starts_on=date(2018, 12, 10), ends_on=date(2019, 2, 1), state="PLANNED")
    body = {"scheme": "universal-training", "person_id": str(person.id), "class": course.model_dump(mode="json")}

    quote = (await city.at_work.call("POST", "/awards/v1/quotes", json=body)).json()

    assert (quote["outcome"], quote["due"]["amount"]) == ("GRANTED", "960.00")
    assert await city.owed(person_id=person.id) == []


async def test_rule_pages_and_figures_are_what_runs(city: Any) -> None:
    pages = (await city.at_work.call("GET", "/awards/v1/schemes")).json()["items"]
    figures = (await city.at_work.call("GET", "/awards/v1/parameters")).json()["items"]

    assert [page["clause"] for page in pages] == [scheme.clause for scheme in SCHEMES]
    named = {(each["name"], each["title"]) for page in pages for each in page["parameters"]}
    assert named <= {(figure["parameter"], figure["title"]) for figure in figures}
    assert not any(sign in condition["rule"] for page in pages for condition in page["conditions"] for sign in "≤≥<>_")
    assert all(UUID(hex=page["hash"]) for page in pages)
