"""Replicas against what was heard: nothing lost, nothing doubled, nothing out of its order, nothing changed by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from uuid import UUID

import asyncpg
from pydantic import ValidationError

from common.bus import integrity
from common.bus.replicas import Replica
from common.database.engine import Database
from common.verify.check import Check, Finding
from common.verify.patience import Patience

_PAGE = 1000
_MOST_SUSPECTED = 1000
_REPLAY = "请数据所属的服务重新发布（python -m <服务> republish，先停 api 和 worker），再核验一次。"
_COUNTS = "重新发布后仍不符，即有人改过 fact_version 或 fact_count：从备份比对。"


class ReplicasTrue(Check):
    """Each replica is the newest version that was heard, of each aggregate every version was heard, and it names what its state names."""

    name = "副本"
    says = "收到的事实一版不缺、一版不多、不乱序，副本就是收到的最新一版，一字未改"
    counts = "项事实"

    def __init__(self, database: Database, replicas: Sequence[Replica], *, patience_seconds: float) -> None:
        self._database, self._replicas, self._patience = database, replicas, Patience(patience_seconds)

    async def findings(self) -> AsyncIterator[Finding]:
        for replica in self._replicas:
            suspected: list[UUID] = []
            after = UUID(int=0)
            while len(suspected) < _MOST_SUSPECTED and (ids := await self._next(replica, after)):
                suspected += [id_ for id_, _ in await self._wrong(replica, ids)]
                self.looked_at, after = self.looked_at + len(ids), ids[-1]
            for id_, what in await self._patience.still(suspected, partial(self._wrong, replica)):
                yield Finding(what, f"{replica.topic} {id_}", _REPLAY)
        async with self._database.raw_transaction() as connection:
            counted = await integrity.heard(connection, [replica.topic for replica in self._replicas])
        for each in counted:
            if each.counted != each.kept:
                yield Finding(f"累计收到 {each.counted:,} 版，保存的却是 {each.kept:,} 版：有事实丢失或被加进来", each.topic, _COUNTS)

    async def _next(self, replica: Replica, after: UUID) -> list[UUID]:
        async with self._database.raw_transaction() as connection:
            rows = await connection.fetch(_NEXT.format(table=replica.table), replica.topic, after, _PAGE)
        return [row["id"] for row in rows]

    async def _wrong(self, replica: Replica, ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
        columns = "".join(f", r.{column}" for column in replica.columns)
        async with self._database.raw_transaction() as connection:
            rows = await connection.fetch(_COMPARE.format(table=replica.table, columns=columns), replica.topic, list(ids))
        return [(row["id"], what) for row in rows if (what := _what_is_wrong(replica, row)) is not None]


def _what_is_wrong(replica: Replica, row: asyncpg.Record) -> str | None:
    held, heard = (row["held_epoch"], row["held"]), (row["heard_epoch"], row["heard"])
    if row["heard"] is None:
        return f"副本里有第 {row['held']} 版，却从未收到过：有人直接插入"
    if row["held"] is None:
        return f"第 {row['heard']} 版收到过，副本里却没有：丢失"
    if held < heard:
        return f"副本停在第 {row['held']} 版，第 {row['heard']} 版已收到：被旧版覆盖，或收到的记录是加进来的"
    if held > heard:
        return f"副本已是第 {row['held']} 版，收到的最新却是第 {row['heard']} 版：记录丢失，或副本被改"
    if row["missing"] is not None:
        return f"第 {row['missing']} 版从未收到：丢失"
    if row["is_changed"]:
        return f"副本的内容与收到的第 {row['heard']} 版不同：被改过"
    try:
        named = replica.named_by(replica.contract.parse(row["state"]))
    except ValidationError:
        return "副本的内容不合规约：被改过"
    return None if named == tuple(row[column] for column in replica.columns) else "副本所指的卷宗与内容不符：被改过"


_NEXT = """
    SELECT id FROM ((SELECT DISTINCT id FROM fact_version WHERE topic = $1 AND id > $2 ORDER BY id LIMIT $3)
        UNION (SELECT id FROM {table} WHERE id > $2 ORDER BY id LIMIT $3)) AS known ORDER BY id LIMIT $3
"""
# A version that could not be read is not lost: it lies among the dead letters, or somebody has said what became of it.
_COMPARE = """
    SELECT a.id, r.epoch AS held_epoch, r.version AS held, r.state::text AS state, newest.epoch AS heard_epoch, newest.version AS heard,
        newest.state IS DISTINCT FROM r.state AND newest.state IS NOT NULL AS is_changed,
        CASE WHEN known.number < newest.version - known.first + 1 THEN (
            SELECT min(v) FROM generate_series(known.first, least(newest.version, known.first + known.number + 100)) AS v
            WHERE NOT EXISTS (SELECT FROM fact_version AS f WHERE (f.topic, f.id, f.epoch, f.version) = ($1, a.id, newest.epoch, v))
              AND NOT EXISTS (SELECT FROM dead_letter AS d WHERE d.topic = $1 AND d.aggregate_id = a.id AND d.version = v)) END AS missing{columns}
    FROM unnest($2::uuid[]) AS a(id) LEFT JOIN {table} AS r USING (id)
    LEFT JOIN LATERAL (SELECT epoch, version, state FROM fact_version AS f WHERE f.topic = $1 AND f.id = a.id
                       ORDER BY epoch DESC, version DESC LIMIT 1) AS newest ON true
    LEFT JOIN LATERAL (SELECT CASE newest.epoch WHEN 1 THEN 1 ELSE min(version) END AS first, count(*) AS number FROM fact_version AS f
                       WHERE f.topic = $1 AND f.id = a.id AND f.epoch = newest.epoch) AS known ON true
    ORDER BY a.id
"""
