"""What would help: the least that would have to be different, and the earliest day. Tried before it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import singledispatch
from typing import Any

from awards.kernel.figures import Choice, in_force
from awards.kernel.ground import Measure
from awards.kernel.kinds import NEVER, Unit
from awards.kernel.roster import Reaches
from awards.kernel.terms import AllOf, AnyOf, Awaited, Compare, Sight, Term
from awards.kernel.wording import seen, sentence


@dataclass(frozen=True)
class Remedy:
    """Facts that would have to be so, the acts they mean, and the earliest day by time alone."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple[str, ...] = ()
    earliest: date | None = None
    is_impossible: bool = False

    def cost(self) -> tuple[bool, int, date]:
        """Of several ways the cheapest is shown."""
        return self.is_impossible, len(self.acts), self.earliest or date.min


NOTHING_NEEDED = Remedy()


@singledispatch
def remedy(term: Term[Any], at: Sight) -> Remedy:
    """What would make this condition hold."""
    return NOTHING_NEEDED if term.value(at) else Remedy(is_impossible=True)


@remedy.register
def _(term: Measure, at: Sight) -> Remedy:  # type: ignore[type-arg]
    truth = term.value(at)
    if truth:
        return NOTHING_NEEDED
    if truth is None:
        return Remedy({term.name: True}, (f"补充材料：{term.label}",))
    return Remedy({term.name: True}, (f"{term.label}{_deadline(term, at)}",), is_impossible=not term.is_open(at))


@remedy.register
def _(term: Choice, at: Sight) -> Remedy:  # type: ignore[type-arg]
    chosen = in_force(term, at)
    return Remedy(is_impossible=True) if chosen is term else remedy(chosen, at)


@remedy.register
def _(term: AllOf, at: Sight) -> Remedy:
    return together([remedy(condition, at) for condition in term.conditions])


@remedy.register
def _(term: Awaited, at: Sight) -> Remedy:
    return remedy(term.condition, at)


@remedy.register
def _(term: AnyOf, at: Sight) -> Remedy:
    return min((remedy(condition, at) for condition in term.conditions), key=Remedy.cost)


@remedy.register
def _(term: Compare, at: Sight) -> Remedy:
    truth = term.value(at)
    if truth:
        return NOTHING_NEEDED
    turns = term.turns_on(at)
    if truth is False and turns and turns > at.today:
        return Remedy(earliest=turns)
    left, right = in_force(term.left, at), in_force(term.right, at)
    sides = ((left, right, term.sign in "≥>"), (right, left, term.sign in "≤<"))
    for mover, other, grows in sides:
        if isinstance(mover, Measure):
            found = _move(mover, other.value(at), at, grows=grows, is_strict=term.sign in "<>")
            if found is not None:
                return found
    return Remedy(acts=(seen(term, at),), is_impossible=True)


@remedy.register
def _(term: Reaches, at: Sight) -> Remedy:
    truth, count, undecided, need = (each.value(at) for each in (term, term.count, term.undecided, term.need))
    if truth:
        return NOTHING_NEEDED
    assert isinstance(term.count, Measure)
    if need is None or count is None or undecided is None:
        unknown = [each.label for each in (term.count, term.undecided) if isinstance(each, Measure) and each.value(at) is None]
        return Remedy({term.count.name: need}, tuple(f"补充材料：{label}" for label in unknown), is_impossible=need is None)
    missing = term.need.unit.show(need - count)
    if truth is None:
        return Remedy({term.count.name: need}, (f"{sentence(term.undecided)} {seen(term.undecided, at)}，其中 {missing}计入",))
    more = f"，尚未认定的计入后还差 {term.need.unit.show(need - count - undecided)}" if undecided else ""
    act = f"{term.count.label}还差 {missing}{more}{_deadline(term.count, at)}"
    return Remedy({term.count.name: need}, (act,), is_impossible=not term.count.is_open(at))


def _move(mover: Measure[Any], need: Any, at: Sight, *, grows: bool, is_strict: bool) -> Remedy | None:
    """Change this fact until it meets the other; None when it cannot be changed."""
    if mover.value(at) is None:
        return Remedy({mover.name: _satisfying(mover, need, grows=grows, is_strict=is_strict)}, (f"补充材料：{mover.label}",))
    if need is None or need == NEVER:
        return None
    if mover.unit is Unit.DAY and mover.value(at) == NEVER and not grows and (mover.may_come or mover.is_open(at)):
        # It can come today: two limits of one day are then met by the same.
        return Remedy(
            {mover.name: min(need - timedelta(days=is_strict), at.today)}, (f"待{mover.label.removesuffix('日')}{_deadline(mover, at)}",)
        )
    if mover.falls and not grows and (mover.open_until is None or mover.is_open(at)):
        act = mover.act or f"{mover.label}降到 {mover.unit.show(need)}"
        return Remedy({mover.name: need}, (f"{act}{_deadline(mover, at)}",))
    if not grows or not mover.is_open(at):
        return None
    if mover.unit is Unit.DAY:
        need += timedelta(days=is_strict)
        return Remedy({mover.name: need}, (f"{mover.act}{_deadline(mover, at)}" if mover.act else f"{mover.label}在 {need} 或以后",))
    need += is_strict
    missing = mover.unit.show(need - mover.value(at))
    return Remedy({mover.name: need}, (f"{mover.label}还差 {missing}{_deadline(mover, at)}",))


def _satisfying(mover: Measure[Any], need: Any, *, grows: bool, is_strict: bool) -> Any:
    """A value of an unknown fact that would pass: what the missing paper has to show."""
    if mover.unit is Unit.DAY:
        return NEVER if grows else date.min
    return None if need is None else need + is_strict * (1 if grows else -1)


def _deadline(term: Measure[Any], at: Sight) -> str:
    last = None if at.anew else term.last_day(at)
    return "" if last is None else f"（截至 {last}）"


def together(remedies: list[Remedy]) -> Remedy:
    """All of them: every change, the latest of the days. Two needs of one fact: the greater; it is tried before it is shown."""
    changes: dict[str, Any] = {}
    for each in remedies:
        for name, need in each.changes.items():
            changes[name] = max(need, changes[name]) if name in changes else need
    days = [each.earliest for each in remedies if each.earliest]
    acts = tuple(dict.fromkeys(act for each in remedies for act in each.acts))
    return Remedy(changes, acts, max(days, default=None), any(each.is_impossible for each in remedies))
