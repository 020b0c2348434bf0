"""Previews at work: whoever finds one that is asked for works it out, batch by batch, beside everything else, and says how far it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from awards.equipment import Equipment
from awards.kernel.parameters import Parameters
from awards.parameters.actions import supposed
from awards.parameters.history import figures_known_at
from awards.parameters.moves import MOVE_COLUMNS, Move, Summary
from awards.parameters.previewing import Previewing
from awards.parameters.proposals import ParameterProposal
from common.database.business_day import today_and_epoch
from common.database.engine import Database, is_transient, raw
from common.reconciling.dossier import Dossiers
from common.reconciling.reconciliation import Superseded
from common.refusal import Refusal
from common.waking import Bell, rung

_log = structlog.get_logger(__name__)
_CLAIM_SECONDS = 60
_POLL_SECONDS = 1.0


class _Overtaken(Exception):
    """Another worker works it out, or it is asked for anew."""


class Previews:
    """Any number of workers may try; each preview is worked out by one, anew from the beginning when that one has died."""

    def __init__(self, database: Database, dossiers: Dossiers, equipment: Equipment, *, committed: Bell) -> None:
        self._database, self._dossiers, self._equipment = database, dossiers, equipment
        self._wake, self._committed = committed.listen(), committed

    async def run(self) -> None:
        """Until cancelled. Raises Superseded."""
        while True:
            self._wake.clear()
            try:
                done = await self.step()
            except Superseded:
                raise
            except Exception as error:
                if not is_transient(error):
                    _log.exception("previews_failed")
                await asyncio.sleep(_POLL_SECONDS)
                continue
            if not done:
                await rung(self._wake, within_seconds=_POLL_SECONDS)

    async def step(self) -> bool:
        """Work one out to its end; False when none is asked for. Raises Superseded."""
        async with self._database.raw_transaction() as connection:
            row = await connection.fetchrow(_CLAIM, _CLAIM_SECONDS)
        if row is None:
            return False
        working = _Working(self._database, row["proposal_id"], row["claimed_until"])
        try:
            day, before, after = await self._figures(working.proposal_id)
            await working.begin(day, before, after)
            await Previewing(self._database, self._dossiers, self._equipment, before, after).run(working.progress)
            await working.end()
        except _Overtaken:
            pass
        except Superseded:
            raise
        except Refusal as refusal:
            await working.fail(f"{refusal.code}: {refusal.title}")
        except Exception as error:
            if is_transient(error):
                raise
            _log.exception("preview_failed", proposal=str(working.proposal_id))
            await working.fail("unexpected: 系统内部错误，已记录")
        self._committed.ring()
        return True

    async def _figures(self, proposal_id: UUID) -> tuple[date, Parameters, Parameters]:
        """The day, the figures in force, and those that would be. Raises what `supposed` raises."""
        async with self._database.transaction() as session:
            day, _ = await today_and_epoch(await raw(session))
            proposal = await session.get_one(ParameterProposal, proposal_id)
            return day, await figures_known_at(session), await supposed(session, proposal.figures)


class _Working:
    """A preview as long as it is ours: the claim stands as we have set it."""

    def __init__(self, database: Database, proposal_id: UUID, claimed_until: Any) -> None:
        self._database, self.proposal_id, self._claimed_until = database, proposal_id, claimed_until
        self._summary = Summary()

    async def begin(self, day: date, before: Parameters, after: Parameters) -> None:
        """What an earlier one has found is forgotten."""
        async with self._database.raw_transaction() as connection:
            await self._update(connection, _BEGUN, day, before.hash, after.hash)
            await connection.execute("DELETE FROM parameter_preview_move WHERE proposal_id = $1", self.proposal_id)

    async def progress(self, found: int, done: int, moves: Sequence[Move]) -> None:
        """Raises _Overtaken."""
        self._summary.add(moves)
        async with self._database.raw_transaction() as connection:
            await self._update(connection, "dossiers_found = $4, dossiers_done = $5", found, done)
            await connection.copy_records_to_table(
                "parameter_preview_move",
                records=[(self.proposal_id, *move.columns()) for move in moves],
                columns=("proposal_id", *MOVE_COLUMNS),
            )

    async def end(self) -> None:
        summary = json.dumps(self._summary.to_record(), ensure_ascii=False)
        async with self._database.raw_transaction() as connection:
            await self._update(connection, "state = 'DONE', finished_at = now(), summary = $4::jsonb", summary)

    async def fail(self, reason: str) -> None:
        async with self._database.raw_transaction() as connection:
            await self._update(connection, "state = 'FAILED', finished_at = now(), failed_reason = $4", reason)

    async def _update(self, connection: asyncpg.Connection, columns: str, *values: object) -> None:
        query = (
            f"UPDATE parameter_preview SET {columns}, claimed_until = now() + $3 * interval '1 second'"  # noqa: S608 - our own columns
            " WHERE proposal_id = $1 AND claimed_until = $2 AND state = 'RUNNING' RETURNING claimed_until"
        )
        claimed_until = await connection.fetchval(query, self.proposal_id, self._claimed_until, _CLAIM_SECONDS, *values)
        if claimed_until is None:
            raise _Overtaken
        self._claimed_until = claimed_until


_CLAIM = """
    UPDATE parameter_preview SET state = 'RUNNING', claimed_until = now() + $1 * interval '1 second'
    WHERE proposal_id = (SELECT proposal_id FROM parameter_preview WHERE state = 'WAITING' OR (state = 'RUNNING' AND claimed_until < now())
                         ORDER BY proposal_id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING proposal_id, claimed_until
"""
_BEGUN = (
    "business_day = $4, figures_before = $5, figures_after = $6, dossiers_found = 0, dossiers_done = 0,"
    " finished_at = NULL, failed_reason = NULL, summary = NULL"
)
