"""Spans of days and anniversaries, as the law counts them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from awards.kernel.kinds import NEVER

ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days from first to last, both inside; `NEVER`: without end."""

    first: date
    last: date = NEVER

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


NOWHEN = Span(NEVER, NEVER)


def span(first: date, last: date | None, ended_on: date | None = None) -> Span:
    """From first to last, cut off before the day from which it no longer counts."""
    until = last or NEVER
    return Span(first, min(until, ended_on - ONE_DAY) if ended_on else until)


def years_after(day: date, years: int) -> date:
    """The corresponding day; 29 February has its anniversary on the 28th (Civil Code, articles 201 and 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as possible, in order."""
    result: list[Span] = []
    for each in sorted(each for each in spans if each.first <= each.last):
        if result and (result[-1].last == NEVER or each.first <= result[-1].last + ONE_DAY):
            result[-1] = Span(result[-1].first, max(result[-1].last, each.last))
        else:
            result.append(each)
    return result


def nearest(spans: Iterable[Span], day: date) -> Span:
    """The span that covers the day; else the next one; else the last that ended; `NOWHEN` when there is none."""
    ended = NOWHEN
    for each in sorted(spans):
        if each.last >= day:
            return each
        ended = each
    return ended
