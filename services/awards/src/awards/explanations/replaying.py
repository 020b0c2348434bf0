"""Decisions made again from their records: by the rule and the figures of then or of now, and what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from awards.entitlements.model import Decision
from awards.explanations.explaining import Explained
from awards.kernel.explanation import Explanation, explain
from awards.kernel.kinds import OUTCOME_NAMES, Outcome
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.written import read
from awards.policy.names import Key
from awards.policy.schemes import BY_ID
from common.refusal import Conflict

_TRUTHS = {True: "满足", False: "不满足", None: "不明"}


class GroundHasGone(Conflict):
    """What the entitlement rested on is no longer there; the earlier decisions still show it."""

    title = "这项权益所依据的事项已不存在，请查看此前的认定记录"


class RuleNotKept(Conflict):
    """Decisions of the first versions kept the rule's text only."""

    title = "认定时的规则没有完整保存，不能重演；可按认定记录中的规则文本核对"


class SchemeGone(Conflict):
    title = "这个待遇项目现在没有规则"


async def rule_of(connection: asyncpg.Connection, scheme_id: str, rule_hash: str) -> Scheme[Any]:
    """The rule of that name, whichever version of the program it came with. Raises RuleNotKept."""
    current = BY_ID.get(scheme_id)
    if current is not None and current.hash == rule_hash:
        return current
    tree = await connection.fetchval("SELECT tree::text FROM rule WHERE hash = $1", rule_hash)
    if tree is None:
        raise RuleNotKept
    return read(json.loads(tree))


def rule_of_now(scheme_id: str) -> Scheme[Any]:
    """Raises SchemeGone."""
    if scheme_id not in BY_ID:
        raise SchemeGone
    return BY_ID[scheme_id]


@dataclass(frozen=True)
class Case:
    """A ground as a decision kept it, judged by one rule and one set of figures on one day. `record` is None when no ground was left."""

    rule: Scheme[Any]
    record: dict[str, Any] | None
    parameters: Parameters
    day: date

    def decide(self) -> tuple[Outcome, int]:
        """From the record alone."""
        if self.record is None:
            return Outcome.NOT_CONCERNED, 0
        return self.rule.decide(self.rule.ground.from_record(self.record), self.parameters, self.day)

    def explain(self) -> Explanation | None:
        """In words; None when there was no ground."""
        if self.record is None:
            return None
        return explain(self.rule, self.rule.ground.from_record(self.record), self.parameters, self.day)


def explain_decision(decision: Decision, rule: Scheme[Any], parameters: Parameters, today: date) -> Explained | None:
    """What the decision saw, in words, on `today`; None when there was no ground any more."""
    explanation = Case(rule, decision.ground, parameters, today).explain()
    displaced_by = Key(decision.displaced_by_scheme, decision.displaced_by_key or "") if decision.displaced_by_scheme else None
    return Explained(explanation, displaced_by, decision.left_fen) if explanation else None


def differences(then: Explanation | None, now: Explanation | None) -> Iterator[str]:
    """What the one says and the other does not, in the words of an official; nothing when they say the same."""
    if then is None or now is None:
        return
    if (then.outcome, then.amount_fen) != (now.outcome, now.amount_fen):
        yield f"结论：原为{_concluded(then)}，现为{_concluded(now)}"
    before, after = ({line.title: line for line in each.lines} for each in (then, now))
    for title in dict.fromkeys((*before, *after)):
        was, is_ = before.get(title), after.get(title)
        if was is None or is_ is None:
            yield f"条件“{title}”：{'原来没有' if was is None else '现在没有'}"
        elif was.holds is not is_.holds:
            yield f"条件“{title}”：原{_TRUTHS[was.holds]}（{was.seen}），现{_TRUTHS[is_.holds]}（{is_.seen}）"
    if then.figures != now.figures:
        yield f"标准：原按 {'；'.join(then.figures) or '无'}，现按 {'；'.join(now.figures) or '无'}"


def _concluded(each: Explanation) -> str:
    return f"“{OUTCOME_NAMES[each.outcome]}” {each.amount_fen / 100:,.2f} 元"
