"""The audit against the rows: what was changed past the system, and what the audit tells of and never was."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from lending.app import TODAY, enter_book, lending, move_book
from lending.sealing import row
from uuid_utils.compat import uuid7

from common.audit.row import insert_audit
from common.bus.postgres import PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.security.principal import Principal, Role
from common.service import Running
from common.testing.at_work import settings
from common.testing.postgres import fresh_database
from common.verify.acts import ActsAudited

CLERK = Principal(subject="clerk-7", role=Role.CLERK, scopes=frozenset())


@pytest.fixture
async def running(postgres: EmbeddedPostgres) -> AsyncIterator[Running]:
    async with fresh_database(postgres, "lending") as url, fresh_database(postgres, "bus") as bus_url:
        bus = await PostgresBus.open(bus_url)
        made = Running(lending(), settings(url, TODAY), bus)
        await made.open()
        yield made
        await made.close()
        await bus.close()


async def book(running: Running, moves: int) -> Any:
    async with running.works.begin(CLERK, operation="enter_book") as work:
        entered = await enter_book(work, name="first", shelf="A0")
    for nth in range(moves):
        async with running.works.begin(CLERK, operation="move_book") as work:
            await move_book(work, entered.id, shelf=f"B{nth}")
    return entered.id


async def named(database: Database) -> list[tuple[str, str]]:
    return [(finding.where, finding.what) async for finding in ActsAudited(database, ["book"]).findings()]


async def test_acts_that_went_through_the_system_are_found_right(running: Running) -> None:
    await book(running, 2)
    await book(running, 0)

    assert await named(running.database) == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE book SET version = 2 WHERE id = $1", "已到第 3 版，台账却是第 2 版"),
        ("UPDATE book SET version = 5, shelf = 'Z9' WHERE id = $1", "第 4、5 版没有审计记录"),
        ("UPDATE book SET version = 1000000000000 WHERE id = $1", "没有审计记录"),
        ("DELETE FROM audit WHERE subject_id = $1 AND version = 2", "第 2 版没有审计记录"),
        ("DELETE FROM audit WHERE subject_id = $1", "第 1、2、3 版没有审计记录"),
        (
            "INSERT INTO audit (at, actor, role, operation, subject, subject_id, version, cause, changes) SELECT at, actor, role, operation, subject, subject_id, version, cause, changes FROM audit WHERE subject_id = $1 AND version = 2",
            "第 2 版有不止一条审计记录",
        ),
        ("DELETE FROM book WHERE id = $1", "这一行不存在"),
    ],
)
async def test_what_went_past_it_is_named(running: Running, postgres: EmbeddedPostgres, damage: str, what: str) -> None:
    await book(running, 1)
    spoiled = await book(running, 2)
    hand = await asyncpg.connect(postgres.url(str(running.database.url.database)))
    await hand.execute("SET session_replication_role = replica")
    await hand.execute(damage, spoiled)
    await hand.close()

    findings = await named(running.database)
    assert findings
    assert all(str(spoiled) in place and what in told for place, told in findings), findings


async def test_an_audit_row_of_something_that_never_was_is_named_though_it_is_dated_now(running: Running) -> None:
    never = uuid7()
    async with running.database.raw_transaction() as connection:
        await insert_audit(connection, [row(subject_id=never)])

    ((place, _),) = await named(running.database)
    assert str(never) in place
