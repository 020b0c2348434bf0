"""Migrations: an empty database, one with rows in it, several processes at once; and the comparison with the models."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from lending.app import MIGRATIONS
from lending.model import Table
from sqlalchemy import Column, MetaData, Text, text
from sqlalchemy import Table as CoreTable
from uuid_utils.compat import uuid7

from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.database.foundation import foundation
from common.database.migrations import differences, upgrade
from common.testing.postgres import fresh_database


@pytest.fixture
async def url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with fresh_database(postgres, "migrated") as empty:
        yield empty


async def scalar(url: str, query: str) -> object:
    database = Database(url)
    async with database.transaction() as session:
        found = (await session.execute(text(query))).scalar_one()
    await database.close()
    return found


async def run(url: str, statement: str, **values: object) -> None:
    database = Database(url)
    async with database.transaction() as session:
        await session.execute(text(statement), values)
    await database.close()


async def test_an_empty_database_becomes_what_the_models_say(url: str) -> None:
    assert await differences(url, (foundation, Table.metadata)) != []

    await upgrade(url, MIGRATIONS)

    assert await differences(url, (foundation, Table.metadata)) == []
    assert await scalar(url, "SELECT number FROM epoch") == 1


async def test_a_database_with_rows_keeps_them(url: str) -> None:
    await upgrade(url, MIGRATIONS, to="0001")
    await run(url, "INSERT INTO book (id, version, name, shelf) VALUES (:id, 3, 'old', 'A1')", id=uuid7())

    await upgrade(url, MIGRATIONS)

    assert await scalar(url, "SELECT version || name || shelf || is_listed::text FROM book") == "3oldA1true"
    assert await differences(url, (foundation, Table.metadata)) == []


async def test_a_database_from_before_a_change_of_the_foundation_becomes_what_the_models_say(url: str) -> None:
    await upgrade(url, MIGRATIONS, to="0004")
    await run(url, "DROP INDEX ix_dossier_failed, ix_idempotency_at")

    await upgrade(url, MIGRATIONS)

    assert await differences(url, (foundation, Table.metadata)) == []


async def test_processes_that_start_at_once_migrate_once(url: str) -> None:
    await asyncio.gather(*(upgrade(url, MIGRATIONS) for _ in range(4)))
    await upgrade(url, MIGRATIONS)

    newest = max(revision.name[:4] for revision in (MIGRATIONS / "versions").glob("0*.py"))
    assert await scalar(url, "SELECT string_agg(version_num, ',') FROM alembic_version") == newest
    assert await scalar(url, "SELECT count(*) FROM epoch") == 1


async def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    await run(url, "CREATE TABLE reckoning (mine text)")

    with pytest.raises(Exception, match="reckoning"):
        await upgrade(url, MIGRATIONS)

    assert await scalar(url, "SELECT to_regclass('book') IS NULL AND to_regclass('outbox') IS NULL") is True


@pytest.mark.parametrize(
    "drift",
    [
        "ALTER TABLE book ADD COLUMN forgotten text",
        "ALTER TABLE book ALTER COLUMN note TYPE integer USING NULL",
        "ALTER TABLE book ALTER COLUMN name DROP NOT NULL",
        "DROP INDEX ix_book_shelf",
        "DROP TABLE reckoning",
        "ALTER TABLE dossier DROP COLUMN look_again_on",
        "DROP INDEX ix_dossier_dirty",
    ],
)
async def test_every_drift_is_found(url: str, drift: str) -> None:
    await upgrade(url, MIGRATIONS)

    await run(url, drift)

    assert await differences(url, (foundation, Table.metadata)) != []


async def test_a_table_that_no_migration_makes_is_found(url: str) -> None:
    await upgrade(url, MIGRATIONS)
    forgotten = MetaData()
    CoreTable("forgotten", forgotten, Column("id", Text, primary_key=True))

    assert await differences(url, (foundation, Table.metadata, forgotten)) != []
