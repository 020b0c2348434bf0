"""What awards keeps itself: earlier payments and rulings stand in the way, for as long as they stand."""

from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from common.security.principal import Role
from contracts.certification import Occupation
from contracts.training import Designation

WELDER = "2015:6-18-02-04"


async def act(city: Any, path: str, body: dict[str, Any] | None = None, *, by: str = "officer", version: int | None = None) -> Any:
    """One act over REST, and everything that follows from it."""
    answer = await city.at_work.call("POST", f"/awards/v1{path}", json=body, who=by, version=version)
    await city.teller.settled()
    return answer


async def trained(city: Any, level_code: int = 3) -> tuple[Any, Any]:
    """A person of whose universal class 720.00 are owed to the institution."""
    person, course = city.person(), city.training_class("UNIVERSAL", level_code, price_fen=90_000)
    designation = Designation(
        id=uuid7(), organisation_id=city.institution, tender_number="T2", occupation=WELDER, level_code=level_code, price_fen=100_000,
        valid_from=date(2018, 1, 1), valid_to=date(2020, 12, 31),
    )  # fmt: skip
    await city.teller.tell(person, course, city.participation(person, course, charged_fen=0), designation)
    return person, course


async def owed(city: Any, person_id: UUID) -> list[tuple[str, str, str | None]]:
    rows = await city.owed(person_id=person_id)
    return sorted((row["state"], row["due"]["amount"], row["displaced_by_scheme"]) for row in rows)


def paid(payee: UUID, person: Any, amount: str, **changed: Any) -> dict[str, Any]:
    return {
        "scheme": "universal-training", "beneficiary_kind": "ORGANISATION", "beneficiary_id": str(payee), "person_id": str(person.id),
        "occupation": WELDER, "level_code": 3, "amount": {"amount": amount, "currency": "CNY"}, "paid_on": "2017-06-30",
        "paper_number": "2017-12",
    } | changed  # fmt: skip


async def occupation(city: Any) -> None:
    await city.teller.tell(Occupation(id=uuid7(), occupation=WELDER, name="焊工"))


async def test_what_was_paid_on_paper_to_the_same_payee_is_topped_up_and_counts_for_nothing_once_withdrawn(city: Any) -> None:
    person, _ = await trained(city)
    await occupation(city)

    loaded = await act(city, "/prior-payments", paid(city.institution, person, "500.00"))
    assert loaded.status_code == 201, loaded.text
    topped_up = await owed(city, person.id)
    withdrawn = await act(city, f"/prior-payments/{loaded.json()['id']}:withdraw", version=1)
    assert withdrawn.status_code == 200, withdrawn.text

    assert topped_up == [("DUE", "220.00", "prior-payment")]
    assert await owed(city, person.id) == [("DUE", "720.00", None)]
    assert (await act(city, f"/prior-payments/{loaded.json()['id']}:withdraw", version=2)).json()["code"] == "already-withdrawn"


async def test_what_was_paid_on_paper_to_another_is_not_owed_again(city: Any) -> None:
    person, _ = await trained(city)
    await occupation(city)

    await act(city, "/prior-payments", paid(uuid7(), person, "500.00"))

    assert await owed(city, person.id) == [("DISPLACED", "0.00", "prior-payment")]
    page = (await city.at_work.call("GET", f"/awards/v1/people/{person.id}/explanations")).json()
    told = {scheme["scheme"]: scheme["explanations"] for scheme in page["schemes"]}["universal-training"]
    assert "不重复补贴：系统启用前已就同一事项支付" in told[0]["text"]


async def test_a_paper_that_does_not_tell_what_it_paid_for_is_refused(city: Any) -> None:
    person, _ = await trained(city)
    await occupation(city)
    whole = paid(city.institution, person, "500.00")

    refused = [
        (await act(city, "/prior-payments", whole | changed)).json()["code"]
        for changed in (
            {"occupation": None}, {"level_code": None}, {"person_id": None}, {"scheme": "nothing"}, {"paid_on": "2018-12-02"},
            {"occupation": "2015:6-18-02-99"},
        )
    ]  # fmt: skip
    twice = [(await act(city, "/prior-payments", whole)).status_code for _ in range(2)]

    assert refused == ["too-little-told", "too-little-told", "too-little-told", "scheme-not-told", "paid-in-future", "too-little-told"]
    assert twice == [201, 409]


async def ruled(city: Any, **what: Any) -> Any:
    """Proposed by a clerk and decided by an officer."""
    body = {"first_on": "2018-12-01", "paper_number": "2018-7", "reason": "查实"} | what
    proposed = await act(city, "/rulings", body, by="clerk")
    assert proposed.status_code == 201, proposed.text
    decided = await act(city, f"/rulings/{proposed.json()['id']}:decide", version=1)
    assert decided.status_code == 200, decided.text
    return decided.json()


async def test_an_entitlement_is_removed_by_two_people_and_returns_when_a_third_reverses_it(city: Any) -> None:
    person, _ = await trained(city)
    (row,) = await city.owed(person_id=person.id)
    body = {"kind": "REMOVED", "entitlement_id": row["id"], "first_on": "2018-12-01", "paper_number": "2018-7", "reason": "查实"}

    proposed = (await act(city, "/rulings", body)).json()
    only_proposed = await owed(city, person.id)
    alone = await act(city, f"/rulings/{proposed['id']}:decide", version=1)
    other = city.at_work.account(Role.OFFICER)
    decided = await act(city, f"/rulings/{proposed['id']}:decide", version=1, by=other)
    removed = await owed(city, person.id)
    again = await act(city, "/rulings", body)
    by_decider = await act(city, f"/rulings/{proposed['id']}:reverse", version=2, by=other)
    await act(city, f"/rulings/{proposed['id']}:reverse", version=2)

    assert only_proposed == [("DUE", "720.00", None)]
    assert alone.json()["code"] == "ruling-decided-by-its-proposer"
    assert decided.json()["state"] == "MADE"
    assert removed == [("DISPLACED", "0.00", "ruling")]
    assert again.json()["code"] == "already-ruled"
    assert by_decider.json()["code"] == "ruling-reversed-by-its-decider"
    assert await owed(city, person.id) == [("DUE", "720.00", None)]


async def test_nothing_is_paid_for_a_banned_person_through_the_last_day_of_the_ban(city: Any) -> None:
    person, _ = await trained(city)

    await ruled(city, kind="BANNED", beneficiary_kind="PERSON", beneficiary_id=str(person.id), last_on="2018-12-10")

    during = await owed(city, person.id)
    await city.advance(date(2018, 12, 10))
    on_the_last_day = await owed(city, person.id)
    await city.advance(date(2018, 12, 11))
    assert during == on_the_last_day == [("DISPLACED", "0.00", "ruling")]
    assert await owed(city, person.id) == [("DUE", "720.00", None)]


async def test_nothing_is_paid_to_a_banned_organisation_for_whomever_it_is_owed(city: Any) -> None:
    people = [await trained(city, level_code) for level_code in (3, 4)]
    other, _ = await trained(city, 2)

    await ruled(
        city, kind="BANNED", beneficiary_kind="ORGANISATION", beneficiary_id=str(city.institution), last_on="2018-12-31"
    )  # fmt: skip

    for person, _ in (*people, (other, None)):
        assert {state for state, _, _ in await owed(city, person.id)} == {"DISPLACED"}
    late, _ = await trained(city, 5)
    assert {state for state, _, _ in await owed(city, late.id)} == {"DISPLACED"}, "also of whoever comes while it lasts"
    await city.advance(date(2019, 1, 1))
    for person, _ in (*people, (other, None), (late, None)):
        assert {state for state, _, _ in await owed(city, person.id)} == {"DUE"}


async def test_a_partners_year_is_not_paid_while_the_partner_is_banned(city: Any) -> None:
    await city.teller.tell(*(city.placement(uuid7()) for _ in range(100)))
    before = [row["state"] for row in await city.owed(payee_id=city.partner)]

    ban = await ruled(city, kind="BANNED", beneficiary_kind="ORGANISATION", beneficiary_id=str(city.partner))

    during = [(row["state"], row["accruing"]["amount"], row["would_be"]["amount"]) for row in await city.owed(payee_id=city.partner)]
    await act(city, f"/rulings/{ban['id']}:reverse", version=2, by=city.at_work.account(Role.OFFICER))
    assert before == ["ACCRUING"]
    assert during == [("DISPLACED", "0.00", "20000.00")]
    assert [row["state"] for row in await city.owed(payee_id=city.partner)] == ["ACCRUING"]


async def test_a_ruling_says_what_it_concerns(city: Any) -> None:
    person, _ = await trained(city)
    (row,) = await city.owed(person_id=person.id)
    whole = {"first_on": "2018-12-01", "paper_number": "2018-7", "reason": "查实"}
    of_him = {"beneficiary_kind": "PERSON", "beneficiary_id": str(person.id)}

    refused = [
        (await act(city, "/rulings", whole | wrong)).json()["code"]
        for wrong in (
            {"kind": "REMOVED", **of_him}, {"kind": "REMOVED", "entitlement_id": str(uuid7())}, {"kind": "BANNED"},
            {"kind": "BANNED", **of_him, "scheme": "newcomer"}, {"kind": "BANNED", **of_him, "last_on": "2018-11-30"},
            {"kind": "RENOUNCED", "entitlement_id": row["id"], "last_on": "2019-01-01"}, {"kind": "DISCRETION_USED", **of_him},
        )
    ]  # fmt: skip

    nothing = "ruling-concerns-nothing"
    assert refused == [nothing, "not-found", nothing, nothing, "ends-before-it-begins", "only-bans-end", nothing]
