"""Counting heads: a roster, a rule that counts instead of paying, and whether a count reaches a figure while some are undecided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, Table, both, changes, crowded
from awards.kernel.ground import Measure
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import G, Rule, yes_and_unknown
from awards.kernel.terms import Sight, Term, View


class Counted(NamedTuple, Generic[G]):
    """Rows that count whatever becomes of what is unknown, at most one of each key; and rows that may yet count."""

    surely: tuple[G, ...]
    undecided: tuple[G, ...]


class CountedColumns(NamedTuple):
    """The same for a table: which rows."""

    surely: NDArray[np.bool_]
    undecided: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Roster(Rule[G]):
    """Who is counted, and for whom: a rule that pays in heads. Of one key the preferred row counts that meets every condition.

    A row of which something is unknown holds open what comes after it: its key counts surely only where both would count for the same group.
    """

    grouped_by: tuple[Measure[Any], ...]

    def sections(self) -> dict[str, Iterable[Term[Any] | None]]:
        return super().sections() | {"grouped_by": self.grouped_by}

    def group(self, row: G) -> tuple[Any, ...]:
        """For whom it counts."""
        return tuple(row.__dict__[term.name] for term in self.grouped_by)

    def counted(self, rows: Iterable[G], parameters: Parameters, today: date) -> Counted[G]:
        """Each key once."""
        candidates: dict[tuple[Any, ...], list[G]] = defaultdict(list)
        settled: set[tuple[Any, ...]] = set()
        for row in sorted(rows, key=self.order):
            key = self.key(row)
            truth = False if key in settled else self.truth(self.sight(row, parameters, today))
            if truth is not False:
                candidates[key].append(row)
            if truth:
                settled.add(key)
        sure = {key for key, among in candidates.items() if key in settled and len({self.group(row) for row in among}) == 1}
        undecided = (row for key, among in candidates.items() if key not in sure for row in among)
        return Counted(tuple(among[-1] for key, among in candidates.items() if key in sure), tuple(undecided))

    def awaits(self, row: G, parameters: Parameters, today: date) -> str | None:
        """The condition of which something is unknown; None when it is only another row that holds this one open."""
        at = self.sight(row, parameters, today)
        return next((each.title for each in self.requirements if each.holds(at) is None), None)

    def counted_columns(self, table: Table, parameters: Parameters, today: date) -> CountedColumns:
        """`counted` for a whole table, equal to it row by row."""
        yes, unknown = (np.broadcast_to(each, len(table)) for each in yes_and_unknown(self.truths(self.view(table, parameters, today))))
        keys = [table[term.name] for term in self.once_per]
        found = CountedColumns(yes.copy(), unknown.copy())
        rows = crowded(np.flatnonzero(yes | unknown), keys)
        if not len(rows):
            return found
        rows = rows[np.lexsort([*self.order_columns(table, rows)[::-1], *(key[rows] for key in keys[::-1])])]
        new = changes([key[rows] for key in keys])
        surely, undecided = _of_crowded(yes[rows], new, [table[term.name][rows] for term in self.grouped_by])
        found.surely[rows], found.undecided[rows] = surely, undecided
        return found


def _of_crowded(yes: NDArray[np.bool_], new: NDArray[np.bool_], groups: list[NDArray[Any]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows sorted by key (`new` where one begins) and preference: which of them count surely, and which may."""
    nth, first = np.cumsum(new) - 1, np.flatnonzero(new)
    before: NDArray[np.int64] = np.cumsum(yes) - yes
    is_candidate: NDArray[np.bool_] = before == before[first][nth]
    is_elsewhere = np.zeros(len(yes), bool)
    for group in groups:
        is_elsewhere |= group != group[first][nth]
    is_open = np.bincount(nth, weights=yes) == 0
    is_open |= np.bincount(nth, weights=is_candidate & is_elsewhere) > 0
    return is_candidate & yes & ~is_open[nth], is_candidate & is_open[nth]


@dataclass(frozen=True, eq=False)
class Reaches(Term[bool]):
    """A count against a figure: yes when those counted reach it, unknown while the undecided could make them, else no."""

    count: Term[int]
    undecided: Term[int]
    need: Term[int]

    def value(self, at: Sight) -> bool | None:
        count, undecided, need = self.count.value(at), self.undecided.value(at), self.need.value(at)
        if count is None or need is None:
            return None
        if count >= need:
            return True
        return None if undecided is None or count + undecided >= need else False

    def column(self, view: View) -> Column:
        count, undecided, need = view.of(self.count), view.of(self.undecided), view.of(self.need)
        reached, out_of_reach = count.values >= need.values, count.values + undecided.values < need.values
        if undecided.known is not None:
            out_of_reach = out_of_reach & undecided.known
        return Column(reached, both(both(count.known, need.known), reached | out_of_reach))

    def parts(self) -> tuple[Term[Any], ...]:
        return self.count, self.undecided, self.need


def reaches(count: Term[int], need: Term[int], *, undecided: Term[int]) -> Reaches:
    """Those counted reach what is needed; unknown while the undecided may."""
    return Reaches(count, undecided, need)
