"""Marks: what makes a dossier dirty, who goes first, and the order in which everybody writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

import asyncpg


class Urgency(IntEnum):
    """Who goes first: a live act, then what an import brings, then what a fan-out, a parameter or the calendar wakes."""

    LIVE = 0
    BULK = 1
    WIDE = 2


class Taken(NamedTuple):
    """A dossier under its lock. `seen` is the mark that this computation answers."""

    id: str
    seen: int
    urgency: Urgency
    cause: str


class Mark(NamedTuple):
    """A dossier to be recomputed. Marks are written in this order, so that two writers rarely deadlock."""

    rank: int
    kind: str
    id: str
    urgency: Urgency
    cause: str


class Ranks:
    """Which kinds of dossiers a service has, and which may mark which: a dossier marks only kinds of higher rank."""

    def __init__(self, rank: Mapping[str, int]) -> None:
        self.rank = rank

    def must_have(self, *kinds: str) -> None:
        """Raises ValueError for a kind that is named and not declared: at start-up, not when the first fact comes."""
        for kind in kinds:
            if kind not in self.rank:
                raise ValueError(f"there is no kind {kind} of dossiers")

    def mark(self, kind: str, id: str, *, urgency: Urgency, cause: str) -> Mark:
        """A mark for one dossier; KeyError when this service has no such kind."""
        return Mark(self.rank[kind], kind, id, urgency, cause)


_WRITE_MARKS = """
    INSERT INTO dossier AS d (kind, id, dirty, urgency, cause)
    SELECT kind, id, 1, urgency, cause FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[]) AS m(kind, id, urgency, cause)
    ON CONFLICT (kind, id) DO UPDATE SET
        dirty = d.dirty + 1,
        urgency = CASE WHEN d.dirty > d.clean THEN least(d.urgency, excluded.urgency) ELSE excluded.urgency END,
        cause = CASE WHEN d.dirty > d.clean AND d.urgency < excluded.urgency THEN d.cause ELSE excluded.cause END,
        failures = 0, failed_reason = NULL, try_again_at = NULL
"""


async def write_marks(connection: asyncpg.Connection, marks: Iterable[Mark]) -> None:
    """Make the dossiers dirty, each once, in (rank, kind, id) order. The most urgent mark of one dossier counts."""
    first: dict[tuple[str, str], Mark] = {}
    for mark in sorted(marks):
        first.setdefault((mark.kind, mark.id), mark)
    if not first:
        return
    _, kinds, ids, urgencies, causes = zip(*first.values(), strict=True)
    await connection.execute(_WRITE_MARKS, kinds, ids, urgencies, causes)
