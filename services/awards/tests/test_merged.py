"""Two who are found to be one: nothing is owed twice, nothing that was paid is lost, and parted again all is as it was."""

import itertools
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from awards_at_rest import AwardsAtRest, determined, differences
from uuid_utils.compat import uuid7

from awards.parameters.seed import load_seed
from city.lives import Version, newest, repeated
from city.lives import city as lives
from common.database.engine import raw
from common.security.principal import Role
from contracts.registry import Employment, EmploymentEvidence, EmploymentKind, Person

WORKED = {"kind": EmploymentKind.CONTRACT, "evidence": EmploymentEvidence.CONTRACT}


async def settle(city: Any, person: Any) -> None:
    async with city.at_work.running.database.transaction() as session:
        await (await raw(session)).execute("UPDATE entitlement SET settled_fen = due_fen WHERE person_id = $1", person.id)


async def owed(city: Any, person: Any) -> dict[str, tuple[str, str, str]]:
    rows = await city.owed(person_id=person.id)
    return {row["scheme"]: (row["state"], row["due"]["amount"], row["settled"]["amount"]) for row in rows}


def newcomer(city: Any) -> tuple[Any, ...]:
    """A person from elsewhere who has worked here a year; and what says so."""
    person = city.person(area_code="340000").model_copy(update={"elsewhere_before": True})
    job = Employment(id=uuid7(), person_id=person.id, organisation_id=city.enterprise, started_on=date(2017, 3, 1), **WORKED)
    return person, job, city.certificate(person, issued_on=date(2017, 1, 1))


def into(alias: Any, canonical: Any) -> Any:
    return alias.model_copy(update={"merged_into": canonical.id})


async def test_what_both_held_is_owed_once_and_what_one_was_paid_counts(city: Any) -> None:
    (one, *of_one), (other, *of_other) = newcomer(city), newcomer(city)
    await city.teller.tell(one, *of_one, other, *of_other)
    await settle(city, one)
    before = [await owed(city, each) for each in (one, other)]

    await city.teller.tell(into(one, other))

    assert before == [{"newcomer": ("DUE", "2000.00", "2000.00")}, {"newcomer": ("DUE", "2000.00", "0.00")}]
    assert await owed(city, one) == {"newcomer": ("WITHDRAWN", "0.00", "0.00")}
    assert await owed(city, other) == {"newcomer": ("DUE", "2000.00", "2000.00")}

    await city.teller.tell(one)
    assert [await owed(city, each) for each in (one, other)] == before, "parted again, all is as it was"


async def test_what_both_were_paid_stands_as_paid_twice_and_is_due_once(city: Any) -> None:
    (one, *of_one), (other, *of_other) = newcomer(city), newcomer(city)
    await city.teller.tell(one, *of_one, other, *of_other)
    await settle(city, one)
    await settle(city, other)

    await city.teller.tell(into(one, other))

    assert await owed(city, other) == {"newcomer": ("DUE", "2000.00", "4000.00")}


async def test_facts_of_the_alias_are_facts_of_whom_he_was_found_to_be_also_those_that_come_later(city: Any) -> None:
    one, other, course = city.person(), city.person(), city.training_class("SHORTAGE", 3)
    await city.teller.tell(one, other, course, into(one, other))

    await city.teller.tell(held := city.certificate(one, course))
    later = await owed(city, other)
    await city.teller.tell(held.model_copy(update={"revoked_on": date(2018, 6, 1)}))

    assert later == {"shortage-training": ("DUE", "1000.00", "0.00")}
    assert await owed(city, one) == {}
    assert await owed(city, other) == {"shortage-training": ("WITHDRAWN", "0.00", "0.00")}


async def test_two_trainings_of_one_level_under_two_ids_are_paid_once(city: Any) -> None:
    one, other = city.person(), city.person()
    first, second = (city.training_class("UNIVERSAL", 4) for _ in range(2))
    await city.teller.tell(one, other, first, second, city.participation(one, first), city.participation(other, second))
    await settle(city, one)

    await city.teller.tell(into(one, other))

    rows = {(row["state"], row["due"]["amount"], row["settled"]["amount"]) for row in await city.owed(person_id=other.id)}
    assert rows == {("DUE", "960.00", "960.00"), ("DISPLACED", "0.00", "0.00")}


async def test_one_on_a_roster_under_two_ids_took_part_once(city: Any) -> None:
    one, other, course = city.person(), city.person(), city.training_class("UNIVERSAL", 4)
    await city.teller.tell(one, other, course, city.participation(one, course), city.participation(other, course, attended_share_bp=7_000))

    await city.teller.tell(into(one, other))

    assert await owed(city, other) == {"universal-training": ("DUE", "960.00", "0.00")}


async def test_whoever_was_delivered_under_two_ids_counts_once_for_the_earlier_partner(city: Any) -> None:
    one, other = city.person(), city.person()
    await city.teller.tell(one, other, city.placement(one.id), city.placement(other.id, started_on=date(2018, 6, 1)))
    year = f"/awards/v1/partners/{city.partner}/years/2018"
    before = (await city.at_work.call("GET", year)).json()["persons"]

    await city.teller.tell(into(one, other))
    merged = (await city.at_work.call("GET", year)).json()["persons"]
    pages = (await city.at_work.call("GET", f"{year}/placements")).json()["items"]
    await city.teller.tell(one)

    assert (before, merged, (await city.at_work.call("GET", year)).json()["persons"]) == (2, 1, 2)
    assert sorted(page["counts"] for page in pages) == [False, True]


async def test_an_aliass_page_is_the_page_of_whom_he_was_found_to_be(city: Any) -> None:
    one, other, course = city.person(), city.person(), city.training_class("SHORTAGE", 3)
    await city.teller.tell(one, other, course, city.certificate(other, course), into(one, other))
    himself = city.at_work.account(Role.PERSON, person_id=one.id)

    pages = [(await city.at_work.call("GET", f"/awards/v1/people/{each.id}/explanations")).json()["schemes"] for each in (one, other)]
    seen = (await city.at_work.call("GET", "/awards/v1/entitlements", who=himself)).json()["items"]

    assert pages[0] == pages[1]
    assert [row["scheme"] for row in seen] == ["shortage-training"]


async def test_what_was_ruled_and_paid_on_paper_follows_the_person(city: Any) -> None:
    one, other, course = city.person(), city.person(), city.training_class("SHORTAGE", 3)
    await city.teller.tell(one, other, course, city.certificate(one, course))
    (row,) = await city.owed(person_id=one.id)
    body = {"kind": "RENOUNCED", "entitlement_id": row["id"], "first_on": "2018-12-01", "paper_number": "1", "reason": "放弃"}
    proposed = (await city.at_work.call("POST", "/awards/v1/rulings", json=body, who="clerk")).json()
    await city.at_work.call("POST", f"/awards/v1/rulings/{proposed['id']}:decide", version=1)

    await city.teller.tell(into(one, other))

    assert await owed(city, other) == {"shortage-training": ("DISPLACED", "0.00", "0.00")}


TODAY = date(2019, 2, 20)


def with_merges(published: Sequence[Version], chance: Random) -> list[Version]:
    """The same lives, in which some persons are found to be another, are parted again, and found anew."""
    last = {each.fact.id: each for each in sorted(published, key=lambda each: each.number) if isinstance(each.fact, Person)}
    one, *others = sorted(last)
    log = list(published)
    for alias in others[: len(others) // 2 + 1]:
        person, number = last[alias]
        states = chance.choice([[one], [one, None], [one, None, one], [others[-1], one]])
        log += [Version(person.model_copy(update={"merged_into": into}), number + nth) for nth, into in enumerate(states, start=1)]
    return log


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
async def test_merges_in_any_order_end_in_what_the_facts_determine(at_rest: AwardsAtRest, seed: int) -> None:
    chance = Random(seed)
    log = with_merges(lives(Random(seed), UUID(int=seed), quarters=1, persons=9), chance)
    told = repeated(log, chance, length=len(log) * 4 // 3)
    chance.shuffle(told)
    cuts = sorted(chance.sample(range(1, len(told)), k=8))

    await at_rest.begin_anew(TODAY)
    for first, last in itertools.pairwise([0, *cuts, len(told)]):
        await at_rest.hear(told[first:last])
        if chance.random() < 0.6:
            await at_rest.reconciler.until_clean()
    await at_rest.reconciler.until_clean()

    books = await at_rest.books()
    assert not await at_rest.failures()
    assert not differences(books, determined(newest(log), load_seed(), TODAY))
    assert any(name[0] == "owed" for name in books), "a city in which something is owed"
