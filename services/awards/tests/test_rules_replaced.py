"""While versions of the code follow each other: whoever computes by replaced rules answers nothing, and all is computed anew by those in force."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from awards.app import service
from awards.equipment import RulesReplaced, equip
from common.bus.facts import Heard
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import AtWork, at_work
from common.testing.telling import Teller
from contracts import registry


@pytest.fixture
async def quiet(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    """Awards without its loops."""
    async with at_work(service, postgres, first_day=date(2018, 12, 1), worker=False) as started:
        yield started


async def hear_of_somebody(awards: AtWork) -> UUID:
    person = registry.Person(id=uuid7(), birth_month="1990-01")
    async with awards.running.database.raw_transaction() as connection:
        await awards.running.facts.keep(connection, [Heard(Teller(awards).event(person), person)])
    return person.id


async def is_dirty(awards: AtWork, person: UUID) -> bool:
    async with awards.running.database.raw_transaction() as connection:
        dirty: bool = await connection.fetchval("SELECT dirty > clean FROM dossier WHERE kind = 'person' AND id = $1", str(person))
    return dirty


async def test_replaced_rules_answer_nothing_and_set_nothing_aside(quiet: AtWork) -> None:
    person = await hear_of_somebody(quiet)
    async with quiet.running.database.raw_transaction() as connection:
        await connection.execute("UPDATE in_force SET hash = 'of a newer version'")

    with pytest.raises(RulesReplaced):
        await quiet.running.reconciler().run()

    assert await is_dirty(quiet, person)
    async with quiet.running.database.raw_transaction() as connection:
        assert await connection.fetchval("SELECT count(*) FROM dossier WHERE failures > 0") == 0


async def test_a_start_with_other_rules_computes_everything_anew(quiet: AtWork) -> None:
    person = await hear_of_somebody(quiet)
    await quiet.running.reconciler().until_clean()
    assert not await is_dirty(quiet, person)
    async with quiet.running.database.raw_transaction() as connection:
        await connection.execute("UPDATE in_force SET hash = 'of an older version'")

    await equip(quiet.running)

    assert await is_dirty(quiet, person)
    await quiet.running.reconciler().until_clean()
    assert not await is_dirty(quiet, person)
