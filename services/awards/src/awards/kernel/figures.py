"""Parameters as words of a rule: a dated figure, a figure by key, and a switch between prepared measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, as_number, both
from awards.kernel.kinds import Unit
from awards.kernel.parameters import BelowFloor, Figure, ParametersRefused, Timeline
from awards.kernel.terms import Sight, Term, View

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, eq=False)
class Parameter(Term[T]):
    """A dated figure, read as of the ground's own day; `floor` is the text's 不低于, `paper` what would set it where the text has none."""

    name: str
    label: str
    unit: Unit
    floor: Any = None
    paper: str = ""

    def figure(self, at: Sight) -> Figure | None:
        """The figure in force; None when none is set."""
        return at.figures.figures.get(self.name)

    def value(self, at: Sight) -> Any:
        return at.figures.values.get(self.name)

    def column(self, view: View) -> Column:
        values, which = view.as_of(view.parameters[self.name])
        nothing = False if self.unit is Unit.FLAG else 0
        numbers = [nothing if value is None else self._number(value, view) for value in values]
        known = np.array([value is not None for value in values])
        if which is None:
            return Column(np.asarray(numbers[0]), None if known[0] else np.asarray(False))
        return Column(np.array(numbers)[which], None if known.all() else known[which])

    def _number(self, value: Any, view: View) -> int:
        return view.table.code(value) if self.unit.is_code else 0 if isinstance(value, Mapping) else as_number(value)

    def is_set(self, at: Sight) -> bool:
        return self.name in at.figures.values

    def unset_column(self, view: View) -> NDArray[np.bool_]:
        values, which = view.as_of(view.parameters[self.name])
        missing = np.array([value is None for value in values])
        return missing[which] if which is not None else np.asarray(missing[0])

    def stale_column(self, view: View) -> NDArray[np.bool_]:
        """Where the figure in force is past the day until which it was reviewed."""
        stale, periods = np.zeros(view.rows, bool), view.parameters[self.name].periods
        for nth, (start, figure) in enumerate(periods):
            if figure.reviewed_until:
                ends = periods[nth + 1][0].toordinal() if nth + 1 < len(periods) else date.max.toordinal() + 1
                is_in_force = (view.judged_on >= start.toordinal()) & (view.judged_on < ends)
                stale |= is_in_force & (view.judged_on > figure.reviewed_until.toordinal())
        return stale

    def identity(self) -> str:
        return f"Parameter:{self.name}:{self.unit.name}:{self.floor}"

    def at(self, key: Term[K]) -> Lookup[T]:
        """Its figure for a key: the amount for this level."""
        return Lookup(self, key)

    def check(self, timeline: Timeline) -> None:
        """Raises BelowFloor."""
        if self.floor is None:
            return
        for figure in timeline.figures:
            for set_to, least in _pairs(figure.value, self.floor):
                if set_to < least:
                    raise BelowFloor(
                        f"{self.name}: {self.unit.show(set_to)} from {figure.effective_from} is below the floor of the policy; "
                        f"set {self.unit.show(least)} or more"
                    )


def _pairs(value: Any, floor: Any) -> list[tuple[Any, Any]]:
    if value is None:
        return []
    if isinstance(value, Mapping) != isinstance(floor, Mapping):
        raise ParametersRefused("a figure by level is expected where the floor is by level")
    return [(value[key], floor[key]) for key in value if key in floor] if isinstance(value, Mapping) else [(value, floor)]


@overload
def parameter(
    name: str, label: str, unit: Unit, kind: type[T], *, floor: T | Mapping[Any, T] | None = None, paper: str = ""
) -> Parameter[T]: ...
@overload
def parameter(
    name: str, label: str, unit: Unit, kind: Callable[[int], T], *, floor: T | Mapping[Any, T] | None = None, paper: str = ""
) -> Parameter[T]: ...
def parameter(name: str, label: str, unit: Unit, kind: Any, *, floor: Any = None, paper: str = "") -> Any:  # noqa: ARG001 - `kind` is for the type checker
    """Declare a parameter where a rule uses it: `<scheme-id>.<snake_name>`, and what an official calls it."""
    return Parameter(name, label, unit, floor, paper)


@dataclass(frozen=True, eq=False)
class Lookup(Term[T]):
    """A parameter's figure for a key. No figure for the key: unknown."""

    figures: Parameter[T]
    key: Term[Any]

    @property
    def unit(self) -> Unit:  # type: ignore[override]
        return self.figures.unit

    def value(self, at: Sight) -> Any:
        figures, key = self.figures.value(at), self.key.value(at)
        return None if figures is None or key is None else figures.get(key)

    def column(self, view: View) -> Column:
        values, which = view.as_of(view.parameters[self.figures.name])
        keys, keys_known = view.of(self.key)
        width = max((max(each) for each in values if each), default=0) + 2  # the last cell means: no figure
        table = np.zeros((len(values), width), np.bool_ if self.unit is Unit.FLAG else np.int64)
        known = np.zeros((len(values), width), bool)
        for nth, figures in enumerate(values):
            for key, figure in (figures or {}).items():
                table[nth, key], known[nth, key] = figure, True
        is_outside = keys.size and (keys.min() < 0 or keys.max() >= width)
        at = np.where((keys < 0) | (keys >= width), width - 1, keys) if is_outside else keys
        if which is not None:
            at = at + which * width
        found = known.ravel()[at]
        return Column(table.ravel()[at], both(None if found.all() else found, keys_known))

    def parts(self) -> tuple[Term[Any], ...]:
        return self.figures, self.key


@dataclass(frozen=True, eq=False)
class Choice(Term[T]):
    """A switch: the parameter names which of the prepared terms counts. Figures of the others need not be set."""

    switch: Parameter[Any]
    terms: tuple[tuple[Any, Term[Any]], ...]

    @property
    def unit(self) -> Unit:  # type: ignore[override]
        return self.terms[0][1].unit

    @cached_property
    def _by_name(self) -> Mapping[Any, Term[Any]]:
        return dict(self.terms)

    def chosen(self, at: Sight) -> Term[Any] | None:
        return self._by_name.get(self.switch.value(at))

    def value(self, at: Sight) -> Any:
        term = self.chosen(at)
        return None if term is None else term.value(at)

    def column(self, view: View) -> Column:
        chosen = self._chosen_column(view)
        if not chosen.ndim and chosen >= 0:
            return view.of(self.terms[chosen][1])
        columns, keys = [view.of(term) for _, term in self.terms], [chosen == nth for nth in range(len(self.terms))]
        known = np.select(keys, [True if column.known is None else column.known for column in columns], False)
        nothing = False if self.unit is Unit.FLAG else 0
        return Column(np.select(keys, [column.values for column in columns], nothing), None if known.all() else known)

    def _chosen_column(self, view: View) -> NDArray[np.int64]:
        """Which of the terms counts for each row, -1: none; one number when it is the same everywhere."""
        values, which = view.as_of(view.parameters[self.switch.name])
        names = list(self._by_name)
        numbers = np.array([names.index(value) if value in self._by_name else -1 for value in values])
        return numbers[which] if which is not None else np.asarray(numbers[0])

    def is_set(self, at: Sight) -> bool:
        term = self.chosen(at)
        return self.switch.is_set(at) and (term is None or term.is_set(at))

    def unset_column(self, view: View) -> NDArray[np.bool_]:
        unset, chosen = self.switch.unset_column(view), self._chosen_column(view)
        for nth, (_, term) in enumerate(self.terms):
            unset = unset | ((chosen == nth) & term.unset_column(view))
        return unset

    def parts(self) -> tuple[Term[Any], ...]:
        return self.switch, *(term for _, term in self.terms)

    def identity(self) -> str:
        return f"Choice:{','.join(str(name) for name, _ in self.terms)}"


def choose(switch: Parameter[Any], terms: Mapping[Any, Term[Any]]) -> Choice[Any]:
    """Which term counts, by the value of a parameter."""
    return Choice(switch, tuple(terms.items()))


def in_force(term: Term[Any], at: Sight) -> Term[Any]:
    """What a switch, and a switch within it, has chosen; any other term itself."""
    while isinstance(term, Choice) and (chosen := term.chosen(at)) is not None:
        term = chosen
    return term
