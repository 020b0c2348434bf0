"""Held = due: every dossier is recomputed as its reconciler would, in a transaction that is taken back; whatever it would write is a finding."""

from __future__ import annotations

import time
from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from common.database.business_day import today_and_epoch
from common.database.engine import Database, is_transient
from common.reconciling.dossier import Dossier, Dossiers
from common.reconciling.marks import Taken, Urgency
from common.reconciling.reconciliation import Reconciliation, Superseded
from common.verify.check import Check, CouldNotCheck, Finding

Lines = Mapping[str, str]
"""What a dossier says, line by line, in an operator's words."""
Read = Callable[[asyncpg.Connection, str], Awaitable[Lines]]
_LOOK_SECONDS = 0.5
_MOST_SUSPECTED = 1000
_WHAT_TO_DO = "查明是谁改了数据库（事实无误时，库中所存只随事实而变）；然后把这份卷宗标记复算，它会改回应有的值并留下记录。"

_CANNOT = "看 worker 日志 dossier_failed 的缘由；事实有误先更正，程序有误修复后再核验。"


async def _no_lines(_connection: asyncpg.Connection, _id: str) -> Lines:
    return {}


class _TakenBack(Exception):
    """Ends a transaction that must leave nothing."""


class _NotSettled(Exception):
    """What this dossier follows from is on its way: it cannot be judged now."""


@dataclass
class _Recomputation:
    """What recomputing some dossiers would have written."""

    tables: list[str] = field(default_factory=list)
    before: Lines = field(default_factory=dict)
    after: Lines = field(default_factory=dict)
    wakes: list[str] = field(default_factory=list)
    """Dossiers that wait for another day than they must."""

    @property
    def differs(self) -> bool:
        return bool(self.tables or self.wakes)


class Recomputed(Check):
    """Every dossier of one service, by page. `read`: by kind, what of a dossier is told before and after, so that a finding says both values."""

    name = "应付与所存"
    says = "逐份卷宗按现有事实全部复算，所存与应有分毫不差"
    counts = "份卷宗"

    def __init__(
        self,
        database: Database,
        dossiers: Dossiers,
        *,
        equipment: Any = None,
        read: Mapping[str, Read] | None = None,
        patience_seconds: float,
    ) -> None:
        self._database, self._dossiers, self._equipment, self._read = database, dossiers, equipment, read or {}
        self._patience_seconds = patience_seconds
        self.kinds = tuple(each for each in dossiers.kinds if isinstance(each, Dossier))

    async def findings(self) -> AsyncIterator[Finding]:
        suspected: list[tuple[Dossier, str]] = []
        for dossier in self.kinds:
            after = ""
            while ids := await self.next(dossier.kind, after, limit=dossier.batch):
                suspected += [(dossier, id_) for id_ in await self.suspects(dossier, ids)]
                self.looked_at, after = self.looked_at + len(ids), ids[-1]
                if len(suspected) > _MOST_SUSPECTED:
                    break
        async for finding in self.confirmed(suspected):
            yield finding

    async def next(self, kind: str, after: str, *, limit: int) -> list[str]:
        """The ids of the kind's dossiers behind this one."""
        async with self._database.raw_transaction() as connection:
            rows = await connection.fetch("SELECT id FROM dossier WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3", kind, after, limit)
        return [row["id"] for row in rows]

    async def suspects(self, dossier: Dossier, ids: Sequence[str]) -> list[str]:
        """Those of which recomputation would write something; what waits to be recomputed anyway is passed over. Raises CouldNotCheck."""
        try:
            is_suspect = (await self._recompute(dossier, ids)).differs
        except Superseded as error:
            raise CouldNotCheck("库中生效的规则或标准与本程序的不同：用正在运行的版本核验") from error
        except Exception as error:
            if is_transient(error):
                raise
            is_suspect = True
        if not is_suspect:
            return []
        return list(ids) if len(ids) == 1 else [id_ for each in ids for id_ in await self.suspects(dossier, [each])]

    async def confirmed(self, suspected: Sequence[tuple[Dossier, str]]) -> AsyncIterator[Finding]:
        """What still differs when all that it follows from has settled. Raises CouldNotCheck when that does not come within the patience."""
        deadline = time.monotonic() + self._patience_seconds
        while suspected:
            unsettled = []
            for dossier, id_ in suspected:
                try:
                    recomputed = await self._recompute(dossier, [id_], alone=True)
                except _NotSettled:
                    unsettled.append((dossier, id_))
                except Exception as error:
                    if is_transient(error):
                        raise
                    yield Finding(f"这份卷宗复算不了：{type(error).__name__}", f"{dossier.kind} {id_}", _CANNOT)
                else:
                    for finding in _told(dossier.kind, id_, recomputed):
                        yield finding
            if unsettled and time.monotonic() >= deadline:
                raise CouldNotCheck(f"{len(unsettled):,} 份卷宗所依据的还在变动：等办完再核验，或加大 --patience")
            suspected = unsettled
            if suspected:
                await sleep(_LOOK_SECONDS)

    async def _recompute(self, dossier: Dossier, ids: Sequence[str], *, alone: bool = False) -> _Recomputation:
        """As the reconciler does, and taken back. `alone`: one, of which both readings are told. Raises Superseded, and _NotSettled where it cannot be judged."""
        async with self._taken_back() as connection:
            judged = await connection.fetch(_JUDGED, dossier.kind, list(ids))
            day, epoch = await today_and_epoch(connection)
            waits = {
                row["id"]: row
                for row in judged
                if row["dirty"] <= row["clean"] and not (row["look_again_on"] and row["look_again_on"] <= day)
            }
            if not waits:
                return _Recomputation()
            read = self._read.get(dossier.kind, _no_lines) if alone else _no_lines
            only = next(iter(waits))
            result = _Recomputation(before=await read(connection, only))
            before = await _written(connection)
            reconciliation = Reconciliation(connection, day, epoch, self._dossiers, dossier.rank, self._equipment)
            taken = [Taken(id_, row["dirty"], Urgency.WIDE, "verify") for id_, row in sorted(waits.items())]
            look_again_on = await dossier.reconcile(reconciliation, taken)
            after = await _written(connection)
            result.tables = sorted(table for table, rows in after.items() if rows != before.get(table, 0))
            result.after = await read(connection, only)
            result.wakes = [id_ for id_, row in waits.items() if look_again_on.get(id_) != row["look_again_on"]]
            if result.differs:
                await self._must_be_settled(connection, dossier, {id_: row["dirty"] for id_, row in waits.items()})
        return result

    @asynccontextmanager
    async def _taken_back(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            async with self._database.raw_transaction() as connection:
                yield connection
                raise _TakenBack
        except _TakenBack:
            pass

    async def _must_be_settled(self, connection: asyncpg.Connection, dossier: Dossier, seen: Mapping[str, int]) -> None:
        """Facts that came meanwhile have marked it; what they reach by a fan-out is still to be marked."""
        rows = await connection.fetch("SELECT id, dirty FROM dossier WHERE kind = $1 AND id = ANY($2::text[])", dossier.kind, list(seen))
        lower = [kind for kind, rank in self._dossiers.rank.items() if rank < dossier.rank]
        if any(row["dirty"] != seen[row["id"]] for row in rows) or await connection.fetchval(_ANY_WAITING, lower):
            raise _NotSettled


def _told(kind: str, id_: str, recomputed: _Recomputation) -> list[Finding]:
    """One finding for each line that differs; when no line does, the tables in which something does."""
    if not recomputed.differs:
        return []
    before, after = recomputed.before, recomputed.after
    lines = [line for line in sorted({**before, **after}) if before.get(line) != after.get(line)]
    found = [
        Finding(f"{line}：库中为{before.get(line, '无')}，复算为{after.get(line, '无')}", f"{kind} {id_}", _WHAT_TO_DO) for line in lines
    ]
    if not lines and recomputed.tables:
        found.append(Finding(f"库中所存与复算不符（{'、'.join(recomputed.tables)}）", f"{kind} {id_}", _WHAT_TO_DO))
    if recomputed.wakes and not found:
        found.append(Finding("记下的再看之日与复算不符：到期时不会复算", f"{kind} {id_}", _WHAT_TO_DO))
    return found


async def _written(connection: asyncpg.Connection) -> dict[str, int]:
    """How many rows of each table this session has written so far; compared before and after."""
    return {row["relname"]: row["rows"] for row in await connection.fetch(_WRITTEN)}


_WRITTEN = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS rows FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""
# The lock that reconcilers take: nobody computes what is judged here, and whoever is at work on one is left alone.
_JUDGED = """
    WITH free AS MATERIALIZED (
        SELECT id FROM unnest($2::text[]) AS asked(id) WHERE pg_try_advisory_xact_lock(hashtextextended($1 || '/' || id, 0)))
    SELECT id, dirty, clean, look_again_on FROM free JOIN dossier USING (id) WHERE kind = $1
"""
_ANY_WAITING = """
    SELECT EXISTS (SELECT FROM dossier WHERE kind = ANY($1::text[]) AND (dirty > clean OR look_again_on <= (SELECT day FROM business_day)))
"""
