"""The audit against the rows: every version of every row has exactly one audit row, and every audit row has its version."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from uuid import UUID

import asyncpg

from common.database.engine import Database
from common.verify.check import Check, Finding

_PAGE = 2000
_WHAT_TO_DO = "查明是谁直接写了数据库；审计链无误时以审计记录为准，从备份找回原样。"


class ActsAudited(Check):
    """Rows that were changed, inserted or set back past the system are found, and audit rows of acts that never were."""

    name = "每次办理"
    says = "台账每一行的每一版都恰有一条审计记录，每条审计记录都有它的一版"
    counts = "行台账"

    def __init__(self, database: Database, tables: Iterable[str]) -> None:
        """`tables`: those whose rows only acts change."""
        self._database, self._tables = database, sorted(tables)

    async def findings(self) -> AsyncIterator[Finding]:
        for table in self._tables:
            async for finding in self._rows(table):
                yield finding
            async for finding in self._of_nothing(table):
                yield finding

    async def _rows(self, table: str) -> AsyncIterator[Finding]:
        after = UUID(int=0)
        while True:
            async with self._database.raw_transaction() as connection:
                rows = await connection.fetch(_ROWS.format(table=table), after, _PAGE, table)
            for row in rows:
                if (what := _what_is_wrong(row)) is not None:
                    yield Finding(what, f"{table} {row['id']}", _WHAT_TO_DO)
            self.looked_at += len(rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1]["id"]

    async def _of_nothing(self, table: str) -> AsyncIterator[Finding]:
        after = -(2**63)
        while True:
            async with self._database.raw_transaction() as connection:
                rows = await connection.fetch(_OF_NOTHING.format(table=table), table, after, _PAGE)
            for row in rows:
                yield Finding(
                    "审计记录所说的这一行不存在：台账被删，或记录是插入的",
                    f"{table} {row['subject_id']}，审计记录 {row['id']}",
                    _WHAT_TO_DO,
                )
            if len(rows) < _PAGE:
                return
            after = rows[-1]["id"]


def _what_is_wrong(row: asyncpg.Record) -> str | None:
    version, missing, doubled = row["version"], row["missing"], row["doubled"]
    if row["newest"] is not None and row["newest"] > version:
        return f"审计记录已到第 {row['newest']} 版，台账却是第 {version} 版：台账被改回，或记录是插入的"
    if missing:
        return f"第 {'、'.join(map(str, missing))} 版没有审计记录：未经系统的改动，或记录被删"
    if doubled:
        return f"第 {'、'.join(map(str, doubled))} 版有不止一条审计记录：有记录是插入的"
    return None


_ROWS = """
    SELECT t.id, t.version, max(a.version) AS newest,
        CASE WHEN count(DISTINCT a.version) < t.version THEN
            ARRAY(SELECT v FROM generate_series(1, least(t.version, count(DISTINCT a.version) + 20)) AS v EXCEPT SELECT unnest(array_agg(a.version)) ORDER BY v LIMIT 20) END AS missing,
        CASE WHEN count(a.version) > count(DISTINCT a.version) THEN
            ARRAY(SELECT v FROM unnest(array_agg(a.version)) AS v GROUP BY v HAVING count(*) > 1 ORDER BY v LIMIT 20) END AS doubled
    FROM (SELECT id, version FROM {table} WHERE id > $1 ORDER BY id LIMIT $2) AS t
    LEFT JOIN audit AS a ON a.subject_id = t.id AND a.subject = $3 AND a.version IS NOT NULL
    GROUP BY t.id, t.version ORDER BY t.id
"""
_OF_NOTHING = """
    SELECT a.id, a.subject_id FROM audit AS a WHERE a.subject = $1 AND a.id > $2 AND a.version IS NOT NULL
        AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.id = a.subject_id) ORDER BY a.id LIMIT $3
"""
