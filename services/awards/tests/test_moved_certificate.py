"""A certificate that was entered for the wrong person moves to the right one, also when the right one is computed first and alone."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import date

import pytest
from uuid_utils.compat import uuid7

from awards.app import service
from awards.dossiers import dossiers
from common.bus.fact import FactModel
from common.bus.facts import Heard
from common.database.embedded import EmbeddedPostgres
from common.reconciling.dossier import Dossier, Dossiers
from common.reconciling.reconciler import Reconciler
from common.testing.at_work import AtWork, at_work
from common.testing.telling import Teller
from contracts import certification


@pytest.fixture
async def quiet(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    """Awards without its loops."""
    async with at_work(service, postgres, first_day=date(2018, 12, 1), worker=False) as started:
        yield started


async def test_the_right_holder_may_be_computed_before_the_wrong_one(quiet: AtWork) -> None:
    right, wrong = uuid7(), uuid7()  # taken in the order of their ids
    entered = certification.Certificate.model_validate(
        {
            "id": uuid7(), "person_id": wrong, "occupation": "2015:6-18-02-04", "level_code": 3, "mode": "SOCIAL_APPRAISAL",
            "kind": "QUALIFICATION", "issued_on": date(2018, 5, 20), "body_id": uuid7(), "class_id": uuid7(),
        }
    )  # fmt: skip
    teller = Teller(quiet)
    await hear(quiet, teller, entered)
    await one_by_one(quiet).until_clean()
    assert await holders(quiet) == [str(wrong)]

    await hear(quiet, teller, entered.model_copy(update={"person_id": right}))
    await one_by_one(quiet).until_clean()

    assert await holders(quiet) == [str(right)]
    async with quiet.running.database.raw_transaction() as connection:
        assert await connection.fetchval("SELECT count(*) FROM dossier WHERE failures > 0 OR failed_reason IS NOT NULL") == 0


def one_by_one(awards: AtWork) -> Reconciler:
    """A reconciler that computes every dossier alone, and would set aside what fails."""
    alone = Dossiers(dataclasses.replace(each, batch=1) if isinstance(each, Dossier) else each for each in dossiers)
    return Reconciler(awards.running.database, alone, wake=asyncio.Event(), equipment=awards.running.equipment)


async def hear(awards: AtWork, teller: Teller, fact: FactModel) -> None:
    async with awards.running.database.raw_transaction() as connection:
        await awards.running.facts.keep(connection, [Heard(teller.event(fact), fact)])


async def holders(awards: AtWork) -> list[str]:
    async with awards.running.database.raw_transaction() as connection:
        return [row["dossier"] for row in await connection.fetch("SELECT dossier FROM ground_certification ORDER BY dossier")]
