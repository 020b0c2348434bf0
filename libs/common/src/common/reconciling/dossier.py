"""Dossiers: what is recomputed together, by kinds with ranks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from common.reconciling.marks import Ranks, Taken
from common.reconciling.reconciliation import Reconciliation

Reconcile = Callable[[Reconciliation, Sequence[Taken]], Awaitable[Mapping[str, date | None]]]
"""Recompute these dossiers and write what changed; returns for each the next day on which only time can change it."""

Targets = Callable[[Reconciliation, str, str, int], Awaitable[Sequence[str]]]
"""The next ids to mark for a dossier, behind the last one marked, at most so many, in order."""


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

    `targets` is SQL for ids to mark: `$1` the dossier's id, `$2` the last id marked (text), `$3` the chunk's size; ordered by id. Or, where
    SQL cannot tell, a function of the same three.
    """

    kind: str
    rank: int
    to: str
    targets: str | Targets
    chunk: int = 1000

    async def next(self, reconciliation: Reconciliation, id: str, after: str) -> list[str]:
        """The next chunk."""
        if isinstance(self.targets, str):
            return [row[0] for row in await reconciliation.connection.fetch(self.targets, id, after, self.chunk)]
        return list(await self.targets(reconciliation, id, after, self.chunk))


class Dossiers(Ranks):
    """A service's kinds of dossiers, by rank."""

    def __init__(self, kinds: Iterable[Dossier | FanOut]) -> None:
        self.kinds: tuple[Dossier | FanOut, ...] = tuple(sorted(kinds, key=lambda dossier: dossier.rank))
        super().__init__({dossier.kind: dossier.rank for dossier in self.kinds})
        if len(self.rank) != len(self.kinds):
            raise ValueError("two kinds of dossiers have one name")
        for dossier in self.kinds:
            if isinstance(dossier, FanOut):
                self.must_have(dossier.to)
            if isinstance(dossier, FanOut) and self.rank[dossier.to] <= dossier.rank:
                raise ValueError(f"{dossier.kind} may not mark {dossier.to}: its rank is not higher")
