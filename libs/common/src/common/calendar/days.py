"""Which day it is in the city. Days are Asia/Shanghai days everywhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A fixed offset: there has been no summer time since 1991, and a bare machine may lack the time zone database."""


def shanghai_now() -> datetime:
    """The present instant, with the city's offset."""
    return datetime.now(SHANGHAI)


def shanghai_today() -> date:
    return shanghai_now().date()


def is_plausible(year: int) -> bool:
    """Whether a register may hold a day of it: before lie typing errors, behind it the end of the calendar."""
    return 1900 <= year <= 2999
