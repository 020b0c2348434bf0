"""The brake at work: of what some dossiers would become, what may be written now; the rest stands beside it as proposed.

An act of one person moves what it moves. What moves many at once (a file, a rule version, figures) is counted by its cause, and beyond the
limits nothing more of it is written. Time is no cause: what falls due on a day was foreseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from awards.kernel.parameters import Parameters
from awards.parameters.moves import MOVE_COLUMNS, Move, Stand
from awards.policy.brake import Limits
from awards.reconciling.entitlements import Change, Held
from common.audit.row import AuditRow, insert_audit
from common.reconciling.marks import Taken, Urgency
from common.reconciling.reconciliation import Reconciliation
from common.security.principal import Role

_NOT_COUNTED = ("calendar:", "preview", "verify")
"""Time, and computations that are taken back."""


async def passing(
    reconciliation: Reconciliation,
    kind: str,
    taken: Sequence[Taken],
    held: Mapping[str, Sequence[Held]],
    changes: Sequence[Change],
    parameters: Parameters,
    *,
    free: frozenset[str] = frozenset(),
) -> list[Change]:
    """The changes that may be written; those of dossiers that are held back are kept as proposed instead.

    `free`: never held back. What an alias gives up is owed to whom it is: kept, it would be owed twice.
    """
    connection = reconciliation.connection
    braked = {row["dossier_id"]: row for row in await connection.fetch(_BRAKED, kind, [dossier.id for dossier in taken])}
    if not braked and not any(map(_is_counted, taken)):
        return list(changes)
    own: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        own[change.because.id].append(change)
    stays = {id_: str(row["cause"]) for id_, row in braked.items() if row["state"] == "HOLDS" and id_ not in free}
    by_cause: dict[str, list[str]] = defaultdict(list)
    for dossier in taken:
        if dossier.id not in {*stays, *free} and own[dossier.id] and _is_counted(dossier):
            by_cause[dossier.cause].append(dossier.id)
    moves = {id_: _moves(held[id_], own[id_]) for id_ in {*stays, *(id_ for ids in by_cause.values() for id_ in ids)}}
    limits = Limits.on(reconciliation.business_day, parameters)
    for cause, ids in sorted(by_cause.items()):
        if not await _may_move(connection, cause, [move for id_ in ids for move in moves[id_]], limits):
            await _brake(connection, cause)
            stays |= dict.fromkeys(ids, cause)
    await _keep(connection, kind, stays, moves, known=braked)
    return [change for change in changes if change.because.id not in stays]


def _is_counted(dossier: Taken) -> bool:
    return dossier.urgency > Urgency.LIVE and not dossier.cause.startswith(_NOT_COUNTED)


def _moves(held: Iterable[Held], changes: Iterable[Change]) -> list[Move]:
    before = {row.name: Stand.of(row.content, row.settled_fen) for row in held}
    return [Move(change.name, before.get(change.name), Stand.of(change.content, change.settled_fen)) for change in changes]


async def _may_move(connection: asyncpg.Connection, cause: str, moves: Sequence[Move], limits: Limits) -> bool:
    """Whoever counts for the same cause waits until this transaction ends: two halves of too much are too much."""
    if await connection.fetchval("SELECT state FROM brake WHERE cause = $1", cause) == "RELEASED":
        return True
    counted = await connection.fetchrow(_COUNT, cause, len(moves), sum(abs(move.fen) for move in moves))
    return not limits.are_passed_by(counted["entitlements"], counted["fen"])


async def _brake(connection: asyncpg.Connection, cause: str) -> None:
    """Said once."""
    now = datetime.now(UTC)
    id_ = await connection.fetchval(_BEGIN, uuid7(), cause, now)
    if id_ is not None:
        await insert_audit(connection, [AuditRow(now, "awards", Role.SERVICE, "reconcile", "brake", id_, 1, "braked", cause, None, "{}")])


async def _keep(
    connection: asyncpg.Connection, kind: str, stays: Mapping[str, str], moves: Mapping[str, Sequence[Move]], *, known: Mapping[str, Any]
) -> None:
    """What is held back is as it was computed last; what is not, or would not move any more, is forgotten. Equal results write nothing."""
    now = {id_: {(cause, *move.columns()) for move in moves[id_]} for id_, cause in stays.items() if moves[id_]}
    was: dict[str, set[tuple[Any, ...]]] = {id_: set() for id_ in known}
    for id_, *columns in await connection.fetch(_PROPOSED, kind, list(known)) if known else ():
        was[id_].add(tuple(columns))
    if gone := [id_ for id_ in was if id_ not in now]:
        await connection.execute("DELETE FROM held_back_dossier WHERE dossier_kind = $1 AND dossier_id = ANY($2::text[])", kind, gone)
    if old := [id_ for id_, columns in was.items() if columns != now.get(id_, set())]:
        await connection.execute("DELETE FROM held_back_change WHERE dossier_kind = $1 AND dossier_id = ANY($2::text[])", kind, old)
    new = [(kind, id_, stays[id_]) for id_ in now if id_ not in was]
    rows = [(kind, id_, *columns) for id_, proposed in now.items() if proposed != was.get(id_) for columns in proposed]
    for table, records, columns in (("held_back_dossier", new, _DOSSIER), ("held_back_change", rows, (*_DOSSIER, *MOVE_COLUMNS))):
        if records:
            await connection.copy_records_to_table(table, records=records, columns=columns)


_DOSSIER = ("dossier_kind", "dossier_id", "cause")
_BRAKED = """
    SELECT h.dossier_id, h.cause, b.state FROM held_back_dossier AS h JOIN brake AS b USING (cause)
    WHERE h.dossier_kind = $1 AND h.dossier_id = ANY($2::text[])
"""
_COUNT = """
    INSERT INTO brake_count AS b (cause, entitlements, fen) VALUES ($1, $2::bigint, $3::bigint)
    ON CONFLICT (cause) DO UPDATE SET entitlements = b.entitlements + excluded.entitlements, fen = b.fen + excluded.fen
    RETURNING entitlements, fen
"""
_BEGIN = "INSERT INTO brake (id, version, cause, state, since) VALUES ($1, 1, $2, 'HOLDS', $3) ON CONFLICT (cause) DO NOTHING RETURNING id"
_PROPOSED = f"""
    SELECT dossier_id, cause, {", ".join(MOVE_COLUMNS)} FROM held_back_change WHERE dossier_kind = $1 AND dossier_id = ANY($2::text[])
"""
