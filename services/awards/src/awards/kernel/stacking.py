"""Who may not be paid twice: a table, read top down over all that is due to one dossier (A43), with what stands in its way (blockers).

Whoever is displaced displaces nobody: the table is read again until every displaced claim names one that stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import changes, crowded


@dataclass(frozen=True)
class AtMostOne:
    """Of these schemes one per key: what is settled first, then the higher, the earlier ground, the order of the table (A56).

    `in_order`: the order of `among` outranks the amount. `against`: claims of these schemes yield only to blockers of this kind that rank
    before them, not to each other; with `in_order` such a blocker ranks before everything that is not settled.
    """

    title: str
    among: tuple[str, ...]
    per: tuple[str, ...]
    in_order: bool = False
    against: str | None = None

    def concerns(self, claim: Claim) -> bool:
        """Of the blockers only what was paid on paper for a scheme competes as that scheme does."""
        if claim.blocks is not None and self.against is not None:
            return claim.blocks == self.against
        return claim.scheme in self.among and (claim.blocks is None or claim.was_paid_for_it)

    def place(self, claim: Claim) -> int:
        """Where it stands in the table."""
        return -1 if claim.blocks is not None and self.against is not None and self.in_order else self.among.index(claim.scheme)

    def rank(self, claim: Claim, *, is_firm: bool) -> tuple[Any, ...]:
        """The least comes first."""
        place = self.place(claim)
        is_behind = self.against is None and claim.blocks is None
        order = (place,) if self.in_order else ()
        when = claim.judged_on if claim.judged_on is not None else date.max
        is_firm = is_firm and self.against is None
        return (is_behind, not claim.is_settled, claim.is_topped_up, not is_firm, *order, -claim.amount_fen, when, place)


@dataclass(frozen=True)
class Claim:
    """One due row as stacking sees it. `subject` holds the keys: person, occupation, level, certificate, payee.

    `is_topped_up`: what was settled of it was the difference to another. `blocks`: no due row but what stands in the way of some, and of
    which kind; it is displaced by nobody.
    """

    scheme: str
    subject: Mapping[str, Hashable]
    amount_fen: int
    judged_on: Any
    is_settled: bool = False
    is_topped_up: bool = False
    blocks: str | None = None

    @property
    def was_paid_for_it(self) -> bool:
        """A blocker that is money: what a scheme has paid already outside this table."""
        return self.blocks is not None and self.is_settled

    @property
    def payee(self) -> Hashable:
        return self.subject.get("payee")


class Displacement(NamedTuple):
    """The claim that displaces one, and what is left of it: the difference, where the same payee was paid less for the same."""

    by: int
    left_fen: int = 0


def displaced_by(claims: Sequence[Claim], table: Sequence[AtMostOne]) -> list[Displacement | None]:
    """For every claim what displaces it. A claim without a key of a rule is outside the rule."""
    found: dict[int, Displacement] = {}
    paid = [nth for nth, claim in enumerate(claims) if claim.is_settled or claim.blocks is not None]
    # What is paid is compared among itself first: nothing that is only due displaces it.
    for among in (paid, range(len(claims))):
        found = _Reading(claims, table, [nth for nth in among if nth not in found or found[nth].left_fen]).result(found)
    return [found.get(nth) for nth in range(len(claims))]


@dataclass
class _Reading:
    """The table, read over some of the claims until whoever is displaced names one that stands."""

    claims: Sequence[Claim]
    table: Sequence[AtMostOne]
    candidates: list[int]
    firm: set[int] = field(default_factory=set)
    """Those that have displaced somebody for good: nobody that returns later displaces them."""

    def result(self, known: Mapping[int, Displacement]) -> dict[int, Displacement]:
        lost = {nth: each for nth, each in known.items() if not each.left_fen}
        while True:
            found = self._read([nth for nth in self.candidates if nth not in lost])
            out = {nth for nth, each in found.items() if not each.left_fen}
            sure = {nth for nth in out if found[nth].by not in out}
            lost |= {nth: found[nth] for nth in sure}
            if sure == out:
                return lost | {nth: each for nth, each in found.items() if each.left_fen}
            self.firm |= {found[nth].by for nth in sure}

    def _read(self, candidates: Iterable[int]) -> dict[int, Displacement]:
        """Once, top down."""
        found: dict[int, Displacement] = {}
        for rule in self.table:
            standing = [nth for nth in candidates if nth not in found or found[nth].left_fen]
            for group in self._groups(rule, standing):
                for nth, displacement in self._displaced(rule, group, found):
                    before = found.get(nth)
                    if before is None or displacement.left_fen < before.left_fen:
                        found[nth] = displacement
        return found

    def _groups(self, rule: AtMostOne, standing: Iterable[int]) -> Iterator[list[int]]:
        """Those with one key, the first first."""
        groups: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
        for nth in standing:
            claim = self.claims[nth]
            key = tuple(claim.subject.get(name) for name in rule.per)
            if None not in key and rule.concerns(claim):
                groups[key].append(nth)
        for group in groups.values():
            if len(group) > 1:
                yield sorted(group, key=lambda nth: rule.rank(self.claims[nth], is_firm=nth in self.firm))

    def _displaced(self, rule: AtMostOne, group: Sequence[int], found: Mapping[int, Displacement]) -> Iterator[tuple[int, Displacement]]:
        first: int | None = None
        paid: list[int] = []
        spent_fen = 0
        for nth in group:
            claim = self.claims[nth]
            if claim.blocks is None and first is not None:
                left_fen = self._left(rule, claim, paid, spent_fen)
                other = next((each for each in paid if self.claims[each].payee != claim.payee), None)
                yield nth, Displacement(first if left_fen or other is None else other, left_fen)
                if left_fen:
                    paid.append(nth)
                    spent_fen += left_fen
            elif claim.blocks is not None or rule.against is None:
                first = nth if first is None else first
                if claim.is_settled:
                    paid.append(nth)
                    spent_fen += found[nth].left_fen if nth in found else claim.amount_fen

    def _left(self, rule: AtMostOne, claim: Claim, paid: Sequence[int], spent_fen: int) -> int:
        """What is still owed of a later claim: the difference, when all that was paid went to its payee and it would have come before it."""
        if not paid or any(self.claims[each].payee != claim.payee for each in paid):
            return 0
        is_behind = rule.in_order and rule.against is None and rule.place(claim) > rule.place(self.claims[paid[0]])
        return 0 if is_behind else max(0, claim.amount_fen - spent_fen)


@dataclass(frozen=True)
class ClaimTable:
    """The same for a city: columns; codes are numbered densely, -1: none."""

    schemes: Sequence[str]
    scheme: NDArray[np.int64]
    subject: Mapping[str, NDArray[np.int64]]
    amount_fen: NDArray[np.int64]
    judged_on: NDArray[np.int64]
    is_settled: NDArray[np.bool_]
    is_topped_up: NDArray[np.bool_] | None = None
    kinds: Sequence[str] = ()
    blocks: NDArray[np.int64] | None = None
    """Which of `kinds` each row is; None: no row is a blocker."""

    def claim(self, nth: int) -> Claim:
        """One row."""
        blocks = -1 if self.blocks is None else int(self.blocks[nth])
        return Claim(
            scheme=self.schemes[self.scheme[nth]],
            subject={name: None if codes[nth] < 0 else int(codes[nth]) for name, codes in self.subject.items()},
            amount_fen=int(self.amount_fen[nth]),
            judged_on=date.fromordinal(int(self.judged_on[nth])),
            is_settled=bool(self.is_settled[nth]),
            is_topped_up=self.is_topped_up is not None and bool(self.is_topped_up[nth]),
            blocks=None if blocks < 0 else self.kinds[blocks],
        )


class DisplacedColumns(NamedTuple):
    """For every row the row that displaces it (-1: none), and what is owed of it all the same."""

    by: NDArray[np.int64]
    left_fen: NDArray[np.int64]


def displaced_by_columns(claims: ClaimTable, table: Sequence[AtMostOne]) -> DisplacedColumns:
    """Equal to `displaced_by`. Where claims that are only due meet under one rule, the first wins; what is entangled is looked at one by one."""
    rows = len(claims.scheme)
    found = DisplacedColumns(np.full(rows, -1, np.int64), claims.amount_fen.copy())
    meetings = [_meeting(claims, rule) for rule in table]
    entangled = _entangled(claims, meetings)
    for each in meetings:
        plain = ~entangled[each.rows] & (each.rows != each.first)
        found.by[each.rows[plain]] = each.first[plain]
        found.left_fen[each.rows[plain]] = 0
    few = np.flatnonzero(entangled)
    for nth, displacement in zip(few, displaced_by([claims.claim(int(nth)) for nth in few], table), strict=True):
        if displacement is not None:
            found.by[nth], found.left_fen[nth] = few[displacement.by], displacement.left_fen
    return found


class _Meeting(NamedTuple):
    """Rows that have a rival under one rule, group by group, the first first; for each the first of its group, and where groups begin."""

    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    begins: NDArray[np.intp]


def _meeting(claims: ClaimTable, rule: AtMostOne) -> _Meeting:
    nobody = np.empty(0, np.intp)
    is_against = _is_blocker_of(claims, rule)
    if not claims.subject.keys() >= set(rule.per) or (rule.against is not None and not is_against.any()):
        return _Meeting(nobody, nobody, nobody)
    place_of = np.array([rule.among.index(name) if name in rule.among else -1 for name in claims.schemes])
    place = place_of[claims.scheme]
    eligible = (place >= 0) | is_against
    for name in rule.per:
        eligible = eligible & (claims.subject[name] >= 0)
    rows = crowded(np.flatnonzero(eligible), [claims.subject[name] for name in rule.per])
    keys = [claims.subject[name][rows] for name in rule.per]
    order = [*([place[rows]] if rule.in_order else []), -claims.amount_fen[rows], claims.judged_on[rows], place[rows]]
    by = np.lexsort([*order[::-1], *keys[::-1]])
    rows = rows[by]
    new = changes([key[by] for key in keys])
    sizes = np.diff(np.append(np.flatnonzero(new), len(rows)))
    meets = sizes > 1
    if rule.against is not None and len(rows):
        meets &= np.bitwise_or.reduceat(is_against[rows], np.flatnonzero(new))
    keep = np.repeat(meets, sizes)
    rows, new = rows[keep], new[keep]
    begins = np.flatnonzero(new)
    return _Meeting(rows, np.repeat(rows[begins], sizes[meets]), begins)


def _is_blocker_of(claims: ClaimTable, rule: AtMostOne) -> NDArray[np.bool_]:
    if claims.blocks is None or rule.against is None:
        return np.zeros(len(claims.scheme), bool)
    kinds = np.array([*(kind == rule.against for kind in claims.kinds), False], bool)
    return kinds[claims.blocks]


def _entangled(claims: ClaimTable, meetings: Sequence[_Meeting]) -> NDArray[np.bool_]:
    """Rows that meet others under two rules, or something paid or blocking, and whoever meets such a row."""
    rows = len(claims.scheme)
    met = sum((np.bincount(each.rows, minlength=rows) for each in meetings), np.zeros(rows, np.intp))
    special = claims.is_settled if claims.blocks is None else claims.is_settled | (claims.blocks >= 0)
    entangled: NDArray[np.bool_] = (met > 1) | (special & (met > 0))
    while True:
        before = int(entangled.sum())
        for each in meetings:
            if len(each.rows):
                sizes = np.diff(np.append(each.begins, len(each.rows)))
                entangled[each.rows] = np.repeat(np.bitwise_or.reduceat(entangled[each.rows], each.begins), sizes)
        if int(entangled.sum()) == before:
            return entangled
