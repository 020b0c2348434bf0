"""Dossiers: what is recomputed together. Their kinds, ranks, and the marks that make them dirty."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

if TYPE_CHECKING:
    from common.reconciling.reconciliation import Reconciliation


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


Reconcile = Callable[["Reconciliation", Sequence[Taken]], Awaitable[Mapping[str, date | None]]]
"""Recompute these dossiers and write what changed; returns for each the next day on which only time can change it."""


@dataclass(frozen=True)
class Dossier:
    """A kind of dossier. It may mark only kinds of higher rank, which makes every cascade end. `batch`: how many at once."""

    kind: str
    rank: int
    reconcile: Reconcile
    batch: int = 100


@dataclass(frozen=True)
class FanOut:
    """A dossier that only marks others, in chunks with a cursor, after its own commit (architecture §3, rule 1).

    `targets` is SQL for ids to mark: `$1` the dossier's id, `$2` the last id marked (text), `$3` the chunk's size; ordered by id.
    """

    kind: str
    rank: int
    to: str
    targets: str
    chunk: int = 1000


class Dossiers:
    """A service's kinds of dossiers, by rank."""

    def __init__(self, kinds: Iterable[Dossier | FanOut]) -> None:
        self.kinds: tuple[Dossier | FanOut, ...] = tuple(sorted(kinds, key=lambda dossier: dossier.rank))
        self.rank: dict[str, int] = {dossier.kind: dossier.rank for dossier in self.kinds}
        if len(self.rank) != len(self.kinds):
            raise ValueError("two kinds of dossiers have one name")
        for dossier in self.kinds:
            if isinstance(dossier, FanOut):
                self.must_have(dossier.to)
            if isinstance(dossier, FanOut) and self.rank[dossier.to] <= dossier.rank:
                raise ValueError(f"{dossier.kind} may not mark {dossier.to}: its rank is not higher")

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
