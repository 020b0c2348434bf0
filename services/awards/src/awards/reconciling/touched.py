"""Whom other figures concern: the dossiers of which some stored ground may be answered otherwise, found on columns, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from awards.equipment import Equipment
from awards.kernel.columns import Table
from awards.kernel.difference import changed_days, changed_names, touched
from awards.kernel.ground import Ground
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Rule
from awards.policy.grounds import BY_DOSSIER
from awards.policy.schemes import RULES
from awards.reconciling.grounds import TABLES
from common.reconciling.dossier import Targets
from common.reconciling.reconciliation import Reconciliation

_PAGE = 2000
"""Rows made into columns at once: a slice of the loop below 20 ms."""


def touched_by_decision(kind: str) -> Targets:
    """Of a fan-out that is named after the proposal whose figures have been put in force: the dossiers of this kind to compute anew.

    It runs when they are in force already. Whoever stores a ground from then on has decided it by them, so nobody is missed.
    """

    async def targets(reconciliation: Reconciliation, id: str, after: str, limit: int) -> Sequence[str]:
        connection, equipment = reconciliation.connection, reconciliation.equipment
        assert isinstance(equipment, Equipment)
        row = await connection.fetchrow("SELECT figures_before, figures_after FROM parameter_proposal WHERE id = $1", UUID(id))
        figures = [await equipment.figures_of(connection, hash_) for hash_ in row]
        return await touched_dossiers(connection, kind, figures[0], figures[1], reconciliation.business_day, after=after, limit=limit)

    return targets


async def touched_dossiers(
    connection: asyncpg.Connection, kind: str, old: Parameters, new: Parameters, today: date, *, after: str = "", limit: int
) -> list[str]:
    """The next dossiers of this kind behind `after`, at most `limit`, in order."""
    found: set[str] = set()
    for rule in RULES:
        if rule.ground in BY_DOSSIER[kind]:
            found |= await _touched_by(connection, rule, old, new, today, after, limit)
    return sorted(found)[:limit]


async def _touched_by(
    connection: asyncpg.Connection, rule: Rule[Any], old: Parameters, new: Parameters, today: date, after: str, limit: int
) -> set[str]:
    """The first so many at least, unless there are fewer."""
    found: set[str] = set()
    days = changed_days(old, new, changed_names(old, new) & {each.name for each in rule.parameters})
    while days is not None and len(found) < limit:
        # A dossier's rows come together: the next page begins behind the last dossier of this one.
        rows = await connection.fetch(_rows_of(rule), after, days.first, days.last, _PAGE)
        if not rows:
            break
        which = touched(rule, _table(rule.ground, rows), old, new, today)
        found |= {row["dossier"] for row, is_touched in zip(rows, which.tolist(), strict=True) if is_touched}
        after = rows[-1]["dossier"]
    return found


def _rows_of(rule: Rule[Any]) -> str:
    judged_on = rule.judged_on.name
    return f"""
        SELECT dossier, {", ".join(rule.ground.facts)} FROM {TABLES[rule.ground]}
        WHERE dossier > $1 AND {judged_on} BETWEEN $2 AND $3 ORDER BY dossier FETCH FIRST $4 ROWS WITH TIES
    """


def _table(kind: type[Ground], rows: Sequence[asyncpg.Record]) -> Table:
    return kind.table(kind(**{name: _read(row[name]) for name in kind.facts}) for row in rows)


def _read(value: Any) -> Any:
    """A list of the database is one of a ground: it never changes."""
    return tuple(value) if isinstance(value, list) else value
