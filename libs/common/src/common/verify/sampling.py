"""Recomputation goes on all the time: some dossiers a minute, one after the other through all of them, when nothing else waits."""

from __future__ import annotations

import asyncio
import json

import structlog

from common.database.engine import Database, is_transient
from common.database.lease import Claim
from common.reconciling.dossier import Dossier
from common.reconciling.take import kinds_waiting
from common.verify.check import CouldNotCheck, Finding
from common.verify.recomputed import Recomputed

_log = structlog.get_logger(__name__)
_EVERY_SECONDS = 60.0
_AT_ONCE = 20
_TOLD = 20


class Sampling:
    """Any number of workers may try; the holder of the lease looks. What it finds stands in the database, for every process to tell."""

    def __init__(self, database: Database, recomputed: Recomputed) -> None:
        self._database, self._recomputed = database, recomputed
        self._claim = Claim(database, "sampling", seconds=3 * _EVERY_SECONDS)

    async def run(self) -> None:
        """Every minute, until cancelled."""
        try:
            while True:
                await asyncio.sleep(_EVERY_SECONDS)
                try:
                    if await self._claim.is_ours():
                        await self.look()
                except CouldNotCheck as reason:
                    _log.info("sample_not_judged", reason=str(reason))
                except Exception as error:
                    tell = _log.warning if is_transient(error) else _log.exception
                    tell("sample_not_taken", error=type(error).__name__)
        finally:
            await asyncio.shield(self._claim.leave())

    async def look(self) -> int:
        """The next dossiers of every kind; how many. None while something waits to be recomputed. Raises CouldNotCheck."""
        async with self._database.raw_transaction() as connection:
            if await kinds_waiting(connection, [dossier.kind for dossier in self._recomputed.kinds]):
                return 0
        return sum([await self._look_at(dossier) for dossier in self._recomputed.kinds])

    async def _look_at(self, dossier: Dossier) -> int:
        async with self._database.raw_transaction() as connection:
            place = await connection.fetchval("SELECT place FROM recomputation WHERE kind = $1", dossier.kind) or ""
        ids = await self._recomputed.next(dossier.kind, place, limit=_AT_ONCE) or await self._recomputed.next(
            dossier.kind, "", limit=_AT_ONCE
        )
        if not ids:
            return 0
        suspected = await self._recomputed.suspects(dossier, ids)
        findings = [finding async for finding in self._recomputed.confirmed([(dossier, id_) for id_ in suspected])]
        for finding in findings:
            _log.error("held_is_not_due", where=finding.where)
        async with self._database.raw_transaction() as connection:
            await connection.execute(
                _TOLD_BY, dossier.kind, ids[-1], len(ids), len({finding.where for finding in findings}), _as_json(findings)
            )
        return len(ids)


def _as_json(findings: list[Finding]) -> str | None:
    """None leaves standing what was found last."""
    return json.dumps([f"{finding.where}：{finding.what}" for finding in findings[:_TOLD]], ensure_ascii=False) if findings else None


_TOLD_BY = """
    INSERT INTO recomputation AS r (kind, place, looked_at, differing, last_at, last_found, last_found_at)
    VALUES ($1, $2, $3, $4::bigint, now(), coalesce($5::jsonb, '[]'), CASE WHEN $4::bigint > 0 THEN now() END)
    ON CONFLICT (kind) DO UPDATE SET place = excluded.place, looked_at = r.looked_at + excluded.looked_at, differing = r.differing + excluded.differing,
        last_at = excluded.last_at, last_found = coalesce($5::jsonb, r.last_found), last_found_at = coalesce(excluded.last_found_at, r.last_found_at)
"""
