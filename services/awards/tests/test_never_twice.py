"""Nobody is paid twice for the same, and what was paid is never pushed aside: rows settled, in doubt, displaced, quoted."""

from datetime import date
from typing import Any

from uuid_utils.compat import uuid7

from common.database.engine import raw
from contracts.training import ClassState, Designation, Mandate


async def both(city: Any) -> tuple[Any, Any, Any, Any]:
    """A person, his completed universal class (720.00) and its participation, and a shortage class (1,000.00) of the same trade and level."""
    person, universal = city.person(), city.training_class("UNIVERSAL", 3, price_fen=90_000)
    taken, shortage = city.participation(person, universal, charged_fen=0), city.training_class("SHORTAGE", 3)
    designation = Designation(
        id=uuid7(), organisation_id=city.institution, tender_number="T2", occupation=universal.occupation, level_code=3, price_fen=100_000,
        valid_from=date(2018, 1, 1), valid_to=date(2020, 12, 31),
    )  # fmt: skip
    await city.teller.tell(person, universal, taken, shortage, designation)
    return person, universal, taken, shortage


async def settle(city: Any, scheme: str) -> None:
    async with city.at_work.running.database.transaction() as session:
        await (await raw(session)).execute("UPDATE entitlement SET settled_fen = due_fen WHERE scheme = $1", scheme)


async def states(city: Any, person: Any) -> dict[str, tuple[str, str]]:
    return {row["scheme"]: (row["state"], row["due"]["amount"]) for row in await city.owed(person_id=person.id)}


async def test_what_was_paid_stands_and_a_later_higher_ground_is_topped_up_to_the_difference_for_the_same_payee(city: Any) -> None:
    person, _, taken, shortage = await both(city)
    await settle(city, "universal-training")

    await city.teller.tell(city.certificate(person, shortage))
    paid = await states(city, person)
    await city.teller.tell(taken.model_copy(update={"attended_share_bp": None}))
    in_doubt = await states(city, person)
    await city.teller.tell(taken.model_copy(update={"attended_share_bp": 7_000}))
    fallen = await states(city, person)

    assert paid == {"universal-training": ("DUE", "720.00"), "shortage-training": ("DUE", "280.00")}
    assert in_doubt == {"universal-training": ("AWAITING", "0.00"), "shortage-training": ("DUE", "280.00")}
    assert fallen == {"universal-training": ("WITHDRAWN", "0.00"), "shortage-training": ("DUE", "1000.00")}


async def test_a_difference_is_told_as_such_and_stays_when_it_is_paid(city: Any) -> None:
    person, _, _, shortage = await both(city)
    await settle(city, "universal-training")
    await city.teller.tell(held := city.certificate(person, shortage))
    await settle(city, "shortage-training")
    await city.teller.tell(held.model_copy(update={"issued_on": date(2018, 6, 1)}))

    (row,) = await city.owed(person_id=person.id, scheme="shortage-training")
    assert (row["due"]["amount"], row["would_be"]["amount"], row["settled"]["amount"]) == ("280.00", "1000.00", "280.00")
    assert row["displaced_by_scheme"] == "universal-training"
    assert await states(city, person) == {"universal-training": ("DUE", "720.00"), "shortage-training": ("DUE", "280.00")}
    told = (await city.at_work.call("GET", f"/awards/v1/entitlements/{row['id']}/explanation")).json()
    assert told["text"].endswith("不重复补贴：同一职业同一等级的培训已计入另一项《普惠制职业技能培训补贴》；补足差额 280.00 元")
    assert told["left"]["amount"] == "280.00"
    replayed = (await city.at_work.call("GET", f"/awards/v1/decisions/{row['decision_id']}/replay")).json()
    assert replayed["is_equal"]
    assert replayed["amount"]["amount"] == "1000.00"


async def test_what_was_paid_to_another_stands_against_a_later_higher_ground_until_it_falls(city: Any) -> None:
    person, _, taken, _ = await both(city)
    other = uuid7()
    mandate = Mandate(
        id=uuid7(), organisation_id=other, occupation="2015:6-18-02-04", level_code=3, catalogue_year=2018, valid_from=date(2018, 1, 1),
        valid_to=date(2018, 12, 31),
    )  # fmt: skip
    shortage = city.training_class("SHORTAGE", 3, organiser_id=other)
    await settle(city, "universal-training")

    await city.teller.tell(mandate, shortage, city.certificate(person, shortage))
    paid = await states(city, person)
    await city.teller.tell(taken.model_copy(update={"attended_share_bp": None}))
    in_doubt = await states(city, person)
    await city.teller.tell(taken.model_copy(update={"attended_share_bp": 7_000}))
    fallen = await states(city, person)

    assert paid == {"universal-training": ("DUE", "720.00"), "shortage-training": ("DISPLACED", "0.00")}
    assert in_doubt == {"universal-training": ("AWAITING", "0.00"), "shortage-training": ("DISPLACED", "0.00")}
    assert fallen == {"universal-training": ("WITHDRAWN", "0.00"), "shortage-training": ("DUE", "1000.00")}


async def test_what_was_not_paid_and_is_in_doubt_keeps_nobody_out(city: Any) -> None:
    person, _, taken, shortage = await both(city)

    await city.teller.tell(city.certificate(person, shortage), taken.model_copy(update={"attended_share_bp": None}))

    assert await states(city, person) == {"universal-training": ("AWAITING", "0.00"), "shortage-training": ("DUE", "1000.00")}


async def test_a_cancelled_class_earns_nothing_whatever_its_roster_says(city: Any) -> None:
    person, universal, _, shortage = await both(city)
    await city.teller.tell(city.certificate(person, shortage, level_code=3))

    await city.teller.tell(*(course.model_copy(update={"state": ClassState.CANCELLED}) for course in (universal, shortage)))

    assert {state for state, _ in (await states(city, person)).values()} == {"WITHDRAWN"}


async def test_two_certificates_of_one_class_are_owed_once_and_told_so(city: Any) -> None:
    person, course = city.person(), city.training_class("SHORTAGE", 3)
    await city.teller.tell(person, course, city.certificate(person, course), city.certificate(person, course, issued_on=date(2018, 6, 20)))

    assert [row["due"]["amount"] for row in await city.owed(person_id=person.id)] == ["1000.00"]
    page = (await city.at_work.call("GET", f"/awards/v1/people/{person.id}/explanations")).json()
    told = {scheme["scheme"]: scheme["explanations"] for scheme in page["schemes"]}["shortage-training"]
    assert sorted(each["displaced_by_scheme"] or "" for each in told) == ["", "shortage-training"]
    assert sum("不重复补贴：同一职业同一等级的培训已计入另一项《紧缺高技能人才培训资助》" in each["text"] for each in told) == 1


async def test_a_quote_promises_nothing_that_is_owed_already(city: Any) -> None:
    person, universal, _, _ = await both(city)
    again = city.training_class("UNIVERSAL", 3, price_fen=80_000, starts_on=date(2018, 12, 10), ends_on=date(2019, 2, 1), state="PLANNED")
    other = city.training_class("UNIVERSAL", 4, starts_on=date(2018, 12, 10), ends_on=date(2019, 2, 1), state="PLANNED")

    quotes = [
        (
            await city.at_work.call(
                "POST",
                "/awards/v1/quotes",
                json={"scheme": "universal-training", "person_id": str(person.id), "class": course.model_dump(mode="json")},
            )
        ).json()
        for course in (again, other, universal)
    ]

    assert [quote["due"] and quote["due"]["amount"] for quote in quotes] == [None, "960.00", "720.00"]
    assert quotes[0]["explanation"].endswith("不重复补贴：同一职业同一等级的培训已计入另一项《普惠制职业技能培训补贴》")


async def test_a_certificate_entered_for_the_wrong_person_is_owed_for_the_right_one(city: Any) -> None:
    one, other, course = city.person(), city.person(), city.training_class("SHORTAGE", 3)
    held = city.certificate(one, course)
    await city.teller.tell(one, other, course, held)

    for wrong, right in ((one, other), (other, one)):
        await city.teller.tell(held.model_copy(update={"person_id": right.id}))
        assert await states(city, wrong) == {"shortage-training": ("WITHDRAWN", "0.00")}
        assert await states(city, right) == {"shortage-training": ("DUE", "1000.00")}
