"""A ground (依据) is one thing that happened and may be owed for: flat, typed, measured, never judged.

`prepare` functions build grounds from facts without parameters and without today; rules read nothing else. A stored ground is the heart
of a decision record, one row of the what-if table, and the subject of an explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform, overload
from uuid import UUID

from awards.kernel.columns import Column, Table, column_of
from awards.kernel.kinds import NEVER, Unit
from awards.kernel.terms import Sight, Term, View

T = TypeVar("T")


class Measure(Term[T]):
    """One column of a ground, as a term."""

    def __init__(
        self, label: str, unit: Unit, *, open_until: str | None, open_for: str | None, act: str, chosen: bool, falls: bool, may_come: bool,
        never: str, words: tuple[str, str] | None, names: Mapping[int, str],
    ) -> None:  # fmt: skip
        self.label, self.unit, self.never, self.words, self.names, self.act = label, unit, never, words, names, act
        self.chosen, self.falls, self.may_come, self.open_until, self.open_for = chosen, falls, may_come, open_until, open_for
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def value(self, at: Sight) -> Any:
        return at.facts[self.name]

    def column(self, view: View) -> Column:
        return view.table.columns[self.name]

    def identity(self) -> str:
        return f"Fact:{self.name}:{self.unit.name}"

    def is_open(self, at: Sight) -> bool:
        """Whether people can still add to it, or (begun anew) choose it."""
        if at.anew and (self.chosen or self.open_until):
            return True
        if self.open_until is None:
            return False
        last = self.last_day(at)
        return last is None or at.today <= last

    def last_day(self, at: Sight) -> date | None:
        """The last day on which people can still add to it; None when that is unknown or there is none."""
        last: date | None = at.facts[self.open_until] if self.open_until else NEVER
        if last is None or last == NEVER:
            return None
        # So many whole days may lie between: the day after them is the last.
        return last + timedelta(days=at.figures.values.get(self.open_for, 0) + 1) if self.open_for else last


class Fact(Measure[T]):
    """Declares a measure: on the class it is the term, on a row it is the value (or None: unknown)."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, row: None, owner: type) -> Measure[T]: ...
        @overload
        def __get__(self, row: Ground, owner: type) -> T | None: ...
        def __get__(self, row: Ground | None, owner: type) -> Measure[T] | T | None: ...
        def __set__(self, row: Ground, value: T | None) -> None: ...


def fact(
    label: str,
    unit: Unit = Unit.FLAG,
    *,
    open_until: str | None = None,
    open_for: str | None = None,
    act: str = "",
    chosen: bool = False,
    falls: bool = False,
    may_come: bool = False,
    never: str = "尚无",
    words: tuple[str, str] | None = None,
    names: Mapping[int, str] = MappingProxyType({}),
) -> Any:
    """Declare a column of a ground: its Chinese label and unit.

    `open_until` names the fact until whose day people can still add to it, `open_for` the parameter that says how many days may lie in between;
    `act`: what they would have to do (再就业); `chosen`: it is chosen anew with each ground; `falls`: people can bring it
    down at any time (a surplus is refunded); `may_come`: while it has not happened it can still happen (a certificate is issued);
    `never`: how "has not happened" reads (未撤销); `words`: how a flag reads when it holds and when it does not; `names`: what a number stands
    for, where it counts nothing (an industry's section).
    """
    return Fact(
        label, unit, open_until=open_until, open_for=open_for, act=act, chosen=chosen, falls=falls, may_come=may_come, never=never, words=words,
        names=names,
    )  # fmt: skip


@dataclass_transform(kw_only_default=True, field_specifiers=(fact,))
class _Typed:
    """Gives subclasses a keyword constructor that mypy checks."""


class Ground(_Typed):
    """Subclass with `name: Fact[kind] = fact("中文", Unit)`; `evidence` says in words where a measured fact comes from."""

    facts: ClassVar[dict[str, Fact[Any]]] = {}
    identified_by: ClassVar[tuple[str, ...]] = ()
    """The facts that tell one ground of this kind from every other: always known."""

    def __init_subclass__(cls) -> None:
        cls.facts = {name: value for name, value in vars(cls).items() if isinstance(value, Fact)}
        if strangers := {declared.open_until for declared in cls.facts.values()} - cls.facts.keys() - {None}:
            raise TypeError(f"{cls.__name__}: open_until names no fact: {strangers}")
        if not cls.identified_by or not set(cls.identified_by) <= cls.facts.keys():
            raise TypeError(f"{cls.__name__}: identified_by names no facts: {cls.identified_by}")

    evidence: Mapping[str, str] = MappingProxyType({})

    def __init__(self, *, evidence: Mapping[str, str] = MappingProxyType({}), **facts: Any) -> None:
        if facts.keys() != self.facts.keys():
            raise TypeError(f"{type(self).__name__}: {sorted(facts.keys() ^ self.facts.keys())}")
        self.__dict__.update(facts, evidence=evidence)

    @classmethod
    def awaiting(cls, **known: Any) -> Self:
        """A ground of which only this much has arrived; the rest is unknown, not an error."""
        facts: dict[str, Any] = dict.fromkeys(cls.facts) | known
        return cls(**facts)

    def but(self, **changed: Any) -> Self:
        """The same ground, were these facts different."""
        return type(self)(evidence=self.evidence, **{name: self.__dict__[name] for name in self.facts} | changed)

    @classmethod
    def identifying(cls) -> list[tuple[str, Fact[Any]]]:
        """The facts that tell one ground from every other of its kind."""
        return [(name, cls.facts[name]) for name in cls.identified_by]

    @property
    def identity(self) -> tuple[Any, ...]:
        """What tells it from every other ground of its kind."""
        return tuple(self.__dict__[name] for name in self.identified_by)

    def to_record(self) -> dict[str, Any]:
        """JSON-safe, and read back exactly by `from_record`."""
        record = {name: _written(self.__dict__[name]) for name in self.facts}
        return record | ({"evidence": dict(self.evidence)} if self.evidence else {})

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The ground as it was stored. A fact that nobody measured then is unknown."""
        facts = {name: _read(record.get(name), declared.unit) for name, declared in cls.facts.items()}
        return cls(evidence=record.get("evidence", {}), **facts)

    @classmethod
    def table(cls, rows: Iterable[Self], codes: dict[object, int] | None = None) -> Table:
        """Grounds of this kind as columns; `codes` numbers those of several kinds alike."""
        rows, codes = list(rows), {} if codes is None else codes
        columns = {name: column_of([row.__dict__[name] for row in rows], declared.unit, codes) for name, declared in cls.facts.items()}
        has_lists = any(declared.unit is Unit.PARTS for declared in cls.facts.values())
        return Table(
            columns, codes, lists={number: value for value, number in codes.items() if isinstance(value, tuple)} if has_lists else {}
        )


def _written(value: Any) -> Any:
    if isinstance(value, date):
        return "NEVER" if value == NEVER else value.isoformat()
    return str(value) if isinstance(value, UUID) else list(value) if isinstance(value, tuple) else value


def _read(value: Any, unit: Unit) -> Any:
    if value is None:
        return None
    if unit is Unit.DAY:
        return NEVER if value == "NEVER" else date.fromisoformat(value)
    if unit is Unit.PARTS:
        return tuple(value)
    return UUID(value) if unit.is_id else value
