"""Across the services of a city: what each owner's tables say is what every reader has heard, aggregate by aggregate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from common.bus.replicas import Replica
from common.database.engine import Database
from common.verify.check import Check, Finding, Inspected
from common.verify.patience import Patience

_PAGE = 2000
_MOST_SUSPECTED = 1000
_WHAT_TO_DO = (
    "收得少：看读方 worker、停下的分区和读不了的消息，都正常则请发布方重新发布；收得多：发布方的台账被改回，或读方的记录是插入的。"
)


class _Way(NamedTuple):
    """From an owner's table to a reader."""

    owner: Inspected
    table: str
    reader: Inspected
    replica: Replica


class HeardEverywhere(Check):
    """Names what was lost on the way even when the reader has never heard of it. Needs the databases of all."""

    name = "发布与收到"
    says = "各服务台账里的每一版，每个读方都已收到，没有多的"
    counts = "项事实"

    def __init__(self, city: Sequence[Inspected], *, patience_seconds: float) -> None:
        self._city, self._patience = city, Patience(patience_seconds)

    async def findings(self) -> AsyncIterator[Finding]:
        for way in self._ways():
            suspected: list[UUID] = []
            after = UUID(int=0)
            while len(suspected) < _MOST_SUSPECTED and (ids := await self._next(way, after)):
                suspected += [id_ for id_, _, _ in await _different(way, ids)]
                self.looked_at, after = self.looked_at + len(ids), ids[-1]
            for id_, own, heard in await self._patience.still(suspected, partial(_different, way)):
                owner, reader = way.owner.service.name, way.reader.service.name
                own_said, heard_said = f"第 {own} 版" if own else "没有这一行", f"只到第 {heard} 版" if heard else "从未收到"
                more = own is None or (heard is not None and heard > own)
                yield Finding(
                    f"{owner} 台账：{own_said}；{reader}：{f'收到了第 {heard} 版' if more else heard_said}",
                    f"{way.replica.topic} {id_}",
                    _WHAT_TO_DO,
                )

    def _ways(self) -> Iterator[_Way]:
        tables = {
            model.publishes.topic: (owner, str(model.__tablename__))
            for owner in self._city
            for model in owner.service.publishes
            if model.publishes
        }
        for reader in self._city:
            for replica in reader.service.replicas:
                if replica.topic in tables:
                    yield _Way(*tables[replica.topic], reader, replica)

    async def _next(self, way: _Way, after: UUID) -> list[UUID]:
        """The next ids that one of both knows, as far as both have been asked."""
        own = await _ids(way.owner.database, f"SELECT id FROM {way.table} WHERE id > $1 ORDER BY id LIMIT $2", after, _PAGE)  # noqa: S608 - a declared name
        heard = await _ids(way.reader.database, _HEARD_IDS, after, _PAGE, way.replica.topic)
        return sorted({*own, *heard})[:_PAGE]


async def _ids(database: Database, query: str, *arguments: object) -> list[UUID]:
    async with database.raw_transaction() as connection:
        return [row["id"] for row in await connection.fetch(query, *arguments)]


async def _different(way: _Way, ids: Sequence[UUID]) -> list[tuple[UUID, int | None, int | None]]:
    """(id, the owner's version, the newest that was heard), where they are not the same. The reader is asked first: what he has heard the owner has."""
    async with way.reader.database.raw_transaction() as connection:
        heard = dict(await connection.fetch(_HEARD, way.replica.topic, list(ids)))
    async with way.owner.database.raw_transaction() as connection:
        own = dict(await connection.fetch(f"SELECT id, version FROM {way.table} WHERE id = ANY($1::uuid[])", list(ids)))  # noqa: S608 - a declared name
    return [(id_, own.get(id_), heard.get(id_)) for id_ in ids if own.get(id_) != heard.get(id_)]


_HEARD_IDS = "SELECT DISTINCT id FROM fact_version WHERE topic = $3 AND id > $1 ORDER BY id LIMIT $2"
_HEARD = """
    SELECT DISTINCT ON (id) id, version FROM fact_version WHERE topic = $1 AND id = ANY($2::uuid[]) ORDER BY id, epoch DESC, version DESC
"""
