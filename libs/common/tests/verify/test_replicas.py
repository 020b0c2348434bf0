"""Replicas against what was heard: a lost, doubled, reordered or edited fact is named; late and unreadable ones are none of these."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from lending.app import dossiers, replicas
from lending.desk import Log, lent, outgoing
from uuid_utils.compat import uuid7

from common.bus.facts import Facts
from common.database.engine import Database
from common.reconciling.dossier import Dossiers
from common.testing.until import until
from common.verify.check import Finding
from common.verify.replicas import ReplicasTrue
from common.verify.standing import DossiersClean

IDS = [uuid7() for _ in range(3)]


class Desk:
    """Three loans of two readers, told three times, one of them once."""

    def __init__(self, database: Database, *, keeps_history: bool = True) -> None:
        self.database, self._log = database, Log()
        self._facts = Facts(database, replicas, Dossiers(dossiers), group="lending", bus_id="test", keeps_history=keeps_history)

    async def tell(self, *versions: tuple[int, int], epoch: int = 1) -> None:
        """(which loan, version)."""
        sent = [outgoing(lent(f"reader-{nth % 2}", id=IDS[nth], days=version), version, epoch=epoch) for nth, version in versions]
        await self._facts.apply(self._log.append(*sent))

    async def spoil(self, statement: str, *arguments: Any) -> None:
        async with self.database.raw_transaction() as connection:
            assert not (await connection.execute(statement, *arguments)).endswith(" 0")

    async def found(self, *, patience_seconds: float = 0) -> list[Finding]:
        check = ReplicasTrue(self.database, replicas, patience_seconds=patience_seconds)
        return [finding async for finding in check.findings()]

    async def named(self) -> list[tuple[str, str]]:
        return [(finding.where, finding.what) for finding in await self.found()]


@pytest.fixture
async def desk(database: Database) -> Desk:
    made = Desk(database)
    await made.tell((0, 1), (0, 2), (1, 1), (1, 3), (1, 2), (2, 1), (1, 3))
    return made


def where(nth: int) -> str:
    return f"desk.loan {IDS[nth]}"


async def test_what_was_heard_in_any_order_and_twice_is_found_whole(desk: Desk) -> None:
    assert await desk.found() == []


@pytest.mark.parametrize("page", [1, 2, 3])
async def test_nothing_is_overlooked_between_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr("common.verify.replicas._PAGE", page)
    await desk.spoil("DELETE FROM replica_desk_loan WHERE id = $1", IDS[1])
    await desk.spoil("DELETE FROM replica_desk_loan WHERE id = $1", IDS[2])

    assert [finding.where for finding in await desk.found()] == [where(1), where(2)]


DAMAGES = [
    ("DELETE FROM replica_desk_loan WHERE id = $1", "副本里却没有：丢失"),
    ("DELETE FROM fact_version WHERE id = $1 AND version = 2", "第 2 版从未收到：丢失"),
    ("DELETE FROM fact_version WHERE id = $1 AND version = 1", "第 1 版从未收到：丢失"),
    ("DELETE FROM fact_version WHERE id = $1 AND version = 3", "副本已是第 3 版，收到的最新却是第 2 版"),
    ("DELETE FROM fact_version WHERE id = $1", "却从未收到过"),
    ("INSERT INTO fact_version SELECT topic, id, epoch, 4, recorded_at, state FROM fact_version WHERE id = $1 AND version = 3", "副本停在第 3 版，第 4 版已收到"),
    (
        "UPDATE replica_desk_loan AS r SET version = 2, state = f.state FROM fact_version AS f WHERE r.id = $1 AND f.id = r.id AND f.version = 2",
        "副本停在第 2 版，第 3 版已收到：被旧版覆盖",
    ),
    ("UPDATE replica_desk_loan SET version = 9 WHERE id = $1", "副本已是第 9 版"),
    ("UPDATE replica_desk_loan SET epoch = 2 WHERE id = $1", "收到的最新却是"),
    ("""UPDATE replica_desk_loan SET state = state || '{"days": 30}' WHERE id = $1""", "内容与收到的第 3 版不同：被改过"),
    ("""UPDATE replica_desk_loan SET state = state - 'reader' WHERE id = $1""", "被改过"),
    ("UPDATE replica_desk_loan SET reader = 'reader-0' WHERE id = $1", "所指的卷宗与内容不符"),
    ("UPDATE fact_version SET version = 1000000000000 WHERE id = $1 AND version = 1", "副本停在第 3 版"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "what"), DAMAGES, ids=[what for _, what in DAMAGES])
async def test_a_damage_is_named_with_its_fact(desk: Desk, damage: str, what: str) -> None:
    await desk.spoil(damage, IDS[1])

    findings = await desk.named()
    assert findings[0][0] == where(1)
    assert what in findings[0][1]
    assert [place for place, _ in findings[1:]] in ([], ["desk.loan"]), "besides it the count of the topic"


async def test_where_no_history_is_kept_an_edited_state_still_shows_in_what_it_names(database: Database) -> None:
    desk = Desk(database, keeps_history=False)
    await desk.tell((0, 1), (1, 1))
    assert await desk.found() == []
    await desk.spoil("""UPDATE replica_desk_loan SET state = state || '{"reader": "somebody"}' WHERE id = $1""", IDS[1])

    assert [place for place, _ in await desk.named()] == [where(1)]


async def test_a_count_that_was_changed_is_named(desk: Desk) -> None:
    await desk.spoil("UPDATE fact_count SET applied = applied + 1")

    assert [place for place, _ in await desk.named()] == ["desk.loan"]


async def test_what_could_not_be_read_is_not_lost(desk: Desk) -> None:
    bad = outgoing(lent("reader-0", id=IDS[2]), 2, value=b"{}")
    await desk._facts.apply(desk._log.append(bad))
    await desk.tell((2, 3))

    assert await desk.found() == []


async def test_a_republication_begins_with_any_version(desk: Desk) -> None:
    await desk.tell((0, 5), (1, 3), (2, 1), epoch=2)
    assert await desk.found() == []
    await desk.tell((0, 7), epoch=2)

    assert await desk.named() == [(where(0), "第 6 版从未收到：丢失")]


async def test_a_version_that_is_on_its_way_is_waited_for(desk: Desk) -> None:
    await desk.tell((2, 3))
    check = ReplicasTrue(desk.database, replicas, patience_seconds=20)
    compared = 0
    compare = check._wrong

    async def wrong(replica: Any, ids: Sequence[UUID]) -> Any:
        nonlocal compared
        found = await compare(replica, ids)
        compared += 1
        return found

    check._wrong = wrong  # type: ignore[method-assign]

    async def look() -> list[Finding]:
        return [finding async for finding in check.findings()]

    looking = asyncio.create_task(look())

    async def is_suspected() -> bool:
        return compared >= 2

    await until(is_suspected)
    await desk.tell((2, 2))
    assert await looking == []


async def test_a_dossier_that_a_fact_names_and_that_is_not_there_is_named(desk: Desk) -> None:
    await desk.spoil("UPDATE dossier SET clean = dirty")
    await desk.spoil("DELETE FROM dossier WHERE id = 'reader-1'")

    found = [finding async for finding in DossiersClean(desk.database, replicas, patience_seconds=0).findings()]
    assert [finding.where for finding in found] == ["reader reader-1（desk.loan）"]
