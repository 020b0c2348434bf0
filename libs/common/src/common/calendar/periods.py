"""Periods of months and years: the first day is not counted, they end on the corresponding day, or on the month's last (民法典 201, 202)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from common.calendar.months import Month


def add_months(day: date, months: int) -> date:
    """The corresponding day; 31 January plus one month is the last of February."""
    month = Month.of(day) + months
    return date(month.year, month.number, min(day.day, monthrange(month.year, month.number)[1]))


def add_years(day: date, years: int) -> date:
    """The corresponding day; 29 February plus one year is the 28th."""
    return add_months(day, 12 * years)
