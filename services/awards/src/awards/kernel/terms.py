"""The words of a rule: constants, today, comparisons, all and any, products, the lower of.

Each is read two ways here, `value` (one row) and `column` (a table), side by side because they must agree to the fen.
What it says in words is in `wording.py`, what would help in `remedy.py`. Unknown is None in a row and `known=False` in a column;
it is never zero and never no.
"""

from __future__ import annotations

import math
import operator
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, Table, as_number, both, conjunction
from awards.kernel.kinds import NEVER, Fen, Share, Unit
from awards.kernel.parameters import Parameters, Timeline

T = TypeVar("T")


class Sight:
    """What a rule may see when it judges one row: its facts, and the figures of its day.

    `anew`: were it begun again, what can be chosen is open.
    """

    __slots__ = ("anew", "facts", "figures", "judged_on", "parameters", "today", "truths")

    def __init__(
        self, facts: Mapping[str, Any], parameters: Parameters, judged_on: date | None, today: date, *, anew: bool = False
    ) -> None:
        self.facts, self.parameters, self.judged_on, self.today, self.anew = facts, parameters, judged_on, today, anew
        self.figures = parameters.in_force(judged_on)
        self.truths: dict[object, bool | None] = {}


class View:
    """What a rule may see when it judges a table: the same, in columns."""

    def __init__(self, table: Table, parameters: Parameters, judged_on: NDArray[Any], today: date, *, shared: frozenset[Term[Any]]) -> None:
        self.table, self.parameters, self.judged_on, self.today = table, parameters, judged_on, today
        self._shared = shared
        self._worked_out: dict[Term[Any], Column] = {}
        self.rows = len(judged_on)
        self._earliest = int(judged_on.min()) if self.rows else 0
        self._latest = int(judged_on.max()) if self.rows else 0

    def of(self, term: Term[Any]) -> Column:
        """The term's column; one that the rule asks for again is kept."""
        if term not in self._shared:
            return term.column(self)
        if term not in self._worked_out:
            self._worked_out[term] = term.column(self)
        return self._worked_out[term]

    def as_of(self, timeline: Timeline) -> tuple[tuple[Any, ...], NDArray[np.intp] | None]:
        """The values in force within this table, and which of them each row sees (None: all see the first)."""
        starts = np.array([day.toordinal() for day in timeline.starts])
        first = int(np.searchsorted(starts, self._earliest, side="right")) - 1
        last = int(np.searchsorted(starts, self._latest, side="right")) - 1
        values = (None, *timeline.values)[first + 1 : last + 2]
        if first == last:
            return values, None
        which = np.zeros(self.rows, np.intp)
        for start in starts[first + 1 : last + 1]:
            which += self.judged_on >= start
        return values, which


class Term(Generic[T]):
    """Something with a value. Compare terms with `<= < >= >`, `.is_()`, `.is_within()`; multiply money by `*`."""

    unit: Unit = Unit.FLAG

    def value(self, at: Sight) -> Any:
        """Of one row; None when unknown."""
        raise NotImplementedError

    def column(self, view: View) -> Column:
        """Of every row."""
        raise NotImplementedError

    def parts(self) -> tuple[Term[Any], ...]:
        """The terms that it is made of."""
        return ()

    def is_set(self, at: Sight) -> bool:
        """Whether every figure that it needs on this day is in force."""
        return all(part.is_set(at) for part in self.parts())

    def unset_column(self, view: View) -> NDArray[np.bool_]:
        """Where one is not; one truth when it is the same everywhere."""
        unset = np.asarray(False)
        for part in self.parts():
            unset = unset | part.unset_column(view)
        return unset

    def identity(self) -> str:
        """What it is, apart from its parts: the rule's hash is made of these."""
        return type(self).__name__

    def walk(self) -> Iterator[Term[Any]]:
        """Itself and everything inside it."""
        yield self
        for part in self.parts():
            yield from part.walk()

    def signature(self) -> str:
        """The whole tree, written out for the hash."""
        return f"{self.identity()}({','.join(part.signature() for part in self.parts())})"

    def __bool__(self) -> bool:
        raise TypeError(f"a rule is not a truth value: write all_of/any_of, not and/or ({self.signature()})")

    def __le__(self, other: Term[T] | T) -> Compare:
        return Compare(self, "≤", as_term(other, self.unit))

    def __lt__(self, other: Term[T] | T) -> Compare:
        return Compare(self, "<", as_term(other, self.unit))

    def __ge__(self, other: Term[T] | T) -> Compare:
        return Compare(self, "≥", as_term(other, self.unit))

    def __gt__(self, other: Term[T] | T) -> Compare:
        return Compare(self, ">", as_term(other, self.unit))

    def is_(self, other: Term[T] | T) -> Compare:
        return Compare(self, "=", as_term(other, self.unit))

    def is_within(self, first: Term[T], last: Term[T]) -> AllOf:
        """Both ends inside."""
        return AllOf((first <= self, self <= last))

    def __sub__(self: Term[Fen], other: Term[Fen]) -> Difference:
        return Difference(self, other)

    def __mul__(self: Term[Fen], other: Term[Share] | Term[int]) -> Product:
        return Product((*self.parts(), other) if isinstance(self, Product) else (self, other))


def as_term(value: object, unit: Unit) -> Term[Any]:
    """A constant where a bare value was written."""
    return value if isinstance(value, Term) else Constant(value, unit)


@dataclass(frozen=True, eq=False)
class Constant(Term[T]):
    """A figure of the clause itself."""

    constant: Any
    unit: Unit

    def value(self, at: Sight) -> Any:  # noqa: ARG002 - the same word for every term
        return self.constant

    def column(self, view: View) -> Column:
        return Column(np.asarray(view.table.code(self.constant) if self.unit.is_code else as_number(self.constant)))

    def identity(self) -> str:
        return f"{self.unit.name}:{self.constant}"


ANYHOW: Constant[bool] = Constant(True, Unit.FLAG)
"""Asks for nothing: what a switch chooses where the city makes no condition of it."""


class Today(Term[date]):
    """The day of judgement, handed in; a comparison with it is also a day to look again."""

    unit = Unit.DAY

    def value(self, at: Sight) -> date:
        return at.today

    def column(self, view: View) -> Column:
        return Column(np.asarray(view.today.toordinal()))


today = Today()

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "≤": operator.le,
    "<": operator.lt,
    "≥": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
}


class Compare(Term[bool]):
    """Two terms and a sign between them."""

    def __init__(self, left: Term[Any], sign: str, right: Term[Any]) -> None:
        self.left, self.sign, self.right = left, sign, right
        self._holds = _SIGNS[sign]
        self.other_than_today = right if isinstance(left, Today) else left if isinstance(right, Today) else None
        # today ≥ day and today < day turn on the day itself; today > day and today ≤ day turn the day after.
        self._turns_the_day_after = (sign in "<>") == ((sign in "≥>") == isinstance(left, Today))

    def value(self, at: Sight) -> bool | None:
        left, right = self.left.value(at), self.right.value(at)
        return None if left is None or right is None else self._holds(left, right)

    def column(self, view: View) -> Column:
        left, right = view.of(self.left), view.of(self.right)
        return Column(self._holds(left.values, right.values), both(left.known, right.known))

    def parts(self) -> tuple[Term[Any], ...]:
        return self.left, self.right

    def identity(self) -> str:
        return self.sign

    def turns_on(self, at: Sight) -> date | None:
        """The day on which time alone changes this comparison; None if it is not about today, or never."""
        if self.other_than_today is None:
            return None
        day: date | None = self.other_than_today.value(at)
        if day is None or day == NEVER:
            return None
        return day + timedelta(days=1) if self._turns_the_day_after else day


@dataclass(frozen=True, eq=False)
class AllOf(Term[bool]):
    """Every one of them (Kleene: no wins over unknown)."""

    conditions: tuple[Term[bool], ...]

    def value(self, at: Sight) -> bool | None:
        unknown = False
        for condition in self.conditions:
            truth = condition.value(at)
            if truth is False:
                return False
            unknown = unknown or truth is None
        return None if unknown else True

    def column(self, view: View) -> Column:
        return conjunction([view.of(condition) for condition in self.conditions])

    def parts(self) -> tuple[Term[Any], ...]:
        return self.conditions


@dataclass(frozen=True, eq=False)
class AnyOf(Term[bool]):
    """At least one of them (Kleene: yes wins over unknown)."""

    conditions: tuple[Term[bool], ...]

    def value(self, at: Sight) -> bool | None:
        unknown = False
        for condition in self.conditions:
            truth = condition.value(at)
            if truth:
                return True
            unknown = unknown or truth is None
        return None if unknown else False

    def column(self, view: View) -> Column:
        opposite = conjunction([Column(~c.values, c.known) for c in (view.of(part) for part in self.conditions)])
        return Column(~opposite.values & (True if opposite.known is None else opposite.known), opposite.known)

    def parts(self) -> tuple[Term[Any], ...]:
        return self.conditions


def all_of(*conditions: Term[bool]) -> AllOf:
    """Every one of them."""
    return AllOf(conditions)


def any_of(*conditions: Term[bool]) -> AnyOf:
    """At least one of them."""
    return AnyOf(conditions)


@dataclass(frozen=True, eq=False)
class Product(Term[Fen]):
    """Money times counts and shares, rounded half-up to the fen once, at the end (A47)."""

    factors: tuple[Term[Any], ...]
    unit = Unit.FEN

    @cached_property
    def _scale(self) -> int:
        return math.prod(10_000 for factor in self.factors if factor.unit is Unit.SHARE)

    def value(self, at: Sight) -> int | None:
        product = 1
        for factor in self.factors:
            figure: int | None = factor.value(at)
            if figure is None:
                return None
            product *= figure
        scale = self._scale
        return product if scale == 1 else (2 * product + scale) // (2 * scale)

    def column(self, view: View) -> Column:
        values, known = view.of(self.factors[0])
        for factor in self.factors[1:]:
            more, more_known = view.of(factor)
            values, known = values * more, both(known, more_known)
        scale = self._scale
        return Column(values if scale == 1 else (2 * values + scale) // (2 * scale), known)

    def parts(self) -> tuple[Term[Any], ...]:
        return self.factors


@dataclass(frozen=True, eq=False)
class Difference(Term[Fen]):
    """What is left of a sum."""

    whole: Term[Fen]
    less: Term[Fen]
    unit = Unit.FEN

    def value(self, at: Sight) -> int | None:
        whole, less = self.whole.value(at), self.less.value(at)
        return None if whole is None or less is None else whole - less

    def column(self, view: View) -> Column:
        whole, less = view.of(self.whole), view.of(self.less)
        return Column(whole.values - less.values, both(whole.known, less.known))

    def parts(self) -> tuple[Term[Any], ...]:
        return self.whole, self.less


@dataclass(frozen=True, eq=False)
class MonthsAfter(Term[date]):
    """So many months after a day: the corresponding day, in a shorter month its last (Civil Code, articles 201 and 202)."""

    day: Term[date]
    months: Term[int]
    unit = Unit.DAY

    def value(self, at: Sight) -> date | None:
        day, months = self.day.value(at), self.months.value(at)
        if day is None or months is None or day == NEVER:
            return None if months is None else day
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def column(self, view: View) -> Column:
        (days, days_known), (months, months_known) = view.of(self.day), view.of(self.months)
        day = (days - _EPOCH).astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        then = month + months.astype("timedelta64[M]")
        first, length = _first_day(then), _first_day(then + 1) - _first_day(then)
        found = first + np.minimum(day.astype(np.int64) - _first_day(month), length - 1) + _EPOCH
        return Column(np.where(days == NEVER.toordinal(), days, found), both(days_known, months_known))

    def parts(self) -> tuple[Term[Any], ...]:
        return self.day, self.months


_EPOCH = date(1970, 1, 1).toordinal()


def _first_day(months: NDArray[Any]) -> NDArray[np.int64]:
    return months.astype("datetime64[D]").astype(np.int64)


def months_after(day: Term[date], months: Term[int]) -> MonthsAfter:
    """The day on which so many months are full."""
    return MonthsAfter(day, months)


@dataclass(frozen=True, eq=False)
class Awaited(Term[bool]):
    """A condition that can still be put right: until it holds the ground waits, and is not refused."""

    condition: Term[bool]

    def value(self, at: Sight) -> bool | None:
        return True if self.condition.value(at) else None

    def column(self, view: View) -> Column:
        values, known = view.of(self.condition)
        holds = values if known is None else values & known
        return Column(np.ones_like(holds, bool), holds)

    def parts(self) -> tuple[Term[Any], ...]:
        return (self.condition,)


def awaited(condition: Term[bool]) -> Awaited:
    """Until it holds the ground waits."""
    return Awaited(condition)


@dataclass(frozen=True, eq=False)
class LowerOf(Term[T]):
    """The least of several figures; unknown if any is."""

    these: tuple[Term[T], ...]

    @property
    def unit(self) -> Unit:  # type: ignore[override]
        return self.these[0].unit

    def value(self, at: Sight) -> Any:
        least = self.these[0].value(at)
        for term in self.these[1:]:
            value = term.value(at)
            if least is None or value is None:
                return None
            least = min(least, value)
        return least

    def column(self, view: View) -> Column:
        values, known = view.of(self.these[0])
        for term in self.these[1:]:
            more, more_known = view.of(term)
            values, known = np.minimum(values, more), both(known, more_known)
        return Column(values, known)

    def parts(self) -> tuple[Term[Any], ...]:
        return self.these


def lower_of(*these: Term[T]) -> LowerOf[T]:
    """The least of several figures."""
    return LowerOf(these)
