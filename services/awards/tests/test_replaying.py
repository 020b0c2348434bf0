"""Every decision is made again from its record alone, bit for bit; one whose rule was replaced too, and it says what today's rule makes of it."""

import json
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from awards_at_rest import AwardsAtRest

from awards.kernel.parameters import Parameters
from awards.kernel.written import read, written
from awards.policy.schemes import BY_ID
from city.lives import city as lives
from common.database.engine import raw

DAYS = (date(2018, 9, 1), date(2018, 12, 1), date(2019, 1, 31), date(2019, 2, 20))
RECORDS = """
    SELECT decision.outcome, amount_fen, business_day, ground::text, tree::text, content::text
    FROM decision JOIN rule ON rule.hash = rule_hash JOIN parameter_set ON parameter_set.hash = parameter_set_hash WHERE ground IS NOT NULL
"""


@pytest.mark.slow
async def test_a_thousand_decisions_replay_bit_for_bit_from_what_is_kept(at_rest: AwardsAtRest) -> None:
    chance = Random(5)
    published = lives(chance, UUID(int=5), quarters=2, persons=900)
    chance.shuffle(published)
    await at_rest.begin_anew(DAYS[0])
    pieces = len(published) // len(DAYS) + 1
    for nth, day in enumerate(DAYS):
        await at_rest.set_day(day)
        await at_rest.hear(published[nth * pieces : (nth + 1) * pieces])
        await at_rest.reconciler.until_clean()

    async with at_rest.running.database.raw_transaction() as connection:
        kept = await connection.fetch(RECORDS)

    rules, sets = {tree: read(json.loads(tree)) for tree in {row["tree"] for row in kept}}, {}
    for row in kept:
        rule = rules[row["tree"]]
        figures = sets.setdefault(row["content"], Parameters.load(json.loads(row["content"])))
        outcome, fen = rule.decide(rule.ground.from_record(json.loads(row["ground"])), figures, row["business_day"])
        assert (outcome.name, fen) == (row["outcome"], row["amount_fen"])
    assert len(kept) >= 1000
    assert len({row["outcome"] for row in kept}) >= 3


async def test_a_decision_whose_rule_was_replaced_replays_by_the_rule_of_then_and_names_what_differs_now(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))
    (owed,) = await city.owed(person_id=person.id)
    scheme = BY_ID["universal-training"]
    older = replace(scheme, conditions=tuple(each for each in scheme.conditions if each.title != "出勤达到要求"))
    async with city.at_work.running.database.transaction() as session:
        connection = await raw(session)
        await connection.execute(
            "INSERT INTO rule (hash, scheme, signature, description, tree, first_used_at) SELECT $1, scheme, signature, description, $2, now() FROM rule WHERE hash = $3",
            older.hash, json.dumps(written(older)), scheme.hash,
        )  # fmt: skip
        changed = "UPDATE decision SET rule_hash = $1, ground = jsonb_set(ground, '{attended_share}', '7000') WHERE id = $2"
        await connection.execute(changed, older.hash, UUID(owed["decision_id"]))

    path = f"/awards/v1/decisions/{owed['decision_id']}/replay"
    then = (await city.at_work.call("GET", path)).json()
    now = (await city.at_work.call("GET", f"{path}?rule=NOW")).json()
    explained = await city.at_work.call("GET", f"/awards/v1/entitlements/{owed['id']}/explanation")

    assert (then["outcome"], then["amount"]["amount"], then["is_equal"], then["differences"]) == ("GRANTED", "960.00", True, [])
    assert (now["outcome"], now["amount"]["amount"], now["is_equal"]) == ("REFUSED", "0.00", False)
    assert now["differences"][0] == "结论：原为“符合” 960.00 元，现为“不符合” 0.00 元"
    assert "条件“出勤达到要求”：原来没有" in now["differences"]
    assert "出勤达到要求" not in explained.text


async def test_a_rule_of_which_only_the_text_was_kept_is_refused_by_name(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))
    (owed,) = await city.owed(person_id=person.id)
    async with city.at_work.running.database.transaction() as session:
        connection = await raw(session)
        await connection.execute(
            "INSERT INTO rule (hash, scheme, signature, description, first_used_at) VALUES ('old', 'universal-training', '', '{}', now())"
        )
        await connection.execute("UPDATE decision SET rule_hash = 'old' WHERE id = $1", UUID(owed["decision_id"]))

    answer = await city.at_work.call("GET", f"/awards/v1/decisions/{owed['decision_id']}/replay")

    assert (answer.status_code, answer.json()["code"]) == (409, "rule-not-kept")
