"""Two cities compared: what is due now and what would be due, by scheme, fund, area and level; and every entitlement that differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from awards.kernel.figures import Choice
from awards.kernel.ground import Measure
from awards.kernel.kinds import Unit
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Fund, Scheme
from awards.kernel.terms import Constant, View
from awards.policy.whole_city import SchemeDue, city_due, payees
from awards.population.columns import LoadedCity, begins_with
from awards.whatif.proposal import Slice
from contracts.awards import PayeeKind

Array = NDArray[Any]


@dataclass
class Sums:
    """So many entitlements above nothing, and how much, now and then."""

    now: int = 0
    then: int = 0
    now_fen: int = 0
    then_fen: int = 0


class Payee(NamedTuple):
    """Who is paid."""

    kind: PayeeKind
    id: UUID


class Mover(NamedTuple):
    """One entitlement that would be another: another sum, or the same to another payee."""

    scheme: str
    key: str
    person_id: UUID | None
    now_payee: Payee | None
    then_payee: Payee | None
    now_fen: int
    then_fen: int


@dataclass
class Comparison:
    """The whole answer."""

    total: Sums = field(default_factory=Sums)
    by_scheme: dict[str, Sums] = field(default_factory=dict)
    by_fund: dict[str, Sums] = field(default_factory=dict)
    by_area: dict[int, Sums] = field(default_factory=dict)
    by_level: dict[int, Sums] = field(default_factory=dict)
    differing: int = 0
    """Entitlements that would be others."""
    up_fen: int = 0
    down_fen: int = 0
    persons: int = 0
    """For whom an entitlement would be another."""
    differences: list[Differences] = field(default_factory=list)

    def movers(self) -> Iterator[Mover]:
        """Every entitlement that differs, the largest difference first."""
        if not self.differences:
            return
        sizes = np.concatenate([np.abs(each.then_fen - each.now_fen) for each in self.differences])
        starts = np.cumsum([0, *(len(each.rows) for each in self.differences)])
        for nth in np.argsort(-sizes, kind="stable").tolist():
            at = int(np.searchsorted(starts, nth, side="right")) - 1
            yield self.differences[at].mover(nth - int(starts[at]))


@dataclass(frozen=True)
class Paid:
    """What is due of one scheme in the part of the city that is asked about: the rows where the keys stand, and all about them."""

    due: SchemeDue
    rows: NDArray[np.intp]
    fen: NDArray[np.int64]
    payee: NDArray[np.int64]
    area: NDArray[np.int64]
    level: NDArray[np.int64]
    fund: list[str] | NDArray[np.int64]

    def spread(self, values: Array) -> Array:
        """At the rows where they stand; 0 elsewhere."""
        wide = np.zeros(len(self.due.table), values.dtype)
        wide[self.rows] = values
        return wide


@dataclass(frozen=True)
class Differences:
    """Of one scheme."""

    city: LoadedCity
    now: Paid
    then: Paid
    rows: NDArray[np.intp]
    now_fen: NDArray[np.int64]
    then_fen: NDArray[np.int64]

    def mover(self, nth: int) -> Mover:
        """One of them, named."""
        row, due = int(self.rows[nth]), self.then.due
        person = self.city.id_at(due.table, "person", row) if "person" in due.scheme.ground.facts else None
        key = "/".join(str(self._value(due, term.name, term.unit, row)) for term in due.scheme.once_per)
        return Mover(
            due.scheme.id,
            key,
            person,
            self._payee(self.now, row),
            self._payee(self.then, row),
            int(self.now_fen[nth]),
            int(self.then_fen[nth]),
        )

    def _payee(self, paid: Paid, row: int) -> Payee | None:
        """Whose number stands at the ground that counts: one of those that the scheme may pay."""
        at = np.searchsorted(paid.rows, row)
        if at == len(paid.rows) or paid.rows[at] != row:
            return None
        due, ground = paid.due, int(paid.due.winner[row])
        term = next(term for term in payable(due.scheme) if due.table[term.name][ground] == paid.payee[at])
        kind = PayeeKind.PERSON if term.unit is Unit.PERSON else PayeeKind.ORGANISATION
        return Payee(kind, self.city.id_at(due.table, term.name, ground))

    def _value(self, due: SchemeDue, name: str, unit: Unit, row: int) -> Any:
        return self.city.id_at(due.table, name, row) if unit.is_id else int(due.table[name][row])


def payable(scheme: Scheme[Any]) -> list[Measure[Any]]:
    """The facts that may name the payee."""
    return [term for term in scheme.payee.walk() if isinstance(term, Measure)]


def compare(city: LoadedCity, in_force: Parameters, proposed: Parameters, today: date, part: Slice) -> Comparison:
    """Both decided over the whole city, stacked each by itself, and compared in the part that is asked about."""
    now, then = city_due(city.population, in_force, today), city_due(city.population, proposed, today)
    found, persons = Comparison(), [np.empty(0, np.int64)]
    for scheme_id, due in then.items():
        before, after = _paid(now[scheme_id], city, in_force, today, part), _paid(due, city, proposed, today, part)
        _count(found, before, after)
        differences = _differences(city, before, after)
        change = differences.then_fen - differences.now_fen
        found.differing += len(change)
        found.up_fen += int(change[change > 0].sum())
        found.down_fen -= int(change[change < 0].sum())
        if len(change):
            found.differences.append(differences)
        if "person" in due.table.columns:
            persons.append(due.table["person"][differences.rows])
    found.persons = len(np.unique(np.concatenate(persons)))
    return found


def _paid(due: SchemeDue, city: LoadedCity, parameters: Parameters, today: date, part: Slice) -> Paid:
    rows = np.flatnonzero(due.due_fen)
    payee = payees(due.scheme, due.table, parameters, today).values[due.winner[rows]].astype(np.int64)
    area = city.areas.of(payee)
    keep = _is_in(part, due, rows, area, city)
    rows, payee, area = rows[keep], payee[keep], area[keep]
    ground = due.winner[rows]
    level = due.table["level_code"][ground] if "level_code" in due.table.columns else np.zeros(len(rows), np.int64)
    return Paid(due, rows, due.due_fen[rows], payee, area, level, _funds(due, parameters, today, ground))


def _is_in(part: Slice, due: SchemeDue, rows: NDArray[np.intp], area: NDArray[np.int64], city: LoadedCity) -> NDArray[np.bool_]:
    keep, ground = np.ones(len(rows), bool), due.winner[rows]
    if part.area_code is not None:
        keep &= begins_with(area, part.area_code)
    if part.occupation is not None:
        named = due.table.columns.get("occupation_group")
        keep &= named.values[ground] == city.words[part.occupation] if named is not None else False
    if part.year is not None:
        first, last = (date(part.year, *day).toordinal() for day in ((1, 1), (12, 31)))
        judged_on = due.table[due.scheme.judged_on.name][ground]
        keep &= (first <= judged_on) & (judged_on <= last)
    return keep


def _funds(due: SchemeDue, parameters: Parameters, today: date, ground: NDArray[np.int64]) -> list[str]:
    """From which fund each is paid, by the figures of its day."""
    fund = due.scheme.fund
    if isinstance(fund, Fund):
        return [fund.value]
    view = due.scheme.view(due.table, parameters, today)
    if isinstance(fund, Choice):
        return _funds_chosen(fund, due, view, ground)
    values, which = view.as_of(parameters[fund.name])
    return [str(values[0])] if which is None else [str(values[nth]) for nth in which[ground]]


def _funds_chosen(fund: Choice[Any], due: SchemeDue, view: View, ground: NDArray[np.int64]) -> list[str]:
    """The same where a switch says whether it goes by level (A63): one for all, or what each ground has measured."""
    values, which = view.as_of(view.parameters[fund.switch.name])
    terms, words = dict(fund.terms), {number: word for word, number in due.table.codes.items()}
    of_period: list[str | None] = []
    for value in values:
        term = terms.get(value)
        of_period.append(term.constant if isinstance(term, Constant) else None)
    if which is None and of_period[0] is not None:
        return [of_period[0]]
    periods = np.zeros(len(ground), np.intp) if which is None else which[ground]
    measured = view.of(fund).values[ground]
    return [of_period[nth] or str(words.get(word, "")) for nth, word in zip(periods.tolist(), measured.tolist(), strict=True)]


def _count(found: Comparison, before: Paid, after: Paid) -> None:
    for paid, count, fen in ((before, "now", "now_fen"), (after, "then", "then_fen")):
        scheme = np.zeros(len(paid.rows), np.int64)
        for totals, keys, names in (
            ({"": found.total}, scheme, [""]),
            (found.by_scheme, scheme, [paid.due.scheme.id]),
            (found.by_area, paid.area, None),
            (found.by_level, paid.level, None),
        ):
            _add(totals, keys, names, paid.fen, count, fen)
        funds = sorted(set(paid.fund))
        at = np.array([funds.index(each) for each in paid.fund], np.int64)
        _add(found.by_fund, np.broadcast_to(at, len(paid.rows)) if len(paid.fund) == 1 else at, funds, paid.fen, count, fen)


def _add(totals: dict[Any, Sums], keys: Array, names: list[str] | None, sums: NDArray[np.int64], count: str, fen: str) -> None:
    distinct, which = np.unique(keys, return_inverse=True)
    heads, amounts = np.bincount(which, minlength=len(distinct)), _exact_sums(which, sums, len(distinct))
    for key, number, amount in zip(distinct.tolist(), heads.tolist(), amounts, strict=True):
        held = totals.setdefault(key if names is None else names[key], Sums())
        setattr(held, count, getattr(held, count) + number)
        setattr(held, fen, getattr(held, fen) + amount)


def _exact_sums(which: Array, sums: NDArray[np.int64], groups: int) -> list[int]:
    """In whole fen: weights of a bincount are floats."""
    added = np.zeros(groups, np.int64)
    np.add.at(added, which, sums)
    return [int(each) for each in added]


def _differences(city: LoadedCity, before: Paid, after: Paid) -> Differences:
    now, then = before.spread(before.fen), after.spread(after.fen)
    differs = (now != then) | (before.spread(before.payee) != after.spread(after.payee))
    rows = np.flatnonzero(differs)
    return Differences(city, before, after, rows, now[rows], then[rows])
