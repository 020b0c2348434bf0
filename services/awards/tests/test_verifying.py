"""Entitlements held are those due: an edited one is named with person, scheme and both values, and so is whatever it rests on."""

from datetime import date
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from awards.app import service
from common.database.engine import raw
from common.verify.check import CouldNotCheck, Finding, Inspected
from common.verify.command import Result, told
from common.verify.standard import checks_of


def inspected(city: Any) -> Inspected:
    running = city.at_work.running
    return Inspected(service, running.settings, running.database, patience_seconds=0)


async def found(city: Any) -> dict[str, list[Finding]]:
    """By check, those that find anything."""
    named = {check.name: [finding async for finding in check.findings()] for check in checks_of(inspected(city))}
    return {name: findings for name, findings in named.items() if findings}


async def spoil(city: Any, statement: str, *arguments: Any) -> None:
    async with city.at_work.running.database.transaction() as session:
        assert not (await (await raw(session)).execute(statement, *arguments)).endswith(" 0"), statement


@pytest.fixture
async def owed(city: Any) -> Any:
    """Somebody's training, and two persons delivered by one partner."""
    city.trainee, course = city.person(), city.training_class()
    await city.teller.tell(city.trainee, course, city.participation(city.trainee, course))
    city.delivered = [city.person(), city.person()]
    await city.teller.tell(*city.delivered, *(city.placement(person.id) for person in city.delivered))
    await city.advance(date(2019, 1, 2))
    await city.at_work.running.rest()
    return city


async def test_a_calm_city_is_found_right(owed: Any) -> None:
    page: list[str] = []

    assert await told(inspected(owed), page.append) is Result.HOLDS, page
    assert sum("✓" in line for line in page) == 8


EDITS = {
    "due_fen = due_fen + 1": "库中为 DUE 应付 960.01 元，复算为 DUE 应付 960.00 元",
    "due_fen = 0, state = 'WITHDRAWN'": "库中为 WITHDRAWN 0.00 元，复算为 DUE 应付 960.00 元",
    "due_fen = 0, accruing_fen = 96000, state = 'ACCRUING'": "库中为 ACCRUING 预计 960.00 元，复算为 DUE 应付 960.00 元",
    "payee_kind = 'PERSON', payee_id = person_id": "付给：库中为 PERSON",
    "person_id = NULL": "当事人：库中为 无",
}


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edited_entitlement_is_named_with_both_values(owed: Any, edit: str) -> None:
    await spoil(owed, f"UPDATE entitlement SET {edit} WHERE person_id = $1", owed.trainee.id)

    (finding,) = (await found(owed))["应付与所存"]
    assert finding.where == f"person {owed.trainee.id}"
    assert finding.what.startswith("universal-training")
    assert EDITS[edit] in finding.what


async def test_a_deleted_entitlement_is_named(owed: Any) -> None:
    await spoil(owed, "DELETE FROM entitlement WHERE person_id = $1", owed.trainee.id)

    findings = (await found(owed))["应付与所存"]
    assert {finding.where for finding in findings} == {f"person {owed.trainee.id}"}
    assert "库中为无，复算为 DUE 应付 960.00 元" in findings[0].what


async def test_an_entitlement_that_somebody_invented_is_named(owed: Any) -> None:
    nobody = uuid7()
    await spoil(
        owed,
        "INSERT INTO entitlement SELECT (jsonb_populate_record(e, jsonb_build_object('id', $2::uuid, 'dossier_id', $2::text, 'entitlement_key', 'x'))).* "
        "FROM entitlement AS e WHERE person_id = $1",
        owed.trainee.id,
        nobody,
    )

    named = await found(owed)
    assert [(finding.where.startswith(f"person {nobody}"), "有人直接插入" in finding.what) for finding in named["认定记录"]] == [
        (True, True)
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE decision SET amount_fen = 1",
        "UPDATE decision SET state = 'HELD'",
        "DELETE FROM decision",
        "UPDATE entitlement SET version = version + 1",
        "UPDATE entitlement SET decision_id = gen_random_uuid()",
    ],
)
async def test_a_decision_that_does_not_explain_its_entitlement_is_named(owed: Any, damage: str) -> None:
    await spoil(owed, damage)

    named = await found(owed)
    assert f"person {owed.trainee.id}，universal-training" in named["认定记录"][0].where


async def test_who_was_delivered_and_what_a_partners_year_counts_are_recomputed_too(owed: Any) -> None:
    gone = owed.delivered[0].id
    await spoil(owed, "DELETE FROM delivered WHERE person_id = $1", gone)

    findings = (await found(owed))["应付与所存"]
    assert findings[0].where == f"person {gone}"
    assert "输送" in findings[0].what
    assert findings[1].where == f"partner-year {owed.partner}/2018", "which rests on it"


@pytest.mark.parametrize("table", ["ground_participation", "ground_delivery"])
async def test_a_ground_that_is_gone_is_named(owed: Any, table: str) -> None:
    await spoil(owed, f"DELETE FROM {table}")

    assert f"（{table}）" in (await found(owed))["应付与所存"][0].what


async def test_an_edited_or_lost_fact_shows_in_what_is_owed_too(owed: Any) -> None:
    await spoil(owed, """UPDATE replica_training_participation SET state = state || '{"attended_share_bp": 100}'""")

    named = await found(owed)
    assert "被改过" in named["副本"][0].what
    assert f"person {owed.trainee.id}" in {finding.where for finding in named["应付与所存"]}


async def test_other_rules_in_force_than_the_programs_are_no_answer(owed: Any) -> None:
    await spoil(owed, "UPDATE in_force SET hash = 'of another version'")

    with pytest.raises(CouldNotCheck):
        await found(owed)


async def test_looking_changes_nothing(owed: Any) -> None:
    async def everything() -> Any:
        async with owed.at_work.running.database.transaction() as session:
            connection = await raw(session)
            tables = [row["relname"] for row in await connection.fetch("SELECT relname FROM pg_stat_user_tables ORDER BY relname")]
            return {table: await connection.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1") for table in tables}

    await spoil(owed, "UPDATE entitlement SET due_fen = 1 WHERE person_id = $1", owed.trainee.id)
    before = await everything()
    assert await found(owed)
    assert await everything() == before
