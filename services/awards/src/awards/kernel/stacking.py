"""Who may not be paid twice: a table, read top down over all that is due to one dossier (A43)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import changes, crowded


@dataclass(frozen=True)
class AtMostOne:
    """Of these schemes one per key: what is settled first, then the higher, the earlier ground, the order of the table.

    `in_order`: the order of `among` outranks the amount. Blockers (benefits paid elsewhere, earlier payments) stand first in the table,
    so that what they displace can displace nothing.
    """

    title: str
    among: tuple[str, ...]
    per: tuple[str, ...]
    in_order: bool = False


@dataclass(frozen=True)
class Claim:
    """One due row as stacking sees it. `subject` holds the keys: person, occupation, level, certificate, payee."""

    scheme: str
    subject: Mapping[str, Hashable]
    amount_fen: int
    judged_on: Any
    is_settled: bool = False


def displaced_by(claims: Sequence[Claim], table: Sequence[AtMostOne]) -> list[int | None]:
    """For every claim the index of the claim that displaces it. A claim without a key of the rule is outside the rule."""
    winner: list[int | None] = [None] * len(claims)
    for rule in table:
        groups: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
        for nth, claim in enumerate(claims):
            key = tuple(claim.subject.get(name) for name in rule.per)
            if winner[nth] is None and claim.scheme in rule.among and None not in key:
                groups[key].append(nth)
        for group in groups.values():
            first, *rest = sorted(group, key=lambda nth: _rank(rule, claims[nth]))
            for nth in rest:
                winner[nth] = first
    return winner


def _rank(rule: AtMostOne, claim: Claim) -> tuple[Any, ...]:
    place = rule.among.index(claim.scheme)
    return (not claim.is_settled, *((place,) if rule.in_order else ()), -claim.amount_fen, claim.judged_on, place)


@dataclass(frozen=True)
class ClaimTable:
    """The same for a city: columns; codes are numbered densely, -1: none."""

    schemes: Sequence[str]
    scheme: NDArray[np.int64]
    subject: Mapping[str, NDArray[np.int64]]
    amount_fen: NDArray[np.int64]
    judged_on: NDArray[np.int64]
    is_settled: NDArray[np.bool_]


def displaced_by_columns(claims: ClaimTable, table: Sequence[AtMostOne]) -> NDArray[np.int64]:
    """For every row the row that displaces it, or -1. Equal to `displaced_by`."""
    winner = np.full(len(claims.scheme), -1, np.int64)
    for rule in table:
        place_of = np.array([rule.among.index(name) if name in rule.among else -1 for name in claims.schemes])
        eligible = (place_of[claims.scheme] >= 0) & (winner < 0)
        for name in rule.per:
            eligible &= claims.subject[name] >= 0
        rows = crowded(np.flatnonzero(eligible), [claims.subject[name] for name in rule.per])
        if len(rows) < 2:
            continue
        place = place_of[claims.scheme[rows]]
        order = [~claims.is_settled[rows], *([place] if rule.in_order else []), -claims.amount_fen[rows], claims.judged_on[rows], place]
        keys = [claims.subject[name][rows] for name in rule.per]
        by = np.lexsort([*order[::-1], *keys[::-1]])
        new = changes([key[by] for key in keys])
        first = rows[by][np.flatnonzero(new)[np.cumsum(new) - 1]]
        winner[rows[by][~new]] = first[~new]
    return winner
