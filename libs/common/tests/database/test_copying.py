"""Many rows at once: what is written is what single statements would write, of every type of column."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, MetaData, String, Table, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.database.columns import fen, instant, json, one_of
from common.database.copying import RowsMissing, copy_rows, update_rows
from common.database.engine import Database, raw


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


metadata = MetaData()
things = Table(
    "thing", metadata, Column("id", Uuid, primary_key=True), Column("name", String(5)), Column("words", Text), Column("colour", one_of(Colour, "colour")),
    Column("is_old", Boolean), Column("number", Integer), Column("order", fen), Column("day", Date), Column("at", instant), Column("tree", json),
    Column("sealed", LargeBinary),
)  # fmt: skip
BEFORE = {
    "name": "first", "words": "a", "colour": Colour.RED, "is_old": False, "number": 1, "order": 2**40, "day": date(2018, 1, 1),
    "at": datetime(2018, 1, 1, tzinfo=UTC), "tree": [{"名": "一"}], "sealed": b"\x00one",
}  # fmt: skip
AFTER = {
    "name": "other", "words": "二", "colour": Colour.BLUE, "is_old": True, "number": -1, "order": -(2**40), "day": date(2019, 1, 1),
    "at": datetime(2019, 1, 1, tzinfo=UTC), "tree": {"a": [None, 1.5]}, "sealed": b"two\xff",
}  # fmt: skip
UNKNOWN = dict.fromkeys(BEFORE)
IDS = [UUID(int=nth) for nth in range(1, 5)]


async def begin(session: AsyncSession) -> asyncpg.Connection:
    await (await session.connection()).run_sync(metadata.create_all)
    connection = await raw(session)
    await copy_rows(connection, things, [{"id": id_} | BEFORE for id_ in IDS])
    return connection


async def held(session: AsyncSession) -> list[dict[str, Any]]:
    found = await session.execute(select(things).order_by(things.c.id))
    return [{name: value for name, value in row.items() if name != "id"} for row in found.mappings()]


async def test_each_row_gets_its_own_values_of_every_type_and_none(database: Database) -> None:
    async with database.transaction() as session:
        connection = await begin(session)

        await update_rows(connection, things, [{"id": IDS[2]} | UNKNOWN, {"id": IDS[0]} | AFTER], columns=list(BEFORE))

        assert await held(session) == [AFTER, BEFORE, UNKNOWN, BEFORE]


async def test_what_is_not_named_stays(database: Database) -> None:
    async with database.transaction() as session:
        connection = await begin(session)

        await update_rows(connection, things, [{"id": id_} | AFTER for id_ in IDS], columns=["order"])

        assert await held(session) == [BEFORE | {"order": AFTER["order"]}] * len(IDS)


async def test_what_the_column_does_not_hold_is_refused_and_not_cut(database: Database) -> None:
    with pytest.raises(asyncpg.StringDataRightTruncationError):
        async with database.transaction() as session:
            await update_rows(await begin(session), things, [{"id": IDS[0]} | AFTER | {"name": "too long"}], columns=["name"])


async def test_a_row_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(RowsMissing):
        async with database.transaction() as session:
            await update_rows(await begin(session), things, [{"id": id_} | AFTER for id_ in (IDS[0], UUID(int=9))], columns=["name"])
