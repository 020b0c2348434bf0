"""Months of social insurance as the readings count them: which kinds, with or without those paid late, together or without a break."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from awards.policy import facts
from awards.policy.dossier import nth_month

FIVE_IN_ONE = "FIVE_IN_ONE"


class Months(NamedTuple):
    """Distinct months: all of them, and those without a break up to the last that counts."""

    together: int
    in_a_row: int


def insured_months(insurance: Sequence[facts.InsuranceSpan], day: date) -> dict[str, int]:
    """What a ground measures up to the month before the day's (A20, A21): by what it is called there.

    A month that was paid only after the day had not been paid on it (A19: what stands on the day decides).
    """
    paid = [each for each in insurance if each.back_paid_on is None or each.back_paid_on <= day]
    on_time = [each for each in paid if each.back_paid_on is None]
    whole = [each for each in paid if each.kind == FIVE_IN_ONE]
    whole_on_time = [each for each in on_time if each.kind == FIVE_IN_ONE]
    measured: dict[str, int] = {}
    counted: list[tuple[list[facts.InsuranceSpan], Months]] = []
    for name, spans in (
        ("paid_months", paid), ("paid_months_on_time", on_time), ("five_in_one_months", whole), ("five_in_one_months_on_time", whole_on_time),
    ):  # fmt: skip
        # Hardly anybody's readings differ.
        months = next((found for same, found in counted if same == spans), None) or count_months(spans, day)
        counted.append((spans, months))
        measured[name], measured[f"{name}_in_a_row"] = months
    return measured


def count_months(spans: Iterable[facts.InsuranceSpan], day: date) -> Months:
    """Distinct months up to the month before the day's."""
    last_of_all = day.year * 12 + day.month - 1
    together, run, counted_until = 0, 0, 0
    for first, last in sorted((nth_month(each.first_month), nth_month(each.last_month)) for each in spans):
        if first > last_of_all:
            break
        until = min(last, last_of_all)
        more = max(0, until - max(first - 1, counted_until))
        run = run + more if first <= counted_until + 1 else more
        together, counted_until = together + more, max(counted_until, until)
    return Months(together, run if counted_until == last_of_all else 0)
