"""Held = due: an edited row is named with both values, and what is on its way is waited for; nothing is changed by looking."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from lending.app import READERS_OF_BOOK, TODAY, replicas
from lending.desk import Kept, Log, lent, outgoing
from structlog.testing import capture_logs

from common.bus.facts import Facts
from common.database.engine import Database
from common.reconciling.dossier import Dossier, Dossiers, FanOut
from common.reconciling.marks import Taken
from common.reconciling.reconciler import Reconciler
from common.reconciling.reconciliation import Reconciliation, Superseded
from common.testing.until import until
from common.verify import recomputed, sampling
from common.verify.check import CouldNotCheck, Finding
from common.verify.recomputed import Lines, Recomputed

_RECKON = """
    INSERT INTO reckoning AS r (kind, id, days, times)
    SELECT 'reader', t.id, coalesce((SELECT sum((state ->> 'days')::int) FROM replica_desk_loan WHERE reader = t.id), 0), 1 FROM unnest($1::text[]) AS t(id)
    ON CONFLICT (kind, id) DO UPDATE SET days = excluded.days WHERE r.days <> excluded.days
"""


async def reckon(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """Equal results write nothing. A reader named bad cannot be reckoned, one who is gone is superseded."""
    names = {each.id for each in taken}
    if "superseded" in names:
        raise Superseded
    if "bad" in names and reconciliation.equipment == "fails":
        raise LookupError("secret")
    await reconciliation.connection.execute(_RECKON, sorted(names))
    return dict.fromkeys(names, TODAY + timedelta(days=30))


async def days(connection: asyncpg.Connection, reader: str) -> Lines:
    held = await connection.fetchval("SELECT days FROM reckoning WHERE kind = 'reader' AND id = $1", reader)
    return {} if held is None else {"天数": f" {held} 天"}


DOSSIERS = Dossiers(
    (FanOut("book", rank=10, to="reader", targets=READERS_OF_BOOK), Dossier("shelf", rank=10, reconcile=reckon), Dossier("reader", rank=20, reconcile=reckon, batch=2))
)  # fmt: skip


class Desk:
    """Five readers, reckoned."""

    def __init__(self, database: Database) -> None:
        self.database, self.kept, self._log = database, Kept(database), Log()
        self._facts = Facts(database, replicas, DOSSIERS, group="lending", bus_id="test", keeps_history=False)

    async def lend(self, *readers: str, book: str | None = None) -> None:
        await self._facts.apply(self._log.append(*(outgoing(lent(reader, book=book, days=7)) for reader in readers)))

    async def reckon(self) -> None:
        await Reconciler(self.database, DOSSIERS, wake=asyncio.Event()).until_clean()

    async def spoil(self, statement: str) -> None:
        async with self.database.raw_transaction() as connection:
            assert not (await connection.execute(statement)).endswith(" 0")

    def check(self, *, patience_seconds: float = 0, equipment: Any = None) -> Recomputed:
        return Recomputed(self.database, DOSSIERS, read={"reader": days}, patience_seconds=patience_seconds, equipment=equipment)

    async def found(self, **more: Any) -> list[Finding]:
        return [finding async for finding in self.check(**more).findings()]


@pytest.fixture
async def desk(database: Database) -> Desk:
    made = Desk(database)
    await made.lend("ann", "bob", "cat", "dan", "bad", "ann")
    await made.reckon()
    return made


async def test_what_is_as_it_must_be_is_found_right_and_left_as_it_is(desk: Desk) -> None:
    tables = ("reckoning", "dossier", "outbox", "replica_desk_loan")
    before = await desk.kept.everything(tables)
    check = desk.check()

    assert [finding async for finding in check.findings()] == []
    assert check.looked_at == 5
    assert await desk.kept.everything(tables) == before


@pytest.mark.parametrize("reader", ["ann", "bob", "cat", "dan"])
async def test_an_edited_row_is_named_with_both_values_and_stays_for_whoever_looks_into_it(desk: Desk, reader: str) -> None:
    await desk.spoil(f"UPDATE reckoning SET days = 99 WHERE id = '{reader}'")

    (finding,) = await desk.found()
    assert finding.where == f"reader {reader}"
    assert finding.what == f"天数：库中为 99 天，复算为 {14 if reader == 'ann' else 7} 天"
    assert await desk.kept.value("SELECT days FROM reckoning WHERE id = $1", reader) == 99


async def test_a_deleted_row_and_a_deleted_fact_are_found(desk: Desk) -> None:
    await desk.spoil("DELETE FROM reckoning WHERE id = 'bob'")
    await desk.spoil("DELETE FROM replica_desk_loan WHERE reader = 'cat'")

    assert [finding.what for finding in await desk.found()] == ["天数：库中为无，复算为 7 天", "天数：库中为 7 天，复算为 0 天"]


async def test_where_nothing_is_told_of_a_dossier_the_tables_are(desk: Desk) -> None:
    await desk.spoil("UPDATE reckoning SET days = 99 WHERE id = 'dan'")
    check = Recomputed(desk.database, DOSSIERS, patience_seconds=0)

    assert [finding.what async for finding in check.findings()] == ["库中所存与复算不符（reckoning）"]


async def test_a_day_on_which_nobody_would_look_again_is_found(desk: Desk) -> None:
    await desk.spoil("UPDATE dossier SET look_again_on = NULL WHERE id = 'ann'")

    assert [(finding.where, "再看之日" in finding.what) for finding in await desk.found()] == [("reader ann", True)]


async def test_what_waits_to_be_recomputed_is_no_damage(desk: Desk) -> None:
    await desk.lend("ann", "eve")

    assert await desk.found() == []


async def test_what_a_fan_out_has_not_yet_reached_is_waited_for(desk: Desk) -> None:
    await desk.spoil("UPDATE reckoning SET days = 99 WHERE id = 'ann'")
    await desk.spoil("INSERT INTO dossier (kind, id, dirty, urgency, cause) VALUES ('book', 'b', 1, 0, 'test')")
    with pytest.raises(CouldNotCheck, match="1 份"):
        await desk.found()

    looking = asyncio.create_task(desk.found(patience_seconds=30))
    await desk.spoil("UPDATE dossier SET clean = dirty WHERE kind = 'book'")
    assert [finding.where for finding in await looking] == ["reader ann"]


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_facts_that_come_between_looking_and_computing_are_no_damage(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, is_damaged: bool
) -> None:
    """They have marked the dossier: whoever recomputes it will see them. Also when it is looked at for the last time."""
    written, check, has_come = recomputed._written, desk.check(patience_seconds=20), asyncio.Event()
    recompute, lends = check._recompute, not is_damaged

    async def lend_first(connection: asyncpg.Connection) -> dict[str, int]:
        if lends and not has_come.is_set():
            has_come.set()
            await desk.lend("ann")
        return await written(connection)

    async def for_the_last_time(*arguments: Any, alone: bool = False) -> Any:
        nonlocal lends
        lends = lends or alone
        return await recompute(*arguments, alone=alone)

    monkeypatch.setattr(recomputed, "_written", lend_first)
    check._recompute = for_the_last_time  # type: ignore[method-assign]
    if is_damaged:
        await desk.spoil("UPDATE reckoning SET days = 99 WHERE id = 'ann'")
    assert [finding async for finding in check.findings()] == []
    assert has_come.is_set()


async def test_a_dossier_that_cannot_be_computed_is_named_and_hides_no_other(desk: Desk) -> None:
    await desk.spoil("UPDATE reckoning SET days = 99 WHERE id = 'ann'")

    findings = await desk.found(equipment="fails")
    assert [finding.where for finding in findings] == ["reader ann", "reader bad"]
    assert "LookupError" in findings[1].what
    assert "secret" not in str(findings)


async def test_rules_that_are_not_in_force_answer_nothing(desk: Desk) -> None:
    await desk.spoil("INSERT INTO dossier (kind, id, dirty, clean, urgency, cause) VALUES ('reader', 'superseded', 1, 1, 0, 'test')")

    with pytest.raises(CouldNotCheck, match="生效"):
        await desk.found()


async def test_samples_walk_through_all_dossiers_and_begin_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_AT_ONCE", 2)
    sampled = sampling.Sampling(desk.database, desk.check())

    assert [await sampled.look() for _ in range(4)] == [2, 2, 1, 2]
    (told,) = await desk.kept.rows("SELECT kind, place, looked_at, differing, last_found FROM recomputation")
    assert told == {"kind": "reader", "place": "bad", "looked_at": 7, "differing": 0, "last_found": []}


async def test_a_sample_that_differs_is_kept_for_operators_until_the_next_and_changes_nothing(desk: Desk) -> None:
    sampled = sampling.Sampling(desk.database, desk.check())
    await desk.spoil("UPDATE reckoning SET days = 99 WHERE id = 'bob'")
    with capture_logs() as logs:
        await sampled.look()
    await desk.spoil("UPDATE reckoning SET days = 7 WHERE id = 'bob'")
    await sampled.look()

    assert [each["where"] for each in logs if each["event"] == "held_is_not_due"] == ["reader bob"]
    (told,) = await desk.kept.rows(
        "SELECT looked_at, differing, last_found::text AS last_found, last_found_at < last_at AS is_past FROM recomputation"
    )
    assert told == {"looked_at": 10, "differing": 1, "last_found": '["reader bob：天数：库中为 99 天，复算为 7 天"]', "is_past": True}


async def test_no_sample_is_taken_while_a_dossier_waits(desk: Desk) -> None:
    await desk.lend("eve")

    assert await sampling.Sampling(desk.database, desk.check()).look() == 0
    assert await desk.kept.rows("SELECT * FROM recomputation") == []


async def test_a_worker_takes_samples_by_itself_one_of_them_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_EVERY_SECONDS", 0.05)
    first, second = (asyncio.create_task(sampling.Sampling(desk.database, desk.check()).run()) for _ in range(2))

    async def has_looked() -> bool:
        return bool(await desk.kept.values("SELECT looked_at FROM recomputation WHERE looked_at >= 10"))

    try:
        await until(has_looked)
        assert await desk.kept.value("SELECT epoch FROM lease WHERE name = 'sampling'") == 1
    finally:
        for task in (first, second):
            task.cancel()
        await asyncio.gather(first, second, return_exceptions=True)


async def test_whoever_computes_meanwhile_is_left_alone(desk: Desk) -> None:
    """A reconciler holds the dossier's lock: what it has not committed is nobody's business."""
    await desk.spoil("UPDATE reckoning SET days = 99 WHERE id = 'ann'")
    async with desk.database.raw_transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('reader/ann', 0))")
        assert await desk.found() == []
    assert len(await desk.found()) == 1
