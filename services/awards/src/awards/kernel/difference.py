"""Where two sets of figures may lead a rule to another answer: found on columns, so that only those rows are decided again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, Table
from awards.kernel.figures import Parameter
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Rule
from awards.kernel.terms import Compare, Term


class Days(NamedTuple):
    """From the first to the last, both inside."""

    first: date
    last: date


def changed_names(before: Parameters, after: Parameters) -> frozenset[str]:
    """Parameters that do not say the same on every day."""
    return frozenset(name for name in before.names() | after.names() if before[name].periods != after[name].periods)


def changed_days(before: Parameters, after: Parameters, names: Iterable[str]) -> Days | None:
    """The days from the first to the last on which one of these parameters has another figure; None: there is none."""
    found = [days for name in names for days in _changed_days(before, after, name)]
    return Days(min(days.first for days in found), max(days.last for days in found)) if found else None


def _changed_days(before: Parameters, after: Parameters, name: str) -> Iterator[Days]:
    turns = sorted({date.min, *before[name].starts, *after[name].starts})
    for nth, turn in enumerate(turns):
        if before[name].on(turn) != after[name].on(turn):
            yield Days(turn, turns[nth + 1] - timedelta(days=1) if nth + 1 < len(turns) else date.max)


def touched(rule: Rule[Any], table: Table, before: Parameters, after: Parameters, today: date) -> NDArray[np.bool_]:
    """The rows of which the rule may say something else, today or on the day to look again: what reads a changed figure is not as it was.

    Each condition by itself, not the outcome: of two that fail one may hold now, and the other is waited for.
    """
    changed = changed_names(before, after) & {each.name for each in rule.parameters}
    was, now = (rule.view(table, parameters, today) for parameters in (before, after))
    found = np.zeros(len(table), bool)
    for term in _readers(rule, changed):
        found |= _differs(was.of(term), now.of(term))
    for each in rule.parameters:
        if each.name in changed:
            found |= each.unset_column(was) != each.unset_column(now)
            found |= each.stale_column(was) != each.stale_column(now)
    return found


def _readers(rule: Rule[Any], changed: frozenset[str]) -> Iterator[Term[Any]]:
    """Every condition, amount and payee that reads one of them, and what is compared with today: it says when to look again."""
    whole = [
        *(each.condition for each in rule.requirements),
        *rule.other_terms(),
        *([rule.applies_to] if rule.applies_to is not None else []),
    ]
    dated = [
        part.other_than_today for term in whole for part in term.walk() if isinstance(part, Compare) and part.other_than_today is not None
    ]
    return (term for term in [*whole, *dated] if any(isinstance(part, Parameter) and part.name in changed for part in term.walk()))


def _differs(was: Column, now: Column) -> Any:
    known_then, known_now = (True if each.known is None else each.known for each in (was, now))
    return (known_then != known_now) | ((was.values != now.values) & known_then & known_now)
