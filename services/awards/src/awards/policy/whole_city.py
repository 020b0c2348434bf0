"""What is due to a whole city: every ground as columns, judged, once per key, stacked. Equal to deciding dossier by dossier, to the fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, Table, changes, crowded
from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Outcome
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.stacking import ClaimTable, displaced_by_columns
from awards.policy.due import BY_PREFERENCE
from awards.policy.grounds import OF_A_PERSON
from awards.policy.grounds.delivery import Delivery, PartnerYear
from awards.policy.schemes import SCHEMES
from awards.policy.schemes.partner_bonus import delivered
from awards.policy.stacked import UNDECIDED
from awards.policy.stacking import STACKING

Population = Mapping[type[Ground], Table]
"""Every ground of the city by its kind. Codes of all kinds are numbered alike; partner-years follow from the deliveries."""

_RANK_OF = np.zeros(max(Outcome) + 2, np.int8)
for _rank, _outcome in enumerate(BY_PREFERENCE):
    _RANK_OF[_outcome] = _rank


@dataclass(frozen=True)
class SchemeDue:
    """One scheme over the city. A key stands at the first row that has it; `winner` says there which row's ground counts, elsewhere -1."""

    scheme: Scheme[Any]
    table: Table
    winner: NDArray[np.int64]
    outcome: NDArray[np.int8]
    """Of every row, as the rule judged it."""
    amount_fen: NDArray[np.int64]
    due_fen: NDArray[np.int64]
    """At the rows where a key stands: what is due for it after stacking, to a payee who is known."""
    payee: Column
    """Of every row, as the number of an id."""

    def of_winners(self, rows: NDArray[np.intp], column: NDArray[Any]) -> NDArray[Any]:
        """What a column says of the grounds that count at these rows."""
        picked: NDArray[Any] = column[self.winner[rows]]
        return picked


def city_due(
    population: Population, parameters: Parameters, today: date, settled: Mapping[str, NDArray[np.int64]] | None = None
) -> dict[str, SchemeDue]:
    """Every scheme by its id. `settled`: by scheme, where a key stands, what has been paid of it already in fen."""
    tables = dict(population)
    if Delivery in tables:
        tables[PartnerYear] = partner_years(tables[Delivery], parameters, today)
    dues = [_judged(scheme, tables[scheme.ground], parameters, today) for scheme in SCHEMES if len(tables.get(scheme.ground, _NOTHING))]
    _stack([each for each in dues if each.scheme.ground in OF_A_PERSON], settled or {})
    return {each.scheme.id: each for each in dues}


_NOTHING = Table({"nothing": Column(np.empty(0, np.int64))})


def _judged(scheme: Scheme[Any], table: Table, parameters: Parameters, today: date) -> SchemeDue:
    due = scheme.columns(table, parameters, today)
    winner = _once_per_key(scheme, table, due.outcome, due.amount_fen)
    due_fen = np.zeros(len(table), np.int64)
    rows = np.flatnonzero(winner >= 0)
    rows = rows[due.outcome[winner[rows]] == Outcome.GRANTED]
    due_fen[rows] = due.amount_fen[winner[rows]]
    payee = payees(scheme, table, parameters, today)
    if payee.known is not None:
        due_fen[rows[~payee.known[winner[rows]]]] = 0
    return SchemeDue(scheme, table, winner, due.outcome, due.amount_fen, due_fen, payee)


def payees(scheme: Scheme[Any], table: Table, parameters: Parameters, today: date) -> Column:
    """Who is paid for every ground, as the numbers of ids."""
    values, known = scheme.view(table, parameters, today).of(scheme.payee)
    return Column(np.broadcast_to(values, len(table)), None if known is None else np.broadcast_to(known, len(table)))


def _once_per_key(scheme: Scheme[Any], table: Table, outcome: NDArray[np.int8], amount: NDArray[np.int64]) -> NDArray[np.int64]:
    """`due.once_per_key` for a table."""
    concerned = np.flatnonzero(outcome != Outcome.NOT_CONCERNED)
    winner = np.full(len(table), -1, np.int64)
    winner[concerned] = concerned
    if {term.name for term in scheme.once_per} >= set(scheme.ground.identified_by):
        return winner
    keys = [key for term in scheme.once_per for key in _with_unknown(table, term.name)]
    rows = crowded(concerned, keys)
    if len(rows) < 2:
        return winner
    preferred, identity = scheme.order_columns(table, rows), _identity(scheme, table, rows)
    sums = [*preferred, -amount[rows]] if scheme.prefer else [-amount[rows], *preferred]
    order: list[NDArray[Any]] = [_RANK_OF[outcome[rows]], *sums, *identity]
    rows = rows[np.lexsort([*order[::-1], *(key[rows] for key in keys[::-1])])]
    new = changes([key[rows] for key in keys])
    stands_at = np.minimum.reduceat(rows, np.flatnonzero(new))
    winner[rows] = -1
    winner[stands_at] = rows[new]
    return winner


def _with_unknown(table: Table, name: str) -> list[NDArray[Any]]:
    """As a key: what is unknown equals only what is unknown."""
    values, known = table.columns[name]
    return [values] if known is None else [np.where(known, values, 0), known.astype(np.int64)]


def _in_order(scheme: Scheme[Any], table: Table, rows: NDArray[np.intp]) -> list[NDArray[Any]]:
    """Which of these grounds comes first where their outcomes and sums are equal: the rule's order, then their identity."""
    return [*scheme.order_columns(table, rows), *_identity(scheme, table, rows)]


def _identity(scheme: Scheme[Any], table: Table, rows: NDArray[np.intp]) -> list[NDArray[Any]]:
    return [table.ranks(name, rows) if kind.unit.is_code else table[name][rows] for name, kind in scheme.ground.identifying()]


def _stack(dues: Sequence[SchemeDue], settled: Mapping[str, NDArray[np.int64]]) -> None:
    """Takes away what is displaced (A43). `due.stacked` for a city."""
    rivals = [_rivals(each, settled.get(each.scheme.id)) for each in dues]
    if sum(map(len, rivals)) < 2:
        return
    names = {"payee", *(name for rule in STACKING if rule.against is None for name in rule.per)}
    claims = ClaimTable(
        schemes=[each.scheme.id for each in dues],
        scheme=np.concatenate([np.full(len(rows), nth) for nth, rows in enumerate(rivals)]),
        subject={name: np.concatenate([_subject(each, name, rows) for each, rows in zip(dues, rivals, strict=True)]) for name in names},
        amount_fen=np.concatenate([_amounts(each, rows, settled.get(each.scheme.id)) for each, rows in zip(dues, rivals, strict=True)]),
        judged_on=_joined(dues, rivals, lambda each: each.table[each.scheme.judged_on.name]),
        is_settled=np.concatenate([_is_settled(each, rows, settled) for each, rows in zip(dues, rivals, strict=True)]),
    )
    found = displaced_by_columns(claims, STACKING)
    first = 0
    for each, rows in zip(dues, rivals, strict=True):
        lost, left_fen = (column[first : first + len(rows)] for column in found)
        is_lost = lost >= 0
        each.due_fen[rows[is_lost]] = np.minimum(each.due_fen[rows[is_lost]], left_fen[is_lost])
        first += len(rows)


def _rivals(due: SchemeDue, settled: NDArray[np.int64] | None) -> NDArray[np.intp]:
    rows = np.flatnonzero(due.winner >= 0)
    outcome = due.outcome[due.winner[rows]]
    is_rival = outcome == Outcome.GRANTED
    if settled is not None:
        is_rival |= (settled[rows] > 0) & np.isin(outcome, UNDECIDED)
    return _equals_in_order(due, rows[is_rival])


def _equals_in_order(due: SchemeDue, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Claims of one scheme that are equal in all that stacking looks at stand in the order of their grounds: the first one wins."""
    meet = np.zeros(len(rows), bool)
    for rule in STACKING:
        if rule.against is None and due.scheme.id in rule.among:
            meet[crowded(np.arange(len(rows)), [_subject(due, name, rows) for name in rule.per])] = True
    if not meet.any():
        return rows
    meeting = rows[meet]
    order = _in_order(due.scheme, due.table, due.winner[meeting])
    return np.concatenate([rows[~meet], meeting[np.lexsort(order[::-1])]])


def _is_settled(due: SchemeDue, rows: NDArray[np.intp], settled: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
    return settled[due.scheme.id][rows] > 0 if due.scheme.id in settled else np.zeros(len(rows), bool)


def _amounts(due: SchemeDue, rows: NDArray[np.intp], settled: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """What each would be; of what is paid and in doubt, what was paid."""
    amounts = due.of_winners(rows, due.amount_fen)
    if settled is None:
        return amounts
    return np.where(due.of_winners(rows, due.outcome) == Outcome.GRANTED, amounts, settled[rows])


def _joined(dues: Sequence[SchemeDue], rivals: Sequence[NDArray[np.intp]], column: Any) -> NDArray[Any]:
    return np.concatenate([each.of_winners(rows, column(each)) for each, rows in zip(dues, rivals, strict=True)])


def _subject(due: SchemeDue, name: str, rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """A key of the stacking table; -1 where the ground does not say it."""
    if name != "payee" and name not in due.table.columns:
        return np.full(len(rows), -1, np.int64)
    values, known = due.payee if name == "payee" else due.table.columns[name]
    picked = due.of_winners(rows, values).astype(np.int64)
    return picked if known is None else np.where(due.of_winners(rows, known), picked, -1)


def partner_years(deliveries: Table, parameters: Parameters, today: date) -> Table:
    """How many persons count for each partner in each year, and how many may yet, by these figures: one row wherever anybody was placed."""
    partner, year = deliveries["partner"], deliveries["year"]
    order = np.lexsort([year, partner])
    new = changes([partner[order], year[order]])
    group = np.empty(len(order), np.intp)
    group[order] = np.cumsum(new) - 1
    first = order[new]
    counted = delivered.counted_columns(deliveries, parameters, today)
    undecided = _once_per_group(np.flatnonzero(counted.undecided), deliveries["person"], group)
    years, which = np.unique(year[first], return_inverse=True)
    ends = np.array([date(int(each), 12, 31).toordinal() for each in years], np.int64)
    closes = np.full(len(years), -1, np.int64)
    # A year that is not announced has NEVER at every delivery of it: then nobody knows.
    announced = np.where(deliveries["report_by"] == NEVER.toordinal(), -1, deliveries["report_by"])
    np.maximum.at(closes, np.searchsorted(years, year), announced)
    columns = {
        "partner": Column(partner[first]),
        "year": Column(year[first]),
        "year_ends_on": Column(ends[which]),
        "closes_on": Column(closes[which], closes[which] >= 0),
        "persons": Column(np.bincount(group[counted.surely], minlength=len(first))),
        "undecided": Column(np.bincount(group[undecided], minlength=len(first))),
    }
    return Table(columns, deliveries.codes)


def _once_per_group(rows: NDArray[np.intp], person: NDArray[np.int64], group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Whoever may count for one partner by several placements is one person."""
    by = rows[np.lexsort([group[rows], person[rows]])]
    picked: NDArray[np.intp] = by[changes([person[by], group[by]])] if len(by) else by
    return picked
