"""What a proposal would move: the very reconciliation that would follow, by the proposed figures, of every dossier they concern, taken back.

So it is exact to the fen, stacking and partners' counts included, and nothing of it ever stands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from awards.equipment import Equipment
from awards.kernel.parameters import Parameters
from awards.parameters.moves import Move, Stand, moved
from awards.policy.names import Key
from awards.reconciling import entitlements
from awards.reconciling.persons import Places, delivered_of, write_delivered
from awards.reconciling.touched import touched_dossiers
from common.database.business_day import today_and_epoch
from common.database.engine import Database
from common.reconciling.dossier import Dossier, Dossiers
from common.reconciling.marks import Taken, Urgency
from common.reconciling.reconciliation import Reconciliation

_PAGE = 1000
Progress = Callable[[int, int, Sequence[Move]], Awaitable[None]]
"""Told after every batch: dossiers found and done so far, and what these would move."""


class _TakenBack(Exception):
    """Ends a transaction that must leave nothing."""


class Previewing:
    """One proposal's figures against those in force. `run` may be called once."""

    def __init__(self, database: Database, dossiers: Dossiers, equipment: Equipment, old: Parameters, new: Parameters) -> None:
        self._database, self._dossiers = database, dossiers
        self._old, self._new = old, new
        self._by_old, self._by_new = equipment.supposing(old), equipment.supposing(new)
        self._places: dict[UUID, Places] = {}
        """Where persons would count, of whom that would change: their partners' years are reckoned with it."""

    async def run(self, progress: Progress) -> None:
        """Kind by kind, lowest rank first, as reconcilers do. Raises Superseded."""
        waiting: dict[str, set[str]] = {}
        kinds = [dossier for dossier in self._dossiers.kinds if isinstance(dossier, Dossier)]
        for dossier in kinds:
            waiting.setdefault(dossier.kind, set()).update(await self._touched(dossier.kind))
        found, done = sum(map(len, waiting.values())), 0
        await progress(found, done, ())
        for dossier in kinds:
            ids = sorted(waiting.pop(dossier.kind))
            for first in range(0, len(ids), dossier.batch):
                batch = ids[first : first + dossier.batch]
                moves, marks = await self._reconcile(dossier, batch)
                for kind, id_ in marks:
                    if kind in waiting:  # an alias hands over to its own kind whatever the figures are
                        found += id_ not in waiting[kind]
                        waiting[kind].add(id_)
                done += len(batch)
                await progress(found, done, moves)

    async def _touched(self, kind: str) -> list[str]:
        found: list[str] = []
        while True:
            async with self._database.raw_transaction() as connection:
                day, _ = await today_and_epoch(connection)
                after = found[-1] if found else ""
                page = await touched_dossiers(connection, kind, self._old, self._new, day, after=after, limit=_PAGE)
            found += page
            if len(page) < _PAGE:
                return found

    async def _reconcile(self, dossier: Dossier, ids: Sequence[str]) -> tuple[list[Move], set[tuple[str, str]]]:
        """What these would become, and which dossiers of higher rank that marks."""
        async with self._taken_back() as connection:
            day, epoch = await today_and_epoch(connection)
            rows = await connection.fetch(_LOCKED, dossier.kind, list(ids))
            taken = [Taken(row["id"], row["dirty"], Urgency.WIDE, "preview") for row in rows]
            if pending := [each for each, row in zip(taken, rows, strict=True) if row["is_pending"]]:
                # What is on its way anyway is not the proposal's doing.
                await dossier.reconcile(Reconciliation(connection, day, epoch, self._dossiers, dossier.rank, self._by_old), pending)
            before, places = await _stands(connection, dossier.kind, ids), await self._places_before(connection, dossier.kind, ids)
            reconciliation = Reconciliation(connection, day, epoch, self._dossiers, dossier.rank, self._by_new)
            await dossier.reconcile(reconciliation, taken)
            after = await _stands(connection, dossier.kind, ids)
            if dossier.kind == "person":
                now = await delivered_of(connection, ids)
                self._places |= {UUID(id_): now[id_] for id_ in ids if now[id_] != places[id_]}
        return moved(before, after), {(mark.kind, mark.id) for mark in reconciliation.marks}

    async def _places_before(self, connection: asyncpg.Connection, kind: str, ids: Sequence[str]) -> Mapping[str, Places]:
        """Of persons; for every other kind the persons' places are made what they would be, as it reads them."""
        if kind == "person":
            return await delivered_of(connection, ids)
        await write_delivered(connection, self._places)
        return {}

    @asynccontextmanager
    async def _taken_back(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            async with self._database.raw_transaction() as connection:
                yield connection
                raise _TakenBack
        except _TakenBack:
            pass


async def _stands(connection: asyncpg.Connection, kind: str, ids: Sequence[str]) -> dict[Key, Stand]:
    held = await entitlements.held_by(connection, kind, ids)
    return {row.name: Stand.of(row.content, row.settled_fen) for rows in held.values() for row in rows}


# The lock that reconcilers take, each waited for: a dossier that is just being computed is looked at when it has been.
_LOCKED = """
    WITH asked AS MATERIALIZED (
        SELECT id, pg_advisory_xact_lock(hashtextextended($1 || '/' || id, 0))::text AS lock FROM unnest($2::text[]) AS a(id))
    SELECT asked.id, lock, coalesce(d.dirty, 0) AS dirty,
        coalesce(d.dirty > d.clean OR d.look_again_on <= (SELECT day FROM business_day), false) AS is_pending
    FROM asked LEFT JOIN dossier AS d ON d.kind = $1 AND d.id = asked.id ORDER BY asked.id
"""
