"""What a parameter's values look like, read off the rules that use it: a value of another kind is refused by name, before it decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from awards.kernel.figures import Choice, Lookup, Parameter
from awards.kernel.kinds import LEVEL_NAMES, WHOLE, Unit
from awards.kernel.parameters import ParametersRefused, Timeline
from awards.kernel.scheme import Fund, Rule, Scheme
from awards.kernel.terms import Term


class WrongShape(ParametersRefused):
    """One figure where one for each key is read, or the other way round."""


class WrongUnit(ParametersRefused):
    """No value of this unit: a word where a number is read, a share above the whole, a sum below nothing."""


class UnknownLevel(ParametersRefused):
    """A figure for a level that does not exist."""


class UnknownChoice(ParametersRefused):
    """The rule knows no such alternative."""


@dataclass(frozen=True)
class Shape:
    """Of one parameter. `by`: there is a figure for each key of this unit; `among`: the words that the rule knows, in its order."""

    unit: Unit
    by: Unit | None = None
    among: tuple[str, ...] = ()

    def check(self, name: str, timeline: Timeline) -> None:
        """Raises WrongShape, WrongUnit, UnknownLevel, UnknownChoice."""
        for figure in timeline.figures:
            if figure.value is not None:
                self._check(f"{name} from {figure.effective_from}", figure.value)

    def _check(self, where: str, value: Any) -> None:
        if isinstance(value, Mapping) != (self.by is not None):
            expected = "one figure" if self.by is None else f"a figure for each {self.by.name.lower()}"
            raise WrongShape(f"{where}: {expected} is expected")
        if self.by is Unit.LEVEL and (strangers := value.keys() - LEVEL_NAMES.keys()):
            raise UnknownLevel(f"{where}: there is no level {sorted(strangers)}; known are {sorted(LEVEL_NAMES)}")
        values = value.values() if isinstance(value, Mapping) else (value,)
        if not values or not all(_is_of(self.unit, each) for each in values):
            raise WrongUnit(f"{where}: {value!r} is not in {self.unit.name}")
        if self.among and (strangers := set(values) - set(self.among)):
            raise UnknownChoice(f"{where}: {sorted(strangers)} is none of {', '.join(self.among)}")


def _is_of(unit: Unit, value: object) -> bool:
    if unit is Unit.FLAG:
        return isinstance(value, bool)
    if unit is Unit.DAY:
        return isinstance(value, date)
    if unit is Unit.CODE:
        return isinstance(value, str) and value != ""
    most = WHOLE if unit is Unit.SHARE else None
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0 and (most is None or value <= most)


def shapes(rules: Iterable[Rule[Any]]) -> dict[str, Shape]:
    """By name, of every parameter that one of these rules reads."""
    found: dict[str, Shape] = {}
    for rule in rules:
        terms = [*(each.condition for each in rule.requirements), *rule.other_terms()]
        for term in (part for each in terms for part in each.walk()):
            if isinstance(term, Parameter):
                found.setdefault(term.name, Shape(term.unit))
        for term in (part for each in terms for part in each.walk()):
            found |= _read_by(term)
        if isinstance(rule, Scheme) and isinstance(rule.fund, Parameter):
            found[rule.fund.name] = Shape(rule.fund.unit, among=tuple(fund.value for fund in Fund))
    return found


def _read_by(term: Term[Any]) -> dict[str, Shape]:
    if isinstance(term, Lookup):
        return {term.figures.name: Shape(term.unit, by=term.key.unit)}
    if isinstance(term, Choice):
        return {
            term.switch.name: Shape(term.switch.unit, among=() if term.switch.unit is Unit.FLAG else tuple(name for name, _ in term.terms))
        }
    return {}
