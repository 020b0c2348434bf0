"""The sealer: every committed row once, in one chain, whoever else seals and whatever becomes of him; nobody waits for it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from lending.app import TODAY, lending
from lending.sealing import KEYS, Audit, Forger, row
from structlog.testing import capture_logs

from common.audit.heads import HeadFiles, UnreadableHeads
from common.audit.row import insert_audit
from common.audit.seal import COLUMNS, CONTENT, AuditKeys
from common.audit.sealer import ChainBroken, Sealer
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.database.foundation import foundation
from common.testing.at_work import at_work
from common.testing.until import until

SEALER = """
import asyncio, sys
from common.audit import sealer
from common.audit.seal import AuditKeys
from common.audit.sealer import Sealer
from common.database.engine import Database

sealer._LOOK_SECONDS = 0.05

async def seal():
    database = Database(sys.argv[1])
    await Sealer(database, AuditKeys("lending", {"k1": b"a" * 32}), heads=None, wake=asyncio.Event(), lease_seconds=0.5).run()

asyncio.run(seal())
"""


def start(url: str) -> subprocess.Popen[bytes]:
    """A sealer of its own process."""
    return subprocess.Popen([sys.executable, "-c", SEALER, url])


@asynccontextmanager
async def running(sealer: Sealer) -> AsyncIterator[None]:
    task = asyncio.create_task(sealer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def settled(audit: Audit, sealer: Sealer) -> int:
    """Enough passes for the sealer to know what can no longer appear; where it begins the next."""
    for _ in range(4):
        await whole_pass(sealer)
    return sealer._place._floor


async def whole_pass(sealer: Sealer) -> int:
    """A step that does not wait for its time to look over everything."""
    sealer._place._whole_again_at = 0
    return await sealer.step()


async def test_every_committed_row_is_sealed_once_in_one_chain(audit: Audit) -> None:
    await audit.act(row(), row())
    await audit.seal()
    await audit.act(row())
    await audit.seal()

    await audit.must_be_one_chain(of=3)
    assert await audit.sealer().step() == 0


async def test_the_very_first_row_is_sealed_however_often_was_looked_before(audit: Audit) -> None:
    sealer = audit.sealer()
    await settled(audit, sealer)
    await audit.act()

    assert await sealer.step() == 1


async def test_more_rows_than_a_batch_holds_are_sealed_in_order(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.audit.sealer._BATCH", 3)
    await audit.act(*(row() for _ in range(7)))
    sealer = audit.sealer()

    assert [await sealer.step() for _ in range(4)] == [3, 3, 1, 0]
    assert await audit.ids() == sorted(await audit.ids())
    await audit.must_be_one_chain(of=7)


async def test_what_has_not_committed_is_not_sealed(audit: Audit, database: Database) -> None:
    with suppress(LookupError):
        async with database.raw_transaction() as connection:
            await insert_audit(connection, [row()])
            await audit.seal()
            raise LookupError
    await audit.seal()

    assert await audit.seals() == []


async def test_a_row_that_commits_late_with_a_smaller_id_is_sealed_later_however_often_was_looked_meanwhile(
    audit: Audit, database: Database
) -> None:
    sealer = audit.sealer()
    async with database.raw_transaction() as slow:
        await insert_audit(slow, [row("slow")])
        for _ in range(3):
            await audit.act()
            await settled(audit, sealer)
        assert await audit.ids() == [2, 3, 4]
    assert await sealer.step() == 0, "a quick look finds nothing behind"
    await whole_pass(sealer)

    assert await audit.ids() == [2, 3, 4, 1]
    await audit.must_be_one_chain(of=4)


async def test_what_committed_late_is_found_in_seconds_without_anybodys_help(
    audit: Audit, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.audit.sealer._LOOK_SECONDS", 0.05)
    async with running(audit.sealer()):
        async with database.raw_transaction() as slow:
            await insert_audit(slow, [row("slow")])
            await audit.act()
            await until(lambda: _sealed(audit, 1))
        await until(lambda: _sealed(audit, 2))


async def test_between_whole_passes_only_what_is_new_is_looked_at(audit: Audit, database: Database) -> None:
    sealer = audit.sealer()
    async with database.raw_transaction() as slow:
        await insert_audit(slow, [row("slow")])
        await audit.act(row(), row())
        await sealer.step()
        await audit.act()
        assert await sealer.step() == 1
        assert (sealer._place._floor, sealer._place._end) == (0, 4)


async def test_what_can_no_longer_change_is_not_looked_at_again(audit: Audit) -> None:
    sealer = audit.sealer()
    await audit.act(row(), row(), row())

    assert await settled(audit, sealer) == 3


async def test_a_batch_that_was_not_committed_is_found_again(audit: Audit, forger: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = audit.sealer()
    await audit.act(row(), row())
    await forger.forge("ALTER TABLE audit_seal ADD CONSTRAINT away CHECK (seal_no < 1)")
    for _ in range(4):
        with pytest.raises(asyncpg.CheckViolationError):
            await sealer.step()
    await forger.forge("ALTER TABLE audit_seal DROP CONSTRAINT away")
    await settled(audit, sealer)

    await audit.must_be_one_chain(of=2)


async def test_writers_do_not_wait_for_the_sealer_nor_the_sealer_for_writers(audit: Audit, database: Database) -> None:
    paused, gate, sealer = asyncio.Event(), asyncio.Event(), audit.sealer()
    _pause(sealer, paused, gate)
    await audit.act()
    sealing = asyncio.create_task(sealer.step())
    await paused.wait()
    async with asyncio.timeout(5):
        await audit.act(row(), row())
    gate.set()
    assert await sealing == 1

    async with database.raw_transaction() as writer:
        await insert_audit(writer, [row()])
        async with asyncio.timeout(5):
            assert await sealer.step() == 2


def _pause(sealer: Sealer, paused: asyncio.Event, gate: asyncio.Event) -> None:
    """As by SIGSTOP: it has read where the chain ends and what to seal, and holds its transaction."""
    look = sealer._place.unsealed

    async def unsealed(connection: asyncpg.Connection) -> Any:
        found = await look(connection)
        paused.set()
        await gate.wait()
        return found

    sealer._place.unsealed = unsealed  # type: ignore[method-assign]


async def test_a_sealer_that_was_paused_and_lost_its_lease_forks_nothing(audit: Audit) -> None:
    paused, gate = asyncio.Event(), asyncio.Event()
    first, second = audit.sealer(lease_seconds=0.05), audit.sealer()
    _pause(first, paused, gate)
    await audit.act(row(), row())
    sealing = asyncio.create_task(first.step())
    await paused.wait()
    await audit.act()

    async def second_has_sealed() -> bool:
        second._claim.doubt()
        return await second.step() == 3

    await until(second_has_sealed)
    gate.set()
    assert await sealing == 0, "the number of a seal is unique"

    await second._claim.leave()
    await audit.act()
    first._claim.doubt()
    assert await first.step() == 1
    await audit.must_be_one_chain(of=4)


@pytest.mark.slow
async def test_two_sealers_as_processes_stopped_continued_and_killed_make_one_chain(audit: Audit, database: Database) -> None:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    sealers = [start(url) for _ in range(2)]
    rows = 0

    async def all_sealed() -> bool:
        nonlocal rows
        await audit.act(row(), row())  # acts go on while seals are set
        rows += 2
        return len(await audit.seals()) >= rows - 2

    try:
        await until(all_sealed, within_seconds=40)
        for stopped, other in (sealers, sealers[::-1]):
            stopped.send_signal(signal.SIGSTOP)
            await until(all_sealed, within_seconds=40)
            stopped.send_signal(signal.SIGCONT)
            await until(all_sealed, within_seconds=40)
            assert other.poll() is None
        sealers[0].kill()
        await until(all_sealed, within_seconds=40)
        sealers.append(start(url))
        sealers[1].kill()
        await until(all_sealed, within_seconds=40)
    finally:
        for each in sealers:
            each.kill()
            each.wait(20)
    await audit.seal()

    await audit.must_be_one_chain(of=rows)


async def test_whoever_is_stopped_inside_his_transaction_is_ended_by_the_server(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    async with audit.database.raw_transaction() as connection:
        sealer = audit.sealer()
        seen: list[str] = []
        look = sealer._place.unsealed

        async def unsealed(connection: asyncpg.Connection) -> Any:
            seen.append(await connection.fetchval("SHOW idle_in_transaction_session_timeout"))
            return await look(connection)

        sealer._place.unsealed = unsealed  # type: ignore[method-assign]
        await sealer.step()
        assert seen == ["10s"]
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "0"


async def test_of_two_sealers_one_works_and_the_next_takes_over_at_once(audit: Audit) -> None:
    first, second = audit.sealer(), audit.sealer()
    await audit.act()
    async with running(first):
        await until(lambda: _sealed(audit, 1))
        await audit.act()
        assert await second.step() == 0
        await until(lambda: _sealed(audit, 2))
    await audit.act()
    second._claim.doubt()
    assert await second.step() == 1


async def _sealed(audit: Audit, count: int) -> bool:
    return len(await audit.seals()) == count


async def test_a_worker_seals_what_is_committed_and_the_command_bell_wakes_it(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY) as service:
        audit = Audit(service.running.database, None, service.running.audit_keys)
        await service.call("POST", "/lending/v1/books", json={"name": "first", "shelf": "A1"}, who="clerk")
        await until(lambda: _sealed(audit, 1))

        await audit.must_be_one_chain(of=1)


@pytest.mark.parametrize("table", ["audit", "audit_seal", "audit_head"])
@pytest.mark.parametrize("who", ["the service", "a superuser"])
async def test_the_database_itself_refuses_to_change_or_remove_a_row(
    audit: Audit, postgres: EmbeddedPostgres, table: str, who: str
) -> None:
    await audit.act()
    await audit.seal()
    await audit.advance(TODAY + timedelta(days=1))
    await audit.act()
    await audit.seal()
    url = audit.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url if who == "the service" else postgres.url(str(audit.database.url.database)))
    column = {"audit": "id", "audit_seal": "seal_no", "audit_head": "seal_no"}[table]
    try:
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") > 0
    finally:
        await connection.close()


async def test_the_head_of_every_day_that_ended_is_exported_once(audit: Audit, heads: HeadFiles, database: Database) -> None:
    sealer = audit.sealer()
    await audit.act(row(), row())
    await sealer.step()
    assert heads.days() == []
    await audit.advance(TODAY + timedelta(days=1))
    await sealer.step()
    await audit.act()
    await sealer.step()
    await sealer._claim.leave()
    await audit.advance(TODAY + timedelta(days=40))
    await audit.seal()
    await audit.seal()

    seals = await audit.seals()
    told = [(head.day, head.seal_no, head.count, head.hash) for head in heads.days()]
    assert told == [(TODAY, 2, 2, seals[1].hash), (TODAY + timedelta(days=1), 3, 1, seals[2].hash)]
    async with database.raw_transaction() as connection:
        assert [tuple(each) for each in await connection.fetch("SELECT day, seal_no, count, hash FROM audit_head ORDER BY day")] == told
    newest = heads.newest()
    assert newest is not None
    assert (newest.seal_no, newest.count, newest.hash) == (3, 1, seals[2].hash)


async def test_while_the_directory_is_away_rows_are_sealed_and_the_heads_follow(audit: Audit, heads: HeadFiles) -> None:
    heads.days_file.parent.write_text("in the way", encoding="utf-8")
    sealer = audit.sealer()
    sealer._has_read_heads = True
    await audit.act()
    with capture_logs() as told:
        await sealer.step()
        await audit.advance(TODAY + timedelta(days=1))
        await sealer.step()
    assert {each["event"] for each in told} == {"audit_head_not_exported"}
    assert len(await audit.seals()) == 1

    heads.days_file.parent.unlink()
    await sealer.step()
    assert [head.seal_no for head in heads.days()] == [1]


async def test_a_line_that_was_broken_off_is_written_anew_and_one_that_was_changed_is_told(audit: Audit, heads: HeadFiles) -> None:
    await audit.act()
    await audit.seal()
    await audit.advance(TODAY + timedelta(days=1))
    await audit.seal()
    whole = heads.days_file.read_text(encoding="utf-8")
    heads.days_file.write_text(whole[:20], encoding="utf-8")
    assert heads.days() == []
    await audit.seal()
    assert heads.days_file.read_text(encoding="utf-8") == whole

    heads.days_file.write_text(whole.replace("seal_no", "number"), encoding="utf-8")
    with pytest.raises(UnreadableHeads, match=r"lending\.jsonl, line 1"):
        heads.days()


@pytest.mark.parametrize("begins_anew", [False, True], ids=["the same sealer", "a new one that reads the exported head"])
@pytest.mark.parametrize("cut", ["DELETE FROM audit_seal WHERE seal_no = 3", "UPDATE audit_seal SET hash = previous WHERE seal_no = 3"])
async def test_nothing_is_built_upon_a_chain_that_somebody_has_cut(
    audit: Audit, forge: Callable[..., Any], cut: str, begins_anew: bool
) -> None:
    sealer = audit.sealer()
    await audit.act(row(), row(), row())
    await sealer.step()
    await forge(cut)
    await audit.act()
    await sealer._claim.leave()
    sealer = audit.sealer() if begins_anew else sealer
    with pytest.raises(ChainBroken):
        await sealer.step()

    with capture_logs() as told:
        async with running(sealer):
            await until(lambda: _is_told(told))
    assert (told[0]["seal_no"], told[0]["log_level"]) == (3, "error")


async def _is_told(told: Any) -> bool:
    return any(each["event"] == "audit_chain_broken" for each in told)


async def test_a_new_key_seals_and_the_old_one_goes_on_verifying(audit: Audit) -> None:
    await audit.act()
    await audit.seal()
    audit.keys = AuditKeys("lending", {"k2": b"b" * 32, "k1": b"a" * 32})
    await audit.act()
    await audit.seal()

    assert [seal.key_id for seal in await audit.seals()] == ["k1", "k2"]
    await audit.must_be_one_chain(of=2)


def test_every_column_of_the_audit_is_sealed() -> None:
    assert list(COLUMNS) == [column.name for column in foundation.tables["audit"].columns]


async def test_the_seal_of_a_row_stays_the_same_for_ever(audit: Audit) -> None:
    """A change of what is sealed, or how, would make every chain in the field look forged."""
    at = datetime(2018, 6, 1, 9, 30, 0, 123456, tzinfo=UTC)
    await audit.act(row("登记", at=at, subject_id=UUID(int=7), cause="窗口", request_id=None, changes='{"b": 1.50, "a": ["借", null]}'))
    async with audit.database.raw_transaction() as connection:
        await connection.execute("SET LOCAL timezone = 'Asia/Shanghai'; SET LOCAL datestyle = 'German'")
        content = await connection.fetchval(f"SELECT {CONTENT} FROM audit AS a")

    assert content == [
        "1", "1527845400.123456", "clerk-7", "CLERK", "enter_book", "book", str(UUID(int=7)), "1", "登记", "窗口", None, '{"a": ["借", null], "b": 1.50}',
    ]  # fmt: skip
    assert (
        KEYS.seal(1, 1, date(2018, 6, 1), bytes(32), content).hash.hex()
        == "dac68bebc84886c273871477f78cd59e053bdf0b02eb8292af41f5862ee10cbc"
    )


@pytest.mark.parametrize("keys", ["", "k1:c2hvcnQ=", "k1:" + "YQ" * 22 + "==,k2:c2hvcnQ="])
def test_a_key_that_is_missing_or_short_is_refused_at_the_start(keys: str) -> None:
    with pytest.raises(ValueError, match="CRAFTPORT_AUDIT_KEYS"):
        AuditKeys.parse("lending", keys)


def test_the_same_row_has_another_seal_in_another_services_chain() -> None:
    other = AuditKeys("desk", {"k1": b"a" * 32})
    assert other.seal(1, 1, TODAY, bytes(32), ["1"]).hash != KEYS.seal(1, 1, TODAY, bytes(32), ["1"]).hash
