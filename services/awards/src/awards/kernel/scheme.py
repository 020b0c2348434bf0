"""A rule: the clause as conditions over one ground; and a scheme: a rule that pays."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from awards.kernel.columns import Column, Table, conjunction
from awards.kernel.figures import Choice, Parameter, parameter
from awards.kernel.ground import Ground, Measure
from awards.kernel.kinds import Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.terms import Compare, Constant, Sight, Term, View

G = TypeVar("G", bound=Ground)
_BLOCK = 1 << 16
"""Rows judged at a time: what a rule works out in between stays in the processor's cache."""


class Fund(Enum):
    """Where the money comes from (article 16)."""

    EMPLOYMENT = "就业专项资金"
    TALENT_DEVELOPMENT = "人才开发资金"
    CITY = "市财政"


@dataclass(frozen=True, eq=False)
class Requirement:
    """A condition by the name that an official gives it."""

    title: str
    condition: Term[bool]
    is_quiet: bool = False
    """Told only where it is in the way: most people are not concerned."""

    def holds(self, at: Sight) -> bool | None:
        """Worked out once for each sight: judging, telling and looking ahead all ask."""
        if self not in at.truths:
            at.truths[self] = self.condition.value(at)
        return at.truths[self]


def require(title: str, condition: Term[bool], *, is_quiet: bool = False) -> Requirement:
    """A labelled condition."""
    return Requirement(title, condition, is_quiet)


@dataclass(frozen=True)
class Due:
    """A scheme over a table: one outcome and one amount per row."""

    outcome: NDArray[np.int8]
    amount_fen: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule(Generic[G]):
    """Conditions on one ground, judged by the parameters of one day, counted at most once per key."""

    ground: type[G]
    title: str
    judged_on: Measure[date]
    conditions: tuple[Requirement, ...]
    once_per: tuple[Measure[Any], ...]
    prefer: tuple[Measure[Any], ...] = ()
    applies_to: Term[bool] | None = None
    """Grounds outside it are none of this rule's business; unknown is awaited."""

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """Everything that must hold."""
        return self.conditions

    @cached_property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """Every parameter that the rule reads."""
        terms = [requirement.condition for requirement in self.requirements] + self.other_terms()
        return tuple({p.name: p for term in terms for p in term.walk() if isinstance(p, Parameter)}.values())

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(each.name for each in self.parameters)

    @cached_property
    def _switches(self) -> tuple[Parameter[Any], ...]:
        """Those that say whom the rule concerns."""
        return tuple(each for each in self.applies_to.walk() if isinstance(each, Parameter)) if self.applies_to is not None else ()

    @cached_property
    def _shared(self) -> frozenset[Term[Any]]:
        """Terms that stand in the rule more than once: over a table they are worked out once."""
        terms = [*(each.condition for each in self.requirements), *self.other_terms()]
        seen = Counter(each for term in terms for each in term.walk() if each.parts())
        return frozenset(each for each, times in seen.items() if times > 1)

    @cached_property
    def _comparisons(self) -> tuple[tuple[Requirement, tuple[Compare, ...]], ...]:
        """Each requirement with its comparisons with today."""
        return tuple(
            (each, tuple(term for term in each.condition.walk() if isinstance(term, Compare) and term.other_than_today is not None))
            for each in self.requirements
        )

    def other_terms(self) -> list[Term[Any]]:
        """Terms beside the conditions."""
        return []

    def sight(self, row: G, parameters: Parameters, today: date) -> Sight:
        """What the rule sees of one row."""
        return Sight(row.__dict__, parameters, row.__dict__[self.judged_on.name], today)

    def view(self, table: Table, parameters: Parameters, today: date) -> View:
        """What the rule sees of a table."""
        return View(table, parameters, table[self.judged_on.name], today, shared=self._shared)

    def truth(self, at: Sight) -> bool | None:
        """Whether every condition holds."""
        unknown = False
        for requirement in self.conditions:
            truth = requirement.holds(at)
            if truth is False:
                return False
            unknown = unknown or truth is None
        return None if unknown else True

    def truths(self, view: View) -> Column:
        """The same, for a table."""
        return conjunction([view.of(requirement.condition) for requirement in self.conditions])

    def look_again_on(self, at: Sight) -> date | None:
        """The next day on which only time can change the judgement; None when something else stands in the way."""
        days: list[date] = []
        for requirement, comparisons in self._comparisons:
            turns = [day for comparison in comparisons if (day := comparison.turns_on(at)) and day > at.today]
            if not turns and requirement.holds(at) is False:
                return None
            days += turns
        return min(days, default=None)

    def order(self, row: G) -> tuple[Any, ...]:
        """Of several rows of one key the least counts; what is unknown comes last."""
        values = [row.__dict__[term.name] for term in (self.prefer or (self.judged_on,))]
        return tuple((value is None, 0 if value is None else value) for value in values)

    def order_columns(self, table: Table, rows: NDArray[np.intp]) -> list[NDArray[Any]]:
        """`order` for these rows of a table: the first array weighs most."""
        return [each for term in self.prefer or (self.judged_on,) for each in _ascending(table, term, rows)]

    def key(self, row: G) -> tuple[Any, ...]:
        """What is counted once."""
        return tuple(row.__dict__[term.name] for term in self.once_per)

    def sections(self) -> dict[str, Iterable[Term[Any] | None]]:
        """Every part of the rule by its place: what stands elsewhere is another rule."""
        conditions = (each.condition for each in self.conditions)
        return {
            "applies_to": (self.applies_to,), "judged_on": (self.judged_on,), "conditions": conditions, "once_per": self.once_per,
            "prefer": self.prefer,
        }  # fmt: skip

    def signature(self) -> str:
        """The whole rule, written out."""
        written = (
            f"{place}:{','.join(term.signature() for term in terms if term is not None)}" for place, terms in self.sections().items()
        )
        return "|".join([self.ground.__name__, *written])

    @cached_property
    def hash(self) -> str:
        """Names the rule by its tree: a change of wording alone does not change it."""
        return hashlib.sha256(self.signature().encode()).hexdigest()[:32]


def _ascending(table: Table, term: Measure[Any], rows: NDArray[np.intp]) -> list[NDArray[Any]]:
    """What is unknown comes last."""
    known = table.columns[term.name].known
    values = table.ranks(term.name, rows) if term.unit.is_code else table[term.name][rows]
    return [values] if known is None else [~known[rows], np.where(known[rows], values, 0)]


VALID_FROM = parameter("policy.valid_from", "政策施行日", Unit.DAY, date)
VALID_TO = parameter("policy.valid_to", "政策有效期截止日", Unit.DAY, date)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scheme(Rule[G]):
    """A rule that pays. With `closing`, what lacks only that condition is accruing."""

    id: str
    clause: str
    fund: Fund | Parameter[Any] | Choice[Any]
    amount: Term[Any]
    payee: Term[Any]
    closing: Requirement | None = None
    contact: str = "市人社局"
    expires: bool = True
    """It ends with the policy itself (A67). Not so a rule that was kept from before that was asked."""

    def sections(self) -> dict[str, Iterable[Term[Any] | None]]:
        closing = self.closing.condition if self.closing else None
        fund: Term[Any] = Constant(self.fund.name, Unit.CODE) if isinstance(self.fund, Fund) else self.fund
        own = {"live": (self.live.condition,), "closing": (closing,), "amount": (self.amount,), "payee": (self.payee,), "fund": (fund,)}
        return super().sections() | own | ({"in_force": (self.in_force.condition,)} if self.in_force else {})

    @cached_property
    def live_from(self) -> Parameter[date]:
        """From which day the rule is in use."""
        return parameter(f"{self.id}.live_from", "规则启用日", Unit.DAY, date)

    @cached_property
    def live(self) -> Requirement:
        """Earlier grounds are shown, never owed by themselves (A59)."""
        return require("发生在本规则启用之后", self.judged_on >= self.live_from, is_quiet=True)

    @cached_property
    def in_force(self) -> Requirement | None:
        """What happened after the policy's end is owed nothing; what began before runs on: its day is the one on which it began (A67)."""
        is_within = self.judged_on.is_within(VALID_FROM, VALID_TO)
        return require("发生在政策有效期内", is_within, is_quiet=True) if self.expires else None

    @cached_property
    def framing(self) -> tuple[Requirement, ...]:
        """What every scheme asks before its own conditions."""
        return (self.live, *([self.in_force] if self.in_force else []))

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        return (*self.framing, *self.conditions, *([self.closing] if self.closing else []))

    def other_terms(self) -> list[Term[Any]]:
        return [self.amount, self.payee, *([] if isinstance(self.fund, Fund) else [self.fund])]

    @cached_property
    def _terms(self) -> tuple[Term[Any], ...]:
        return (*(each.condition for each in self.requirements), *self.other_terms())

    def paid_to(self, at: Sight) -> Measure[Any] | None:
        """Which fact names the payee; None when the switch that chooses it is unset."""
        term = self.payee.chosen(at) if isinstance(self.payee, Choice) else self.payee
        return term if isinstance(term, Measure) else None

    def paid_from(self, at: Sight) -> Fund | None:
        """The fund; None while the figure that names it is unknown or unset."""
        if isinstance(self.fund, Fund):
            return self.fund
        name = self.fund.value(at)
        return None if name is None else Fund(name)

    def decide(self, row: G, parameters: Parameters, today: date) -> tuple[Outcome, int]:
        """Outcome and fen, without words: what reconciliation runs."""
        return self.judge(self.sight(row, parameters, today))

    def judge(self, at: Sight) -> tuple[Outcome, int]:
        """The same, of what is in sight already."""
        if self.applies_to is not None:
            concerned = self.applies_to.value(at)
            if concerned is False:
                return Outcome.NOT_CONCERNED, 0
            # What an unset switch leaves open waits for no material: that is told below, of every figure alike.
            if concerned is None and all(each.value(at) is not None for each in self._switches):
                return Outcome.AWAITING, 0
        if at.judged_on is None:
            return Outcome.AWAITING, 0
        if any(each.holds(at) is False for each in self.framing):
            return Outcome.REFUSED, 0
        if not self._has_its_figures(at):
            return Outcome.DISABLED, 0
        if at.parameters.has_reviews and self._is_stale(at):
            return Outcome.HELD, 0
        return self._weigh(at)

    def _has_its_figures(self, at: Sight) -> bool:
        """Whether every figure is set that the branches of its switches ask for; worked out once for each set of figures."""
        suffices = at.figures.suffices
        if self not in suffices:
            suffices[self] = at.figures.values.keys() >= self._names or all(term.is_set(at) for term in self._terms)
        return suffices[self]

    def _weigh(self, at: Sight) -> tuple[Outcome, int]:
        truth = self.truth(at)
        if truth is False:
            return Outcome.REFUSED, 0
        amount = self.amount.value(at)
        if truth is None or amount is None:
            return Outcome.AWAITING, 0
        if self.closing is not None and not self.closing.holds(at):
            return Outcome.ACCRUING, amount
        return Outcome.GRANTED, amount

    def _is_stale(self, at: Sight) -> bool:
        figures = (each.figure(at) for each in self.parameters)
        return any(figure and figure.reviewed_until and at.judged_on and at.judged_on > figure.reviewed_until for figure in figures)

    def columns(self, table: Table, parameters: Parameters, today: date) -> Due:
        """`decide` for a whole table, equal to it to the fen."""
        due = Due(np.empty(len(table), np.int8), np.empty(len(table), np.int64))
        for place, block in table.blocks(_BLOCK):
            view = self.view(block, parameters, today)
            self._judge_block(view, due.outcome[place], due.amount_fen[place])
        return due

    def _judge_block(self, view: View, outcome: NDArray[np.int8], amount_fen: NDArray[np.int64]) -> None:
        yes, unknown = yes_and_unknown(self.truths(view))
        amount, amount_known = view.of(self.amount)
        if amount_known is not None:
            unknown, yes = unknown | (yes & ~amount_known), yes & amount_known
        outcome[:] = np.where(yes, np.int8(Outcome.GRANTED), np.int8(Outcome.REFUSED))
        if self.closing is not None:
            closed, _ = yes_and_unknown(view.of(self.closing.condition))
            outcome[(outcome == Outcome.GRANTED) & ~closed] = Outcome.ACCRUING
        _set(outcome, unknown, Outcome.AWAITING)
        self._overrule(outcome, view)
        np.multiply(amount, (outcome == Outcome.GRANTED) | (outcome == Outcome.ACCRUING), out=amount_fen)

    def _overrule(self, outcome: NDArray[np.int8], view: View) -> None:
        """What comes before the conditions, last first."""
        if view.parameters.has_reviews:
            for each in self.parameters:
                _set(outcome, each.stale_column(view), Outcome.HELD)
        if any(each.unset_column(view).any() for each in self.parameters):
            for term in self._terms:
                _set(outcome, term.unset_column(view), Outcome.DISABLED)
        for framed in self.framing:
            holds, holds_known = view.of(framed.condition)
            _set(outcome, ~holds if holds_known is None else ~holds & holds_known, Outcome.REFUSED)
        known = view.of(self.judged_on).known
        if known is not None:
            _set(outcome, ~known, Outcome.AWAITING)
        if self.applies_to is not None:
            applies, applies_known = view.of(self.applies_to)
            _set(outcome, ~applies if applies_known is None else ~applies & applies_known, Outcome.NOT_CONCERNED)
            if applies_known is not None:
                for each in self._switches:
                    applies_known = applies_known | each.unset_column(view)
                _set(outcome, ~applies_known, Outcome.AWAITING)


def _set(outcome: NDArray[np.int8], where: NDArray[np.bool_], to: Outcome) -> None:
    """`where` may be one truth for all rows."""
    if where.ndim:
        np.putmask(outcome, where, to)
    elif where:
        outcome[:] = to


def yes_and_unknown(column: Column) -> tuple[Any, Any]:
    """Where it holds, and where nobody knows; each may be one truth for all rows."""
    values, known = column
    return (values, np.asarray(False)) if known is None else (values & known, ~known)
