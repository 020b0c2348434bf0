"""Grounds that meet every condition of a scheme but one: found in columns for the whole city, told one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Table, conjunction
from awards.kernel.explanation import explain
from awards.kernel.ground import Measure
from awards.kernel.kinds import Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme, yes_and_unknown
from awards.policy.grounds.delivery import Delivery, PartnerYear
from awards.policy.schemes import SCHEMES
from awards.policy.whole_city import partner_years
from awards.population.columns import LoadedCity
from contracts.awards import PayeeKind


@dataclass(frozen=True)
class Missed:
    """Of one scheme those that fail one condition (its place among the conditions), and where whoever would be paid is."""

    scheme: Scheme[Any]
    table: Table
    condition: int
    rows: NDArray[np.intp]
    area: NDArray[np.int64]

    @property
    def title(self) -> str:
        return self.scheme.conditions[self.condition].title


class NearMiss(NamedTuple):
    """One ground, told."""

    scheme: str
    condition: str
    area: int
    person_id: UUID | None
    payee_kind: PayeeKind
    payee_id: UUID
    seen: str
    would_help: str
    """Empty: it cannot be changed any more."""
    anew: str


def missed(city: LoadedCity, parameters: Parameters, today: date, scheme_id: str | None = None) -> list[Missed]:
    """Every scheme (or one), condition by condition, in the order of the clause."""
    tables = dict(city.population)
    if Delivery in tables:
        tables[PartnerYear] = partner_years(tables[Delivery], parameters, today)
    found: list[Missed] = []
    for scheme in SCHEMES:
        if scheme.ground in tables and scheme_id in (None, scheme.id):
            found += _of(scheme, tables[scheme.ground], city, parameters, today)
    return found


def _of(scheme: Scheme[Any], table: Table, city: LoadedCity, parameters: Parameters, today: date) -> Iterator[Missed]:
    view = scheme.view(table, parameters, today)
    refused = scheme.columns(table, parameters, today).outcome == Outcome.REFUSED
    live, _ = yes_and_unknown(conjunction([view.of(each.condition) for each in scheme.framing]))
    truths = [yes_and_unknown(view.of(each.condition)) for each in scheme.conditions]
    holds = [np.broadcast_to(yes, len(table)) for yes, _ in truths]
    lacking = len(holds) - np.sum(holds, axis=0)
    payees, known = view.of(scheme.payee)
    for nth, yes in enumerate(holds):
        # Of one that is unknown nobody can say that it is the only one.
        alone = refused & live & (lacking == 1) & ~yes
        rows = np.flatnonzero(alone if known is None else alone & known)
        if len(rows):
            yield Missed(scheme, table, nth, rows, city.areas.of(np.broadcast_to(payees, len(table))[rows]))


def told(each: Missed, city: LoadedCity, parameters: Parameters, today: date, nth: int) -> NearMiss:
    """One of them in words, with what would help, applied and decided again before it is said."""
    row = int(each.rows[nth])
    ground = city.ground_at(each.scheme.ground, each.table, row)
    at = each.scheme.sight(ground, parameters, today)
    payee: Measure[Any] | None = each.scheme.paid_to(at)
    assert payee is not None
    explanation = explain(each.scheme, ground, parameters, today)
    line = next(line for line in explanation.lines if line.title == each.title)
    return NearMiss(
        scheme=each.scheme.id,
        condition=each.title,
        area=int(each.area[nth]),
        person_id=ground.__dict__.get("person"),
        payee_kind=PayeeKind.PERSON if payee.unit is Unit.PERSON else PayeeKind.ORGANISATION,
        payee_id=payee.value(at),
        seen=line.seen,
        would_help="" if explanation.this_one == "已无法改变" else explanation.this_one,
        anew=explanation.anew,
    )
