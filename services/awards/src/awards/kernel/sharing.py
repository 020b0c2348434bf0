"""Sharing a sum: equally or in proportion, by largest remainder, so that no fen is lost and none is found (A55)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, both
from awards.kernel.ground import Measure
from awards.kernel.kinds import Fen, Unit
from awards.kernel.terms import Sight, Term, View

Parts = tuple[int, ...]
"""What each of several paid, in the order of their ids: who stands earlier comes first where remainders are equal."""


def shared(sum_fen: int, parts: Sequence[int]) -> list[int]:
    """The sum in proportion to the parts: whole fen each, what is left over to the largest remainders, of equal ones to the first."""
    whole = sum(parts)
    if not whole:
        return [0] * len(parts)
    shares = [sum_fen * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda nth: (-(sum_fen * parts[nth] % whole), nth))
    for nth in by_remainder[: sum_fen - sum(shares)]:
        shares[nth] += 1
    return shares


def shared_equally(sum_fen: int, among: int) -> list[int]:
    """The same, to so many alike."""
    return shared(sum_fen, [1] * among)


@dataclass(frozen=True, eq=False)
class ShareOf(Term[Fen]):
    """One payer's share of what all paid together, or of `up_to` where that is less: in proportion to what each paid.

    Which share another payer gets depends on everybody's remainders. So a row carries what everybody paid and its own place among them:
    it is decided, explained and replayed by itself.
    """

    up_to: Term[Fen]
    paid: Term[Parts]
    place: Measure[int]
    unit = Unit.FEN

    def value(self, at: Sight) -> int | None:
        most, paid, place = self.up_to.value(at), self.paid.value(at), self.place.value(at)
        if most is None or paid is None or place is None:
            return None
        return shared(min(most, sum(paid)), paid)[place] if place < len(paid) else 0

    def column(self, view: View) -> Column:
        most, most_known = view.of(self.up_to)
        numbers, numbers_known = view.of(self.paid)
        place, place_known = view.of(self.place)
        each = _matrix(view, numbers)
        place = np.broadcast_to(place, len(each))
        is_among = place < each.shape[1]
        own = np.where(is_among, place, 0)
        shares = _shares(np.minimum(most, each.sum(axis=1)), each, own)
        return Column(np.where(is_among, shares, 0), both(both(most_known, numbers_known), place_known))

    def parts(self) -> tuple[Term[Any], ...]:
        return self.up_to, self.paid, self.place

    def own_and_all(self, at: Sight) -> tuple[int, int]:
        """What this one paid, and what all paid together."""
        paid, place = self.paid.value(at) or (), self.place.value(at)
        return (paid[place] if place is not None and place < len(paid) else 0), sum(paid)


def _matrix(view: View, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each paid, row by row, as wide as the longest; one zero at least."""
    different, which = np.unique(np.broadcast_to(numbers, view.rows), return_inverse=True)
    # Where nothing is known the number of something else may stand.
    listed = [view.table.lists.get(number, ()) for number in different.tolist()]
    each = np.zeros((len(listed), max((1, *map(len, listed)))), np.int64)
    for nth, parts in enumerate(listed):
        each[nth, : len(parts)] = parts
    return each[which]


def _shares(sums: NDArray[np.int64], each: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.int64]:
    """`shared` for every row, of which only the own place is wanted."""
    whole = np.maximum(each.sum(axis=1), 1)[:, None]
    shares, remainders = np.divmod(sums[:, None] * each, whole)
    rows = np.arange(len(each))
    mine = remainders[rows, own][:, None]
    is_earlier = np.arange(each.shape[1]) < own[:, None]
    ahead = ((remainders > mine) | ((remainders == mine) & is_earlier)).sum(axis=1)
    left_over = sums - shares.sum(axis=1)
    extra: NDArray[np.int64] = shares[rows, own] + (ahead < left_over)
    return extra


def share_of(up_to: Term[Fen], paid: Term[Parts], place: Measure[int]) -> ShareOf:
    """One payer's share of what all paid together, at most `up_to` for all of them."""
    return ShareOf(up_to, paid, place)
