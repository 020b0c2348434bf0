"""How a rule reads to the person it concerns: as a sentence of the rule page, and as what was seen on one ground."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Concatenate, Generic, ParamSpec

from awards.kernel.figures import Choice, Lookup, Parameter, in_force
from awards.kernel.ground import Measure
from awards.kernel.kinds import NEVER, Unit
from awards.kernel.roster import Reaches
from awards.kernel.scheme import Fund, Scheme
from awards.kernel.sharing import ShareOf
from awards.kernel.terms import (
    AllOf,
    AnyOf,
    Awaited,
    Compare,
    Constant,
    Difference,
    LowerOf,
    MonthsAfter,
    Product,
    Sight,
    Term,
    Today,
)

P = ParamSpec("P")
NOT_ASKED = "不作要求"
_AT_LEAST = {"≥": "不少于", ">": "多于", "≤": "不超过", "<": "少于", "=": "为"}
_ORDER = {"≥": "不早于", ">": "晚于", "≤": "不晚于", "<": "早于", "=": "为"}
_ASKED = {"≤": "不得超过", "<": "应少于", "≥": "要求达到", ">": "应多于", "=": "要求达到"}
_LEVEL = {"≤": "及以上", "<": "以上（不含）", "≥": "及以下", ">": "以下（不含）", "=": ""}


class _Telling(Generic[P]):
    """What is told of each kind of term. As `functools.singledispatch`, at a third of its cost: it is asked twenty times an explanation."""

    def __init__(self, otherwise: Callable[Concatenate[Any, P], str]) -> None:
        self._told: dict[type, Callable[Concatenate[Any, P], str]] = {object: otherwise}

    def of(self, kind: type) -> Callable[[Callable[Concatenate[Any, P], str]], Callable[Concatenate[Any, P], str]]:
        """Declares how a kind of term, and what is derived from it, is told."""

        def declare(tell: Callable[Concatenate[Any, P], str]) -> Callable[Concatenate[Any, P], str]:
            self._told[kind] = tell
            return tell

        return declare

    def __call__(self, term: Term[Any], *more: P.args, **named: P.kwargs) -> str:
        kind = type(term)
        if kind not in self._told:
            self._told[kind] = next(self._told[each] for each in kind.__mro__ if each in self._told)
        return self._told[kind](term, *more, **named)


@_Telling
def sentence(term: Term[Any]) -> str:
    """The term as the rule page has it."""
    raise NotImplementedError(type(term).__name__)


@sentence.of(Constant)
def _(term: Constant) -> str:  # type: ignore[type-arg]
    return NOT_ASKED if term.unit is Unit.FLAG and term.constant else term.unit.show(term.constant)


@sentence.of(Today)
def _(_term: Today) -> str:
    return "当日"


@sentence.of(Measure)
def _(term: Measure) -> str:  # type: ignore[type-arg]
    return term.words[0] if term.words else term.label


@sentence.of(Parameter)
def _(term: Parameter) -> str:  # type: ignore[type-arg]
    return f"〔{term.label}〕"


@sentence.of(Lookup)
def _(term: Lookup) -> str:  # type: ignore[type-arg]
    return f"{sentence(term.figures)}（按{sentence(term.key)}）"


@sentence.of(Choice)
def _(term: Choice) -> str:  # type: ignore[type-arg]
    return f"按{sentence(term.switch)}：" + "／".join(sentence(each) for _, each in term.terms)


@sentence.of(Compare)
def _(term: Compare) -> str:
    if term.other_than_today is not None:
        return f"{sentence(term.other_than_today)}{_when(term)}"
    if term.left.unit is Unit.LEVEL:
        return f"{sentence(term.left)}为{sentence(term.right)}{_LEVEL[term.sign]}"
    return f"{sentence(term.left)}{(_ORDER if term.left.unit is Unit.DAY else _AT_LEAST)[term.sign]}{sentence(term.right)}"


def _when(term: Compare) -> str:
    """What a comparison with today asks of the other day."""
    is_to_come, is_strict = isinstance(term.left, Today) == (term.sign in "≤<"), term.sign in "<>"
    if is_to_come:
        return "未到" if is_strict else "未过"
    return "已过" if is_strict else "已到"


@sentence.of(Reaches)
def _(term: Reaches) -> str:
    return f"{sentence(term.count)}不少于{sentence(term.need)}（加上{sentence(term.undecided)}才达到的，待认定）"


@sentence.of(MonthsAfter)
def _(term: MonthsAfter) -> str:
    return f"{sentence(term.day)}起满{sentence(term.months)}之日"


@sentence.of(AllOf)
def _(term: AllOf) -> str:
    if ends := _ends(term):
        first, day, last = ends
        return f"{day.label}在{first.label}至{last.label}之内"
    return "，且".join(sentence(condition) for condition in term.conditions)


@sentence.of(AnyOf)
def _(term: AnyOf) -> str:
    return "，或".join(sentence(condition) for condition in term.conditions)


@sentence.of(Product)
def _(term: Product) -> str:
    return " × ".join(sentence(factor) for factor in term.factors)


@sentence.of(Difference)
def _(term: Difference) -> str:
    return f"{sentence(term.whole)}减去{sentence(term.less)}"


@sentence.of(Awaited)
def _(term: Awaited) -> str:
    return f"{sentence(term.condition)}（否则暂缓）"


@sentence.of(LowerOf)
def _(term: LowerOf) -> str:  # type: ignore[type-arg]
    return "、".join(sentence(each) for each in term.these) + "中较低者"


@sentence.of(ShareOf)
def _(term: ShareOf) -> str:
    return f"{sentence(term.paid)}合计与{sentence(term.up_to)}中较低者，按各自付款的比例分摊"


@_Telling
def seen(term: Term[Any], at: Sight) -> str:
    """What the rule saw on this ground, and what it asks for."""
    return term.unit.show(term.value(at))


@seen.of(Measure)
def _(term: Measure, at: Sight) -> str:  # type: ignore[type-arg]
    text = show(term, term.value(at))
    evidence = at.facts["evidence"].get(term.name)
    return f"{text}（{evidence}）" if evidence else text


@seen.of(Constant)
def _(term: Constant, at: Sight) -> str:  # type: ignore[type-arg]
    return NOT_ASKED if term.unit is Unit.FLAG and term.constant else term.unit.show(term.value(at))


@seen.of(Parameter)
def _(term: Parameter, at: Sight) -> str:  # type: ignore[type-arg]
    text = term.unit.show(term.value(at))
    return f"{term.label}：{text}" if term.unit is Unit.FLAG else text


@seen.of(Lookup)
def _(term: Lookup, at: Sight) -> str:  # type: ignore[type-arg]
    return seen(term.key, at) if term.unit is Unit.FLAG else term.unit.show(term.value(at))


@seen.of(Choice)
def _(term: Choice, at: Sight) -> str:  # type: ignore[type-arg]
    chosen = term.chosen(at)
    return f"{term.switch.label}不明" if chosen is None else seen(chosen, at)


def show(term: Measure[Any], value: Any) -> str:
    """A fact's value in the fact's own words."""
    if value == NEVER:
        return term.never
    if term.words and value is not None:
        return term.words[0] if value else term.words[1]
    return term.names[value] if value in term.names else term.unit.show(value)


@seen.of(Parameter)
def _(term: Parameter, at: Sight) -> str:  # type: ignore[type-arg]
    shown = term.unit.show(term.value(at))
    return f"{term.label}：{shown}" if term.unit is Unit.FLAG else shown


@seen.of(Choice)
def _(term: Choice, at: Sight) -> str:  # type: ignore[type-arg]
    chosen = in_force(term, at)
    return "不明" if chosen is term else seen(chosen, at)


@seen.of(AllOf)
def _(term: AllOf, at: Sight) -> str:
    within = _within(term, at)
    if within is not None:
        return within
    telling = term.conditions if term.value(at) else [each for each in term.conditions if not each.value(at)]
    return "；".join(seen(each, at) for each in telling)


@seen.of(AnyOf)
def _(term: AnyOf, at: Sight) -> str:
    truth = term.value(at)
    telling = term.conditions if truth is False else [each for each in term.conditions if each.value(at) is truth]
    return "；".join(seen(each, at) for each in telling)


@seen.of(Reaches)
def _(term: Reaches, at: Sight) -> str:
    text = f"{sentence(term.count)} {seen(term.count, at)}，要求达到 {term.need.unit.show(term.need.value(at))}"
    return text if term.undecided.value(at) == 0 else f"{text}；{sentence(term.undecided)} {seen(term.undecided, at)}"


@seen.of(Awaited)
def _(term: Awaited, at: Sight) -> str:
    return seen(term.condition, at)


@seen.of(ShareOf)
def _(term: ShareOf, at: Sight) -> str:
    own, all_together = term.own_and_all(at)
    up_to, money = term.up_to.value(at), Unit.FEN.show
    if all_together <= up_to:
        return f"付款 {money(own)}"
    return f"{sentence(term.up_to)} {money(up_to)}，按付款 {money(own)} 占合计 {money(all_together)} 的比例分摊"


@seen.of(Product)
def _(term: Product, at: Sight) -> str:
    return " × ".join(seen(factor, at) for factor in term.factors)


@seen.of(Compare)
def _(term: Compare, at: Sight) -> str:
    if term.left.unit is Unit.DAY:
        return _days(term, at)
    left = in_force(term.left, at)
    value, required = seen(left, at), term.right.unit.show(term.right.value(at))
    if left.value(at) is None:
        return f"{sentence(left)}不明"
    if left.unit is Unit.LEVEL:
        return f"{value}，要求{required}{_LEVEL[term.sign]}"
    return f"{sentence(left)} {value}，{_ASKED[term.sign]} {required}"


def _ends(term: AllOf) -> tuple[Measure[Any], Measure[Any], Measure[Any]] | None:
    """First, day and last of `first ≤ day ≤ last`; None when it is something else."""
    match term.conditions:
        case (
            Compare(left=Measure() as first, sign="≤", right=Measure() as day),
            Compare(left=Measure() as again, sign="≤", right=Measure() as last),
        ) if day is again:
            return first, day, last
    return None


def _within(term: AllOf, at: Sight) -> str | None:
    """`first ≤ day ≤ last` as one sentence; None when it is something else."""
    found = _ends(term)
    if found is None:
        return None
    first, day, last = found
    begins, on, ends = first.value(at), day.value(at), last.value(at)
    if None in (begins, on, ends):
        return f"{day.label} {show(day, on)}，{first.label} {show(first, begins)}"
    if begins == NEVER:
        return f"{day.label} {on}，{first.never}"
    if on < begins:
        return f"{day.label} {on}，{first.label} {begins}，早了 {(begins - on).days} 天"
    if on > ends:
        return f"{day.label} {on}，{last.label} {ends}，晚了 {(on - ends).days} 天"
    return f"{day.label} {on}，{f'自 {begins} 起有效' if ends == NEVER else f'在 {begins} 至 {ends} 之内'}"


def _days(term: Compare, at: Sight) -> str:
    """A comparison of days; with today it says whether the day has come."""
    left, right, other = in_force(term.left, at), in_force(term.right, at), term.other_than_today
    if other is not None:
        day = other.value(at)
        if day is None or day == NEVER:
            return f"{sentence(other)}不明" if day is None else seen(other, at)
        turns = term.turns_on(at)
        if term.value(at) is False and turns is not None and turns > at.today:
            return f"{_called(other, at)} {day}，还差 {(turns - at.today).days} 天"
        return f"{_called(other, at)} {day}"
    first, last = left.value(at), right.value(at)
    if first is None or last is None:
        return f"{sentence(left if first is None else right)}不明"
    if term.value(at):
        return seen(left, at) if first == NEVER else f"{_called(left, at)} {seen(left, at)}{_never(right, last)}"
    return f"{_called(left, at)} {seen(left, at)}，应{_ORDER[term.sign]}{_called(right, at)} {seen(right, at)}{_apart(first, last)}"


def _called(term: Term[Any], at: Sight) -> str:
    """A day by its name, the months that lie before it counted out."""
    if isinstance(term, MonthsAfter):
        return f"{sentence(term.day)}起满 {term.months.unit.show(term.months.value(at))}之日"
    return sentence(term)


def _never(term: Term[Any], day: date) -> str:
    """What has not happened that would have been in the way."""
    return f"，{term.never}" if day == NEVER and isinstance(term, Measure) else ""


def _apart(first: date, last: date) -> str:
    return "" if NEVER in (first, last) else f"，差 {abs((first - last).days)} 天"


def describe(scheme: Scheme[Any]) -> dict[str, Any]:
    """The public rule page of a scheme, from what actually runs."""
    return {
        "id": scheme.id,
        "clause": scheme.clause,
        "title": scheme.title,
        "fund": scheme.fund.value if isinstance(scheme.fund, Fund) else sentence(scheme.fund),
        "conditions": [{"title": each.title, "rule": sentence(each.condition)} for each in scheme.requirements],
        "amount": sentence(scheme.amount),
        "payee": sentence(scheme.payee),
        "judged_on": scheme.judged_on.label,
        "once_per": [term.label for term in scheme.once_per],
        "parameters": [{"name": each.name, "title": each.label, "paper": each.paper} for each in scheme.parameters],
        "hash": scheme.hash,
    }
