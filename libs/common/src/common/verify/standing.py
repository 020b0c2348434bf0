"""What must not stand still in any service: dossiers, the outbox, and messages that nobody could read."""

from __future__ import annotations

import time
from asyncio import sleep
from collections.abc import AsyncIterator, Sequence

import asyncpg

from common.bus.replicas import Replica
from common.database.engine import Database
from common.verify.check import Check, Finding

_LOOK_SECONDS = 0.5
_NAMED = 20
"""So many of one kind are named; the others are counted."""


class DossiersClean(Check):
    """None failed, and none waits longer than the patience: each mark seen is answered by then."""

    name = "卷宗"
    says = "每份卷宗都已按最新事实复算，没有失败的，没有久等的"
    counts = "份卷宗"

    def __init__(self, database: Database, replicas: Sequence[Replica] = (), *, patience_seconds: float) -> None:
        self._database, self._replicas, self._patience_seconds = database, replicas, patience_seconds

    async def findings(self) -> AsyncIterator[Finding]:
        async with self._database.raw_transaction() as connection:
            self.looked_at = await connection.fetchval("SELECT count(*) FROM dossier")
            failed = await connection.fetch(
                "SELECT kind, id, failures, failed_reason FROM dossier WHERE failed_reason IS NOT NULL ORDER BY kind, id"
            )
        for row in failed:
            yield Finding(
                f"卷宗第 {row['failures']} 次复算未成：{row['failed_reason']}",
                f"{row['kind']} {row['id']}",
                "看 worker 日志 dossier_failed 的缘由；事实有误先更正，程序有误修复后它会自己再试。",
            )
        for kind, ids in (await self._standing_still()).items():
            more = f" 等 {len(ids):,} 份" if len(ids) > _NAMED else ""
            yield Finding(
                f"{len(ids):,} 份 {kind} 卷宗等了 {self._patience_seconds:.0f} 秒仍未复算",
                f"{kind} {'、'.join(ids[:_NAMED])}{more}",
                "看 worker 是否在运行；积压很大时等它做完，再核验一次。",
            )
        for replica in self._replicas:
            for kind, column in zip(replica.kinds, replica.columns, strict=True):
                async with self._database.raw_transaction() as connection:
                    lost = await connection.fetch(_WITHOUT_DOSSIER.format(table=replica.table, column=column), kind)
                for row in lost:
                    yield Finding(
                        "事实所指的卷宗不存在：永远不会复算",
                        f"{kind} {row['id']}（{replica.topic}）",
                        "从备份找回 dossier 的这一行，或补一行并标记复算。",
                    )

    async def _standing_still(self) -> dict[str, list[str]]:
        """What is marked now and not answered within the patience, by kind."""
        deadline = time.monotonic() + self._patience_seconds
        marked = {(row["kind"], row["id"]): row["dirty"] if row["dirty"] > row["clean"] else None for row in await self._waiting()}
        while marked and time.monotonic() < deadline:
            await sleep(_LOOK_SECONDS)
            clean = {(row["kind"], row["id"]): row["clean"] for row in await self._waiting()}
            # Marked anew and answered in between is not standing still; a day that has come is answered when it no longer waits.
            marked = {name: seen for name, seen in marked.items() if name in clean and (seen is None or clean[name] < seen)}
        waiting: dict[str, list[str]] = {}
        for kind, id_ in sorted(marked):
            waiting.setdefault(kind, []).append(id_)
        return waiting

    async def _waiting(self) -> list[asyncpg.Record]:
        async with self._database.raw_transaction() as connection:
            return list(await connection.fetch(_WAITING))


_WAITING = """
    SELECT kind, id, dirty, clean FROM dossier
    WHERE failed_reason IS NULL AND (dirty > clean OR look_again_on <= (SELECT day FROM business_day))
"""


_WITHOUT_DOSSIER = """
    SELECT DISTINCT r.{column} AS id FROM {table} AS r
    WHERE r.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM dossier AS d WHERE d.kind = $1 AND d.id = r.{column}) ORDER BY 1 LIMIT 100
"""


class OutboxYoung(Check):
    """Empty, or its oldest event is younger than the patience."""

    name = "待发事件"
    says = "已提交的事件都已送上总线，没有久等的"
    counts = "条待发"

    def __init__(self, database: Database, *, patience_seconds: float) -> None:
        self._database, self._patience_seconds = database, patience_seconds

    async def findings(self) -> AsyncIterator[Finding]:
        async with self._database.raw_transaction() as connection:
            self.looked_at = await connection.fetchval("SELECT count(*) FROM outbox")
            old = await connection.fetch(_OLD, self._patience_seconds)
        for row in old:
            yield Finding(
                f"{row['events']:,} 条事件提交后 {row['age']:,.0f} 秒仍未送上总线",
                f"{row['topic']}，最早的是 {row['aggregate_id']} 第 {row['version']} 版",
                "看 worker 和消息总线是否在运行，worker 日志有无 relay_waits。",
            )


_OLD = """
    SELECT DISTINCT ON (topic) topic, aggregate_id, version, count(*) OVER (PARTITION BY topic) AS events,
        extract(epoch FROM now() - recorded_at)::float8 AS age
    FROM outbox WHERE recorded_at < now() - $1 * interval '1 second' ORDER BY topic, recorded_at, id
"""


class NoDeadLetters(Check):
    """None waits for somebody."""

    name = "读不了的消息"
    says = "没有等人处理的消息"
    counts = "条读不了的消息"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def findings(self) -> AsyncIterator[Finding]:
        async with self._database.raw_transaction() as connection:
            letters: list[asyncpg.Record] = await connection.fetch(_WAITING_LETTERS)
        for letter in letters:
            self.looked_at += 1
            yield Finding(
                f"消息读不了：{letter['reason']}",
                f"{letter['topic']}/{letter['partition']} 位置 {letter['offset']}（{letter['id']}）",
                "在 …/operations/dead-letters 更正、重放，或说明理由作废。",
            )


_WAITING_LETTERS = """
    SELECT id, topic, partition, "offset", reason FROM dead_letter WHERE state = 'WAITING' ORDER BY topic, partition, "offset"
"""
