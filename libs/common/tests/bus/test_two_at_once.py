"""Two workers apply two versions of one aggregate at once: whoever the older one named is marked by the newer one, whatever the order."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from lending.app import dossiers
from lending.facts import LoanFact
from lending.model import loans
from uuid_utils.compat import uuid7

from common.bus.event import Event
from common.bus.facts import Facts, Heard
from common.database.engine import Database, raw
from common.reconciling.dossier import Dossiers

LOAN = uuid7()


def heard(version: int, reader: str) -> Heard:
    loan = LoanFact(id=LOAN, reader=reader, days=3)
    event = Event(
        id=uuid7(), type=loan.event_type("lent"), topic=loan.topic, key=loan.key, aggregate_id=loan.id, epoch=1, version=version,
        recorded_at=datetime.now(UTC), cause="test", bulk=False, data=loan.model_dump_json().encode(),
    )  # fmt: skip
    return Heard(event, loan)


async def test_a_reader_whom_a_loan_leaves_is_marked_though_both_versions_arrive_at_once(database: Database) -> None:
    facts = Facts(database, (loans,), Dossiers(dossiers), group="lending", bus_id="test", keeps_history=False)

    async def newer() -> None:
        async with database.transaction() as session:
            await facts.keep(await raw(session), [heard(2, "second")])

    async with database.transaction() as session:
        connection = await raw(session)
        await facts.keep(connection, [heard(1, "first")])
        await connection.execute("UPDATE dossier SET clean = dirty")  # as if the first reader were computed at once
        waiting = asyncio.create_task(newer())
        await _until_somebody_waits(database)
    await waiting

    assert await _dirty(database) == {"first", "second"}
    assert await _reader(database) == "second"


async def _until_somebody_waits(database: Database) -> None:
    """Until the newer version stands before the row that the older one holds."""
    while True:
        async with database.transaction() as session:
            if await (await raw(session)).fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                return


async def _dirty(database: Database) -> set[str]:
    async with database.transaction() as session:
        rows = await (await raw(session)).fetch("SELECT id FROM dossier WHERE kind = 'reader' AND dirty > clean")
    return {row["id"] for row in rows}


async def _reader(database: Database) -> str:
    async with database.transaction() as session:
        reader: str = await (await raw(session)).fetchval("SELECT reader FROM replica_desk_loan WHERE id = $1", UUID(str(LOAN)))
    return reader
