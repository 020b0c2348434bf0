"""Figures change by two persons, with what it moves before their eyes, and take effect at once, only for those whom they concern."""

from datetime import date
from typing import Any

import pytest
from deciding import PROPOSALS, Officers, figure
from test_organisations import A, B, Class, payment
from uuid_utils.compat import uuid7

from common.database.engine import raw
from common.security.principal import Role
from contracts import registry

ROWS = """
    SELECT scheme, entitlement_key, state, due_fen, accruing_fen, would_be_fen, settled_fen, payee_id, version FROM entitlement
"""


@pytest.fixture
def officers(city: Any) -> Officers:
    return Officers(city.at_work)


async def rows(city: Any) -> dict[tuple[str, str], dict[str, Any]]:
    async with city.at_work.running.database.raw_transaction() as connection:
        return {(row["scheme"], row["entitlement_key"]): dict(row) for row in await connection.fetch(ROWS)}


async def changed(city: Any, statement: str, *values: Any) -> None:
    async with city.at_work.running.database.transaction() as session:
        assert not (await (await raw(session)).execute(statement, *values)).endswith(" 0")


async def small_population(city: Any) -> None:
    """Trained in March and in June, certified, displaced, delivered."""
    march = city.training_class()
    june = city.training_class(starts_on=date(2018, 6, 1), ends_on=date(2018, 8, 1))
    shortage = city.training_class("SHORTAGE", 3)
    facts: list[Any] = [march, june, shortage]
    for nth in range(6):
        person = city.person()
        facts += [person, city.participation(person, (march, june)[nth % 2], completed_on=date(2018, 8, 1), charged_fen=12_000)]
        if nth < 3:
            facts += [city.certificate(person, shortage)]
    shop = uuid7()
    span = registry.OrganisationSpan(
        kind=registry.OrganisationKind.SOLE_TRADER, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)
    )
    facts += [registry.Organisation(id=shop, uscc="92320582MA1MC0Q16X", name="乙铺", spans=(span,))]
    facts += [*(city.placement() for _ in range(101)), *(city.placement(employer_id=shop) for _ in range(2))]
    await city.teller.tell(*facts)
    course = Class(city)
    await course.open()
    await course.be(payment(A, course.student, 70_000), payment(B, course.student, 60_000))


async def moves_of(city: Any, proposal_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    async with city.at_work.running.database.raw_transaction() as connection:
        found = await connection.fetch("SELECT * FROM parameter_preview_move WHERE proposal_id = $1", proposal_id)
    return {(row["scheme"], row["entitlement_key"]): dict(row) for row in found}


CHANGES = {
    "a rate from a day on": [figure("universal-training.rate", {"4": 9000, "3": 8000}, "2018-06-01")],
    "all three sums, one of them back to the beginning": [
        figure("shortage-training.amount", {"3": 150000, "2": 200000, "1": 300000}, "2015-01-01", replaces="2015-01-01"),
        figure("partner-bonus.per_person", 25000, "2018-01-01"),
    ],
    "a threshold that nobody reaches": [figure("partner-bonus.threshold", 102, "2018-01-01")],
    "a scheme that is disabled": [figure("shortage-training.amount", None, "2018-01-01")],
    "a figure past its review": [figure("shortage-training.amount", {"3": 100000}, "2018-01-01", reviewed_until="2018-02-01")],
    "a cap that a class's sponsors share": [figure("sponsored-class.most_for_a_student", 90_000, "2018-01-01")],
    "another payee": [figure("shortage-training.payee", "TRAINEE", "2018-01-01")],
    "a scheme that begins later": [figure("partner-bonus.live_from", "2019-06-01", "2018-01-01")],
    "who counts for a partner": [figure("partner-bonus.sole_traders_count", True, "2018-01-01")],
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_preview_says_row_by_row_and_to_the_fen_what_deciding_it_does(city: Any, officers: Officers, change: str) -> None:
    await small_population(city)
    before = await rows(city)
    made = await officers.propose(*CHANGES[change])
    preview = await officers.previewed(made["id"])
    foreseen = await moves_of(city, made["id"])
    assert await rows(city) == before, "looking moves nothing"

    assert (await officers.act("decide", made["id"], who=officers.decider)).json()["state"] == "IN_FORCE"
    await city.teller.settled()

    after = await rows(city)
    moved = {key: row for key, row in after.items() if row != before.get(key)}
    assert foreseen.keys() == moved.keys()
    assert moved
    sums = ("state", "due_fen", "accruing_fen", "would_be_fen")
    for key, row in moved.items():
        was = before.get(key, dict.fromkeys(sums, 0) | {"state": None})
        told = foreseen[key]
        assert (told["payee_id"], told["state_before"], told["state_after"]) == (row["payee_id"], was["state"], row["state"])
        for name in ("due", "accruing", "would_be"):
            assert (told[f"{name}_before_fen"], told[f"{name}_after_fen"]) == (was[f"{name}_fen"], row[f"{name}_fen"])
    differences = [sum(row[name] - before.get(key, {}).get(name, 0) for name in ("due_fen", "accruing_fen")) for key, row in moved.items()]
    total = preview["total"]
    assert total["entitlements"] == len(moved)
    assert total["up"]["amount"] == f"{sum(max(0, each) for each in differences) / 100:.2f}"
    assert total["down"]["amount"] == f"{sum(max(0, -each) for each in differences) / 100:.2f}"


async def test_only_dossiers_that_the_figure_concerns_are_computed_anew(city: Any, officers: Officers) -> None:
    march, june = city.training_class(), city.training_class(starts_on=date(2018, 6, 1), ends_on=date(2018, 8, 1))
    early, late = city.person(), city.person()
    await city.teller.tell(
        march, june, early, late, city.participation(early, march), city.participation(late, june, completed_on=date(2018, 8, 1))
    )
    marks = "SELECT id, dirty FROM dossier WHERE kind = 'person'"
    async with city.at_work.running.database.raw_transaction() as connection:
        before = dict(await connection.fetch(marks))

    preview = await officers.put_in_force(figure("universal-training.rate", {"4": 7000}, "2018-06-01"))
    await city.teller.settled()

    async with city.at_work.running.database.raw_transaction() as connection:
        after = dict(await connection.fetch(marks))
        causes = await connection.fetch("SELECT DISTINCT cause, urgency FROM dossier WHERE id = $1", str(late.id))
    assert {id_: dirty - before[id_] for id_, dirty in after.items()} == {str(early.id): 0, str(late.id): 1}
    assert (preview["dossiers_found"], preview["dossiers_done"]) == (1, 1)
    assert [(row["cause"].partition(":")[0], row["urgency"]) for row in causes] == [("parameters", 2)]


async def test_who_proposes_does_not_decide(city: Any, officers: Officers) -> None:
    made = await officers.propose(figure("newcomer.amount", 250000, "2019-01-01"))
    await officers.previewed(made["id"])

    alone = await officers.act("decide", made["id"], who=officers.proposer)

    assert (alone.status_code, alone.json()["code"]) == (409, "decided-by-its-proposer")
    assert (await city.at_work.call("GET", f"{PROPOSALS}/{made['id']}")).json()["state"] == "PROPOSED"


async def test_beyond_the_brakes_limits_a_third_is_needed(city: Any, officers: Officers) -> None:
    await small_population(city)
    await officers.put_in_force(figure("brake.most_entitlements", 2, "1900-01-01", replaces="1900-01-01"))
    before = await rows(city)
    made = await officers.propose(figure("shortage-training.amount", {"3": 150000, "2": 200000, "1": 300000}, "2018-01-01"))
    assert (await officers.previewed(made["id"]))["needs_third"] is True

    braked = await officers.act("decide", made["id"], who=officers.decider)
    again = [await officers.act(verb, made["id"], who=officers.decider) for verb in ("decide", "confirm")]
    himself = await officers.act("confirm", made["id"], who=officers.proposer)
    await city.teller.settled()

    assert braked.json()["state"] == "BRAKED"
    assert [answer.json()["code"] for answer in (*again, himself)] == ["awaits-confirmation", *["confirmed-by-the-same"] * 2]
    assert await rows(city) == before, "nothing moves before the third has looked"

    released = await officers.act("confirm", made["id"], who=officers.third)
    await city.teller.settled()
    assert (released.json()["state"], released.json()["confirmed_by"]) == ("IN_FORCE", officers.third)
    assert {row["due_fen"] for (scheme, _), row in (await rows(city)).items() if scheme == "shortage-training"} == {150_000}


async def test_the_brake_measures_money_too_and_its_limits_themselves_pass(city: Any, officers: Officers) -> None:
    await small_population(city)
    await officers.put_in_force(figure("brake.most_money", 150_000, "1900-01-01", replaces="1900-01-01"))
    raised = [{"3": 150_000}, {"3": 150_001}]

    made = [await officers.propose(figure("shortage-training.amount", value, "2018-01-01")) for value in raised]

    assert [(await officers.previewed(each["id"]))["needs_third"] for each in made] == [False, True], "three persons, 500 yuan each"


async def test_what_is_settled_stays_settled_and_the_difference_is_said(city: Any, officers: Officers) -> None:
    shortage, persons = city.training_class("SHORTAGE", 3), [city.person(), city.person()]
    await city.teller.tell(shortage, *persons, *(city.certificate(person, shortage) for person in persons))
    await changed(city, "UPDATE entitlement SET settled_fen = 100000 WHERE person_id = $1", persons[0].id)

    raised = await officers.put_in_force(figure("shortage-training.amount", {"3": 120000}, "2018-01-01"))
    await city.teller.settled()
    (row,) = await city.owed(person_id=persons[0].id)
    assert (row["settled"]["amount"], row["due"]["amount"]) == ("1000.00", "1200.00")
    assert {name: raised["total"][name] for name in ("settled", "entitlements")} == {"settled": 1, "entitlements": 2}
    assert [raised["total"][name]["amount"] for name in ("payable", "debt")] == ["200.00", "0.00"]

    stopped = await officers.put_in_force(figure("shortage-training.amount", None, "2018-01-01", replaces="2018-01-01"))
    await city.teller.settled()
    (row,) = await city.owed(person_id=persons[0].id)
    assert (row["settled"]["amount"], row["due"]["amount"], row["state"]) == ("1000.00", "0.00", "WITHDRAWN")
    assert [stopped["total"][name]["amount"] for name in ("payable", "debt")] == ["0.00", "1000.00"]


async def test_a_preview_of_other_days_or_other_figures_decides_nothing(city: Any, officers: Officers) -> None:
    first = await officers.propose(figure("newcomer.amount", 250000, "2019-01-01"))
    second = await officers.propose(figure("newcomer.gap_days", 45, "2019-01-01"))
    for made in (first, second):
        await officers.previewed(made["id"])
    await officers.act("decide", first["id"], who=officers.decider)

    outdated = await officers.act("decide", second["id"], who=officers.decider)
    await officers.act("preview", second["id"], who=officers.proposer)
    await officers.previewed(second["id"])
    decided = await officers.act("decide", second["id"], who=officers.decider)

    assert (outdated.status_code, outdated.json()["code"]) == (409, "preview-outdated")
    assert decided.json()["state"] == "IN_FORCE"


async def test_a_refused_proposal_never_comes_in_force(city: Any, officers: Officers) -> None:
    made = await officers.propose(figure("newcomer.amount", 250000, "2019-01-01"))
    await officers.previewed(made["id"])

    refused = await officers.act("refuse", made["id"], who=officers.decider, json={"because": "文号有误"})

    assert (refused.json()["state"], refused.json()["refused_because"]) == ("REFUSED", "文号有误")
    late = await officers.act("decide", made["id"], who=officers.decider)
    assert late.json()["code"] == "proposal-is-closed"


REFUSED = {
    "no-such-parameter": figure("newcomer.amuont", 1, "2019-01-01"),
    "figure-below-floor": figure("shortage-training.amount", {"3": 99_999}, "2019-01-01"),
    "figures-overlap": figure("newcomer.amount", 250_000, "2015-01-01"),
    "wrong-shape": figure("shortage-training.amount", 100_000, "2019-01-01"),
    "wrong-unit": figure("universal-training.rate", {"4": 10_001}, "2019-01-01"),
    "unknown-level": figure("shortage-training.amount", {"7": 100_000}, "2019-01-01"),
    "unknown-choice": figure("shortage-training.payee", "SOMEBODY", "2019-01-01"),
    "figure-unreadable": figure("newcomer.live_from", "2019-13-01", "2019-01-01"),
    "nothing-to-replace": figure("newcomer.amount", 250_000, "2019-01-01", replaces="2018-01-01"),
    "nothing-changes": figure("newcomer.amount", 200_000, "2015-01-01", replaces="2015-01-01", paper="意见第十一款"),
}


@pytest.mark.parametrize("code", REFUSED)
async def test_what_does_not_fit_is_refused_by_name(city: Any, officers: Officers, code: str) -> None:
    body = {"figures": [REFUSED[code]], "reason": "试验"}

    answer = await city.at_work.call("POST", PROPOSALS, json=body, who=officers.proposer)

    assert answer.json()["code"] == code, answer.text


async def test_yes_and_no_by_section_are_decided_as_such_and_numbers_in_their_place_refused(city: Any, officers: Officers) -> None:
    numbers = {"figures": [figure("newcomer.industries", {"3": 1}, "2018-06-01")], "reason": "试验"}
    answer = await city.at_work.call("POST", PROPOSALS, json=numbers, who=officers.proposer)
    assert answer.json()["code"] == "wrong-unit", answer.text

    await officers.put_in_force(figure("newcomer.industries", {"3": True, "6": False}, "2018-06-01"))

    figures = (await city.at_work.call("GET", "/awards/v1/parameters")).json()["items"]
    held = {each["effective_from"]: each["value"] for each in figures if each["parameter"] == "newcomer.industries"}
    assert held["2018-06-01"] == {"3": True, "6": False}


async def test_the_history_of_a_parameter_has_both_axes(city: Any, officers: Officers) -> None:
    await officers.put_in_force(figure("newcomer.amount", 250_000, "2018-06-01"))
    between = (await city.at_work.call("GET", "/awards/v1/parameters/newcomer.amount")).json()["figures"][-1]["known_since"]
    await officers.put_in_force(figure("newcomer.amount", 260_000, "2018-06-01", replaces="2018-06-01"))

    page = (await city.at_work.call("GET", "/awards/v1/parameters/newcomer.amount")).json()
    then = (await city.at_work.call("GET", "/awards/v1/parameters", params={"known_at": between})).json()["items"]

    assert (page["unit"], page["clause"], page["title"]) == ("FEN", "R11.d", "一次性奖励标准")
    seen = [(each["value"], each["effective_from"], each["known_until"] is None, each["proposal_id"] is None) for each in page["figures"]]
    assert seen == [
        (200_000, "2015-01-01", True, True), (250_000, "2018-06-01", False, False), (260_000, "2018-06-01", True, False),
    ]  # fmt: skip
    assert [each["value"] for each in then if each["parameter"] == "newcomer.amount"] == [200_000, 250_000]


async def test_auditors_read_proposals_and_change_nothing(city: Any, officers: Officers) -> None:
    await small_population(city)
    made = await officers.propose(figure("shortage-training.amount", {"3": 150_000}, "2018-01-01"))
    await officers.previewed(made["id"])
    auditor = city.at_work.account(Role.AUDITOR)

    listed = await city.at_work.call("GET", PROPOSALS, who=auditor)
    exported = await city.at_work.call("GET", f"{PROPOSALS}/{made['id']}/preview/export", who=auditor)
    decided = await officers.act("decide", made["id"], who=auditor)

    assert [each["id"] for each in listed.json()["items"]] == [made["id"]]
    assert exported.text.count("shortage-training,") == 3
    assert "500.00" in exported.text
    assert decided.status_code == 403
