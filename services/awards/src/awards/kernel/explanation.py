"""The explanation of one ground under one scheme: every condition ticked or crossed, the sum worked out, what would help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any, NamedTuple, TypeVar

from awards.kernel.figures import Choice, Lookup, Parameter, in_force
from awards.kernel.ground import Ground, Measure
from awards.kernel.kinds import OUTCOME_NAMES, Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.remedy import NOTHING_NEEDED, Remedy, remedy, together
from awards.kernel.scheme import VALID_FROM, VALID_TO, Requirement, Scheme
from awards.kernel.sharing import ShareOf
from awards.kernel.terms import LowerOf, Product, Sight, Term
from awards.kernel.wording import seen, sentence

G = TypeVar("G", bound=Ground)
_MARKS = {True: "✓", False: "✗", None: "？"}
_HELPED = (Outcome.GRANTED, Outcome.ACCRUING)


class Line(NamedTuple):
    """One condition: whether it holds (None: unknown), its title, and what was seen."""

    holds: bool | None
    title: str
    seen: str

    def __str__(self) -> str:
        return f"  {_MARKS[self.holds]} {self.title}：{self.seen}"


class Explanation(NamedTuple):
    """What an official would say. `this_one`: for this ground; `anew`: for the person, with a new one."""

    scheme: str
    clause: str
    title: str
    outcome: Outcome
    standing: str
    """The outcome as it is called: what only waits for its day is not refused for good."""
    lines: tuple[Line, ...]
    amount_fen: int
    worked_out: str
    figures: tuple[str, ...]
    this_one: str
    anew: str
    look_again_on: date | None
    contact: str

    def __str__(self) -> str:
        head = f"{self.title}（{article(self.clause)}）  {self.standing}"
        if self.outcome in _HELPED:
            head += f"  {self.amount_fen / 100:,.2f} 元 = {self.worked_out}"
        tail = [f"本次：{self.this_one}"] if self.this_one else []
        tail += [f"您本人：{self.anew}"] if self.anew else []
        tail += [f"可咨询：{self.contact}"] if self.outcome is not Outcome.GRANTED else []
        return "\n".join([head, *map(str, self.lines), *(["  ".join(tail)] if tail else [])])


def explain(scheme: Scheme[G], row: G, parameters: Parameters, today: date) -> Explanation:
    """Rendered when somebody asks; nothing of it is stored."""
    at = scheme.sight(row, parameters, today)
    outcome, amount = scheme.judge(at)
    needs_help = outcome in (Outcome.REFUSED, Outcome.AWAITING, Outcome.ACCRUING)
    helps = what_helps(scheme, row, at) if needs_help else None
    return Explanation(
        scheme=scheme.id,
        clause=scheme.clause,
        title=scheme.title,
        outcome=outcome,
        standing=_standing(outcome, helps),
        lines=lines(_told(scheme, at), at),
        amount_fen=amount,
        worked_out=_worked_out(scheme.amount, at) if outcome in _HELPED else "",
        figures=_figures(scheme, at),
        this_one=_this_one(scheme, row, at, outcome, helps) if needs_help else _not_set(scheme, at) if outcome is Outcome.DISABLED else "",
        anew=_anew(scheme, row, at, helps) if needs_help else "",
        look_again_on=scheme.look_again_on(at),
        contact=scheme.contact,
    )


def lines(requirements: Iterable[Requirement], at: Sight) -> tuple[Line, ...]:
    """Each requirement, and what was seen."""
    return tuple(Line(each.holds(at), each.title, seen(each.condition, at)) for each in requirements)


def _told(scheme: Scheme[Any], at: Sight) -> list[Requirement]:
    """Every requirement; a quiet one only when it is in the way."""
    return [each for each in scheme.requirements if not each.is_quiet or each.holds(at) is not True]


def _not_set(scheme: Scheme[Any], at: Sight) -> str:
    """Which figures have to be decided, and by which paper."""
    terms = [*(each.condition for each in scheme.requirements), *scheme.other_terms()]
    unset = {each.label: each.paper for term in terms for each in _unset(term, at)}
    return "；".join(f"{label}尚未确定{f'，待{paper}' if paper else ''}" for label, paper in unset.items())


def _unset(term: Term[Any], at: Sight) -> Iterator[Parameter[Any]]:
    if isinstance(term, Parameter):
        if not term.is_set(at):
            yield term
        return
    parts = (term.switch, term.chosen(at)) if isinstance(term, Choice) else term.parts()
    for part in parts:
        if part is not None:
            yield from _unset(part, at)


def what_helps(scheme: Scheme[G], row: G, at: Sight) -> Remedy | None:
    """The least change that makes it owed; None when there is none. Applied and decided again before it is believed."""
    undated = [] if at.judged_on else [Remedy({scheme.judged_on.name: at.today}, (f"补充材料：{scheme.judged_on.label}",))]
    found = together([*undated, *(remedy(each.condition, at) for each in scheme.requirements)])
    if found.is_impossible or found == NOTHING_NEEDED:
        return None
    later = max(at.today, found.earliest or at.today)
    outcome, amount = scheme.decide(row.but(**found.changes), at.parameters, later)
    return found if outcome in _HELPED and amount else None


def _standing(outcome: Outcome, helps: Remedy | None) -> str:
    if outcome is not Outcome.REFUSED or helps is None:
        return OUTCOME_NAMES[outcome]
    return "尚不符合" if helps.acts else "尚未到期"


def _this_one(scheme: Scheme[G], row: G, at: Sight, outcome: Outcome, found: Remedy | None) -> str:
    if found is None and outcome is Outcome.AWAITING:
        return f"待补充：{'、'.join(_unknown(scheme, at))}"
    if found is None:
        return "" if outcome is Outcome.ACCRUING else "已无法改变"
    text = "；".join([*found.acts, *([f"最早 {found.earliest}"] if found.earliest else [])])
    if outcome is Outcome.ACCRUING or _is_sum_made_up(scheme, row, found):
        return text
    _, amount = scheme.decide(row.but(**found.changes), at.parameters, max(at.today, found.earliest or at.today))
    return f"{text}，即可得 {amount / 100:,.2f} 元"


def _is_sum_made_up(scheme: Scheme[Any], row: Ground, found: Remedy) -> bool:
    """Whether what would make it owed supposes a price or a level that nobody knows."""
    supposed = (name for name in found.changes if row.__dict__[name] is None)
    return any(scheme.ground.facts[name].unit in (Unit.FEN, Unit.LEVEL) for name in supposed)


def _unknown(scheme: Scheme[Any], at: Sight) -> Iterable[str]:
    """The conditions that wait; when none does, the facts that the sum needs."""
    waiting = [each.title for each in scheme.requirements if each.holds(at) is None]
    needed = [scheme.amount, *([] if scheme.applies_to is None else [scheme.applies_to])]
    unknown = (each.label for term in needed for each in term.walk() if isinstance(each, Measure) and each.value(at) is None)
    return waiting or dict.fromkeys(unknown) or ("金额标准",)


def _anew(scheme: Scheme[G], row: G, at: Sight, helps: Remedy | None) -> str:
    """What a new ground of this kind would need: only said when it differs from changing this one."""
    if not any(declared.chosen for declared in scheme.ground.facts.values()):
        return ""
    found = what_helps(scheme, row, Sight(row.__dict__, at.parameters, at.judged_on, at.today, anew=True))
    if found is None or not found.acts or (helps is not None and found.acts == helps.acts):
        return ""
    return f"{'；'.join(found.acts)}，今后可得"


def _worked_out(term: Term[Any], at: Sight) -> str:
    """The sum as one would write it on paper."""
    term = in_force(term, at)
    if isinstance(term, Product):
        return " × ".join(_worked_out(factor, at) for factor in term.factors)
    if isinstance(term, LowerOf):
        return "与".join(f"{sentence(each)} {seen(each, at)}" for each in map(partial(in_force, at=at), term.these)) + "中较低者"
    if isinstance(term, Lookup):
        return f"{seen(term.key, at)}标准 {term.unit.show(term.value(at))}"
    if isinstance(term, ShareOf):
        return seen(term, at)
    text = term.unit.show(term.value(at))
    return f"{_per(term)}{text}" if isinstance(term, Parameter) and term.unit is Unit.FEN else text


def _per(figure: Parameter[Any]) -> str:
    """Of 每人奖励标准 the 每人: what the figure is for one of."""
    if not figure.label.startswith("每"):
        return ""
    return f"{figure.label.removesuffix('标准').removesuffix('奖励').removesuffix('补贴')} "


def _figures(scheme: Scheme[Any], at: Sight) -> tuple[str, ...]:
    """Which figures were used: from when, by which paper."""
    used = ((each.label, each.figure(at)) for each in scheme.parameters if each not in (scheme.live_from, VALID_FROM, VALID_TO))
    return tuple(
        f"{label}：自 {figure.effective_from} 起执行{f'（{figure.paper}）' if figure.paper else ''}" for label, figure in used if figure
    )


def article(clause: str) -> str:
    """R7.d is an item of article 7, R16.b of article 16; there are 18."""
    tens, ones = divmod(int(clause.partition(".")[0].removeprefix("R")), 10)
    return f"第{'十' * tens}{'〇一二三四五六七八九'[ones] if ones else ''}款"
