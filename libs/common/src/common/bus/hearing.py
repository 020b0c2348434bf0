"""Reading one's own write over the bus: whether this service has heard given versions, and has answered the marks they made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import asyncpg

from common.bus.replicas import Replica
from common.refusal import Conflict, Refusal
from common.work.work import SeenVersion


class NotHeardHere(Refusal):
    """The token names something that this service never hears of."""

    status = 400
    title = "本服务不接收该令牌所指的数据"


class HeardButUnreadable(Conflict):
    """The version arrived and could not be read; operators have it as a dead letter."""

    title = "该令牌所指的数据已到达但无法读取，正由运维处理"


class Hearing:
    """What this service has heard. `own_topics`: what it writes itself, where only the dossiers that were marked are waited for."""

    def __init__(self, replicas: Iterable[Replica], own_topics: Iterable[str]) -> None:
        self._replicas = {replica.topic: replica for replica in replicas}
        self._own_topics = frozenset(own_topics)

    async def has_heard(self, connection: asyncpg.Connection, versions: Sequence[SeenVersion]) -> bool:
        """Whether all of them (or newer ones) are here and the dossiers that they marked are clean. Raises NotHeardHere, HeardButUnreadable."""
        by_topic: dict[str, list[SeenVersion]] = defaultdict(list)
        own: list[tuple[str, str]] = []
        for version in versions:
            if version.topic in self._own_topics:
                own += version.marked
                continue
            if version.topic not in self._replicas:
                raise NotHeardHere(f"主题 {version.topic}")
            by_topic[version.topic].append(version)
        for topic, seen in by_topic.items():
            if not await self._topic(connection, self._replicas[topic], seen):
                return False
        return await are_clean(connection, own)

    async def _topic(self, connection: asyncpg.Connection, replica: Replica, seen: Sequence[SeenVersion]) -> bool:
        ids = [version.id for version in seen]
        names = "".join(f", {column}" for column in replica.columns)
        rows = {
            row["id"]: row
            for row in await connection.fetch(f"SELECT id, epoch, version, was{names} FROM {replica.table} WHERE id = ANY($1::uuid[])", ids)  # noqa: S608 - declared names
        }
        missing = [v for v in seen if v.id not in rows or (rows[v.id]["epoch"], rows[v.id]["version"]) < (v.epoch, v.version)]
        if missing:
            await _refuse_dead(connection, replica.topic, missing)
            return False
        named = [
            (kind, name)
            for row in rows.values()
            for kind, column, was in zip(replica.kinds, replica.columns, row["was"] or (None,) * len(replica.columns), strict=True)
            for name in (row[column], was)
            if name is not None
        ]
        return await are_clean(connection, named)


async def are_clean(connection: asyncpg.Connection, dossiers: Sequence[tuple[str, str]]) -> bool:
    """Whether none of these dossiers waits to be computed."""
    return not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM dossier JOIN unnest($1::text[], $2::text[]) AS n(kind, id) USING (kind, id) WHERE dirty > clean)",
        [kind for kind, _ in dossiers],
        [id_ for _, id_ in dossiers],
    )


async def _refuse_dead(connection: asyncpg.Connection, topic: str, versions: Sequence[SeenVersion]) -> None:
    """One that waits for an operator, or that he has discarded, will not come in time. Raises HeardButUnreadable."""
    if await connection.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM dead_letter AS d JOIN unnest($2::uuid[], $3::int[], $4::bigint[]) AS v(id, epoch, version)
                ON (d.aggregate_id, d.epoch, d.version) = (v.id, v.epoch, v.version)
            WHERE d.topic = $1 AND d.state IN ('WAITING', 'DISCARDED'))
        """,
        topic,
        [version.id for version in versions],
        [version.epoch for version in versions],
        [version.version for version in versions],
    ):
        raise HeardButUnreadable
