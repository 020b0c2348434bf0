"""The database is the truth about figures: the seed is entered once, and every process computes by what is in force, without a restart."""

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from awards.app import service
from awards.equipment import equip
from awards.kernel.parameters import Parameters
from awards.parameters.history import figures_known_at
from awards.parameters.seed import load_seed
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work

ALL = "SELECT to_jsonb(f)::text AS row FROM parameter_figure AS f ORDER BY id"


@pytest.fixture
async def quiet(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    """Awards without its loops."""
    async with at_work(service, postgres, first_day=date(2018, 12, 1), worker=False) as started:
        yield started


async def said(awards: AtWork, query: str, *values: Any) -> list[Any]:
    async with awards.running.database.raw_transaction() as connection:
        return [tuple(row) for row in await connection.fetch(query, *values)]


async def test_what_the_seed_says_is_entered_once_and_is_what_is_known(quiet: AtWork) -> None:
    before = await said(quiet, ALL)

    await equip(quiet.running)

    assert await said(quiet, ALL) == before
    async with quiet.running.database.transaction() as session:
        assert (await figures_known_at(session)).content() == load_seed().content()
    assert await said(quiet, "SELECT DISTINCT verb, actor FROM audit WHERE subject = 'parameter_figure'") == [("entered", "awards")]


async def test_a_parameter_that_a_later_version_brings_is_added_and_what_was_decided_stays(quiet: AtWork) -> None:
    await said(quiet, "DELETE FROM parameter_figure WHERE parameter = 'newcomer.gap_days'")
    await said(quiet, "UPDATE parameter_figure SET value = '150000' WHERE parameter = 'newcomer.amount'")

    await equip(quiet.running)

    rows = dict(await said(quiet, "SELECT parameter, value::text FROM parameter_figure WHERE parameter LIKE 'newcomer.%'"))
    assert (json.loads(rows["newcomer.gap_days"]), json.loads(rows["newcomer.amount"])) == (31, 150_000)


async def test_a_figure_of_a_parameter_that_this_version_does_not_read_stands_and_is_not_asked(quiet: AtWork) -> None:
    await said(quiet, "UPDATE parameter_figure SET parameter = 'newcomer.of_another_version' WHERE parameter = 'newcomer.gap_days'")

    await equip(quiet.running)

    async with quiet.running.database.transaction() as session:
        assert (await figures_known_at(session)).names() == load_seed().names()
    assert await said(quiet, "SELECT count(*) FROM parameter_figure WHERE parameter = 'newcomer.of_another_version'") == [(1,)]


async def test_a_process_computes_by_the_figures_in_force_though_others_were_when_it_started(city: Any) -> None:
    """Another process has put other figures in force."""
    seed = load_seed()
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))
    assert [row["due"]["amount"] for row in await city.owed(person_id=person.id)] == ["960.00"]
    raised = Parameters.load(seed.content() | {"universal-training.rate": [{"value": {"4": 9000}, "effective_from": "2015-01-01"}]})
    async with city.at_work.running.database.transaction() as session:
        connection = await raw(session)
        await connection.execute(
            "INSERT INTO parameter_set (hash, content, first_used_at) VALUES ($1, $2, now())", raised.hash, json.dumps(raised.content())
        )
        await connection.execute("UPDATE in_force SET figures = $1", raised.hash)

    another = city.person()
    await city.teller.tell(another, city.participation(another, course, charged_fen=0))

    assert [row["due"]["amount"] for row in await city.owed(person_id=another.id)] == ["1080.00"]
    assert (await city.at_work.call("GET", "/awards/v1/parameters")).json()["parameter_set_hash"] == raised.hash
    assert [row["due"]["amount"] for row in await city.owed(person_id=person.id)] == ["960.00"], "nobody has marked her"
