"""The check of the audit: the whole chain from the first seal to the last, the rows without one, and the heads outside."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg

from common.audit.heads import Head, HeadFiles, UnreadableHeads, heads_of_days
from common.audit.seal import CONTENT, AuditKeys, Seal
from common.audit.walk import LATE_SECONDS, Expected, Walk
from common.database.engine import Database
from common.verify.check import Check, CouldNotCheck, Finding

_PAGE = 2000
_UNSEALED_SECONDS = 5 * 60.0
_FILE, _TABLE, _NEWEST = "导出文件", "链头表", "最新链头文件"


class AuditChain(Check):
    """Streams by page: memory is flat however long the chain is."""

    name = "审计链"
    says = "每条审计记录都在链上，一个字没改，次序没动，链尾没截"
    counts = "枚封印"

    def __init__(
        self,
        database: Database,
        keys: AuditKeys,
        heads: HeadFiles | None,
        *,
        must_export: bool,
        unsealed_seconds: float = _UNSEALED_SECONDS,
    ) -> None:
        """`must_export`: whether it counts as wrong that heads go nowhere. Younger rows than `unsealed_seconds` may still be without a seal."""
        self._database, self._keys, self._heads = database, keys, heads
        self._must_export, self._unsealed_seconds = must_export, unsealed_seconds

    async def findings(self) -> AsyncIterator[Finding]:
        in_table = await self._in_table()
        files = await asyncio.to_thread(self._in_files)
        walk = Walk(self._keys, _expected(in_table, files))
        async for seal, content in self._seals():
            self.looked_at += 1
            for finding in walk.step(seal, content):
                yield finding
        for finding in walk.end():
            yield finding
        for finding in self._exported(in_table, files[_FILE]):
            yield finding
        async for finding in self._rows(walk.named):
            yield finding

    async def _in_table(self) -> list[Head]:
        async with self._database.raw_transaction() as connection:
            return await heads_of_days(connection)

    def _in_files(self) -> dict[str, list[Head]]:
        """By who tells them. Raises CouldNotCheck."""
        if self._heads is None:
            return {_FILE: [], _NEWEST: []}
        try:
            newest = self._heads.newest()
            return {_FILE: self._heads.days(), _NEWEST: [newest] if newest else []}
        except (UnreadableHeads, OSError) as error:
            raise CouldNotCheck(f"导出的链头读不了：{error}") from error

    async def _seals(self) -> AsyncIterator[tuple[Seal, Sequence[str | None] | None]]:
        after = -(2**63)
        while True:
            async with self._database.raw_transaction() as connection:
                rows = await connection.fetch(_SEALS, after, _PAGE)
            for *seal, content in rows:
                yield Seal(*seal), content
            if len(rows) < _PAGE:
                return
            after = rows[-1]["seal_no"]

    def _exported(self, in_table: Sequence[Head], exported: Sequence[Head]) -> Iterator[Finding]:
        """The days' heads in the database against the lines outside."""
        if self._heads is None:
            if self._must_export:
                yield Finding(
                    "链头没有导出到数据库之外：链尾被截将无从发现",
                    "设置 CRAFTPORT_AUDIT_HEADS",
                    "指定一个数据库管理员不能写的目录，重启 worker。",
                )
            return
        lines = {head.day: head for head in exported}
        rows = {head.day: head for head in in_table}
        now = datetime.now(UTC)
        for day in sorted(lines.keys() | rows.keys()):
            line, row = lines.get(day), rows.get(day)
            if line is None:
                if row is not None and (now - row.at).total_seconds() > self._unsealed_seconds:
                    yield Finding(
                        "这一天的链头没有导出，或导出的一行被删",
                        f"{day}，{self._heads.days_file}",
                        "看 worker 的日志 audit_head_not_exported；目录要可写。",
                    )
            elif row is None:
                yield Finding("链头表里这一天的链头被删", f"{day}，链头表", "从备份找回；导出文件里的一行仍然有效。")
            elif (line.seal_no, line.hash, line.count) != (row.seal_no, row.hash, row.count):
                yield Finding(
                    "链头表与导出文件不符：其中一个被改", f"{day}，{self._heads.days_file}", "与其他部门留存的链头比对，查明改了哪一个。"
                )

    async def _rows(self, named: set[int]) -> AsyncIterator[Finding]:
        """Rows that have no seal though they are not new, and rows whose id and time do not go together."""
        after, window = -(2**63), list[asyncpg.Record]()
        while True:
            async with self._database.raw_transaction() as connection:
                rows = await connection.fetch(_ROWS, after, _PAGE)
            for row in rows:
                if row["seal_no"] is None and abs(row["age"]) > self._unsealed_seconds:
                    yield Finding(
                        f"审计记录写于 {abs(row['age']) / 60:,.0f} 分钟{'前' if row['age'] > 0 else '后'}，仍没有封印：有人直接插入，或封印程序停了",
                        f"记录 {row['id']}",
                        "看 worker 是否在运行、日志有无 audit_chain_broken；都正常则查明是谁直接写了数据库。",
                    )
                window = [*window[-2:], row]
                if (finding := _out_of_time(window, named)) is not None:
                    yield finding
            if len(rows) < _PAGE:
                return
            after = rows[-1]["id"]


def _expected(in_table: Sequence[Head], files: Mapping[str, Sequence[Head]]) -> Mapping[int, list[Expected]]:
    expected: dict[int, list[Expected]] = defaultdict(list)
    for told_by, heads in {**files, _TABLE: in_table}.items():
        for head in heads:
            expected[head.seal_no].append(Expected(head, told_by))
    return expected


def _out_of_time(window: Sequence[Any], named: set[int]) -> Finding | None:
    """Of three rows in the order of their ids the middle one, when it is later than its neighbours are: it has an id of former times."""
    if len(window) < 3:
        return None
    before, row, after = (each["at"] for each in window)
    if not (row > after + LATE_SECONDS and before <= after + LATE_SECONDS) or window[1]["id"] in named:
        return None
    return Finding(
        "审计记录的编号属于更早的时候：事后补入",
        f"记录 {window[1]['id']}（在 {window[0]['id']} 与 {window[2]['id']} 之间）",
        "查明是谁直接写了数据库；这件事本身没有经过系统。",
    )


_SEALS = f"""
    SELECT {", ".join(f"s.{name}" for name in Seal._fields)}, CASE WHEN a.id IS NOT NULL THEN {CONTENT} END AS content
    FROM (SELECT * FROM audit_seal WHERE seal_no > $1 ORDER BY seal_no LIMIT $2) AS s LEFT JOIN audit AS a ON a.id = s.audit_id ORDER BY s.seal_no
"""  # noqa: S608 - declared names
_ROWS = """
    SELECT a.id, sealed.seal_no, extract(epoch FROM a.at)::float8 AS at, (extract(epoch FROM now()) - extract(epoch FROM a.at))::float8 AS age
    FROM (SELECT id, at FROM audit WHERE id > $1 ORDER BY id LIMIT $2) AS a
    LEFT JOIN LATERAL (SELECT seal_no FROM audit_seal AS s WHERE s.audit_id = a.id LIMIT 1) AS sealed ON true ORDER BY a.id
"""
