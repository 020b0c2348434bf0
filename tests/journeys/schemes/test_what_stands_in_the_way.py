"""Between rules and money, lived: what was paid on paper, what people rule, and two entries that are found to be one person."""

from typing import Any

import pytest
from market_town import WELDER, Town

pytestmark = pytest.mark.slow


async def trained(town: Town, number: str, *people: str) -> str:
    """A universal class of a new institution that these people have completed: 900.00 for each; the institution."""
    institution = await town.organisation("TRAINING_BODY")
    await town.made(
        "/training/v1/designations",
        {
            "organisation_id": institution, "tender_number": f"ZB-{number}", "occupation": WELDER, "level_code": 5,
            "price": {"amount": "900.00", "currency": "CNY"}, "valid_from": "2017-01-01", "valid_to": "2019-12-31",
        },
    )  # fmt: skip
    course = await town.made(
        "/training/v1/classes",
        {
            "number": f"PH-{number}", "kind": "UNIVERSAL", "organiser_id": institution, "occupation": WELDER, "level_code": 5,
            "starts_on": "2018-03-01", "ends_on": "2018-05-01",
        },
    )  # fmt: skip
    for person in people:
        taken = await town.made("/training/v1/participations", {"person_id": person, "class_id": course, "enrolled_on": "2018-02-20"})
        await town.act(
            f"/training/v1/participations/{taken}", "complete", completed_on="2018-05-01", attended_share_bp=9_000, result="PASSED"
        )
    return institution


async def on_paper(town: Town, person: str, payee: str, amount: str) -> str:
    return await town.made(
        "/awards/v1/prior-payments",
        {
            "scheme": "universal-training", "beneficiary_kind": "ORGANISATION", "beneficiary_id": payee, "person_id": person, "occupation": WELDER,
            "level_code": 5, "amount": {"amount": amount, "currency": "CNY"}, "paid_on": "2016-06-30", "paper_number": "2016-9",
        },
    )  # fmt: skip


async def ruled(town: Town, **what: Any) -> str:
    """Proposed by the clerk, decided by the officer."""
    clerk = await town.agency("clerk")
    body = {"first_on": "2018-06-01", "paper_number": "2018-7", "reason": "查实"} | what
    proposed = await clerk.create("/awards/v1/rulings", body)
    await town.act(f"/awards/v1/rulings/{proposed['id']}", "decide")
    return str(proposed["id"])


async def test_what_was_paid_on_paper_is_topped_up_for_the_same_payee_and_not_paid_again_to_another(town: Town) -> None:
    same, other = await town.person(), await town.person()
    institution = await trained(town, "101", same, other)

    loaded = await on_paper(town, same, institution, "400.00")
    await on_paper(town, other, await town.organisation("TRAINING_BODY"), "400.00")

    assert await town.owed(person_id=same) == [("universal-training", "DUE", "500.00")]
    assert await town.owed(person_id=other) == [("universal-training", "DISPLACED", "0.00")]
    await town.act(f"/awards/v1/prior-payments/{loaded}", "withdraw")
    assert await town.owed(person_id=same) == [("universal-training", "DUE", "900.00")]


async def test_nothing_is_paid_to_a_banned_institution_for_whomever_it_is_owed(town: Town) -> None:
    person = await town.person()
    institution = await trained(town, "102", person)

    await ruled(town, kind="BANNED", beneficiary_kind="ORGANISATION", beneficiary_id=institution, last_on="2030-12-31")
    assert await town.owed(payee_id=institution) == [("universal-training", "DISPLACED", "0.00")]


async def test_what_an_objection_removed_stays_removed_whatever_is_heard_later(town: Town) -> None:
    person = await town.person()
    await trained(town, "103", person)
    await town.settled()
    (row,) = [each async for each in town.officer.every("/awards/v1/entitlements", person_id=person)]

    await ruled(town, kind="REMOVED", entitlement_id=row["id"])
    removed = await town.owed(person_id=person)
    await town.employed(person, await town.organisation(), "2018-05-02")

    assert removed == await town.owed(person_id=person) == [("universal-training", "DISPLACED", "0.00")]


async def test_two_entries_that_are_one_person_are_owed_once_and_parted_again_as_before(town: Town) -> None:
    one, other = await town.person(), await town.person()
    await trained(town, "104", one)
    await trained(town, "105", other)
    before = [await town.owed(person_id=each) for each in (one, other)]

    await town.act(
        f"/registry/v1/people/{one}", "merge", canonical_id=other, reason="NUMBER_WRONG", paper_number="张公证〔2018〕7号"
    )  # fmt: skip
    merged = [await town.owed(person_id=each) for each in (one, other)]
    await town.act(f"/registry/v1/people/{one}", "unmerge")

    assert before == [[("universal-training", "DUE", "900.00")]] * 2
    assert merged[0] == [("universal-training", "WITHDRAWN", "0.00")]
    assert sorted(merged[1]) == [("universal-training", "DISPLACED", "0.00"), ("universal-training", "DUE", "900.00")]
    again = [[row for row in await town.owed(person_id=each) if row[1] != "WITHDRAWN"] for each in (one, other)]
    assert again == before
