"""Working days as the State Council fixed them, adjusted weekends included, for the confirmed years and no other.

The table beside this module (`working_days.yaml`) holds only what differs from Monday to Friday. Each November the next year's notice comes out:
`python -m common.calendar.working_days > …/working_days.yaml` seeds it anew from chinesecalendar, and a person compares it with the notice.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from importlib.resources import files

import chinese_calendar
import yaml

from common.refusal import Unavailable

_SATURDAY = 5
_FIRST_SEEDED_YEAR = 2015
_ONE_DAY = timedelta(days=1)


class WorkingCalendarMissing(Unavailable):
    title = "该年度的放假安排尚未录入，无法计算工作日；请运维人员按国务院通知补录后再试"


@dataclass(frozen=True)
class WorkingYear:
    """One confirmed year: weekdays off, weekend days worked, and where that is from."""

    holidays: frozenset[date]
    working_weekends: frozenset[date]
    source: str


@dataclass(frozen=True)
class WorkingCalendar:
    """Confirmed years."""

    years: Mapping[int, WorkingYear]

    def is_working_day(self, day: date) -> bool:
        """Raises WorkingCalendarMissing outside the confirmed years."""
        year = self.years.get(day.year)
        if year is None:
            raise WorkingCalendarMissing
        return day in year.working_weekends or (day.weekday() < _SATURDAY and day not in year.holidays)

    def working_days_after(self, day: date, count: int, *, count_publication_day: bool = False) -> date:
        """The last of `count` (≥ 1) working days that follow a day; the period ends with it, at midnight.

        The day itself is not counted (民法典 201) unless `count_publication_day`, and then only when it is a working day.
        Raises WorkingCalendarMissing beyond the last confirmed year.
        """
        if count < 1:
            raise ValueError("a period has at least one working day")
        last = day if count_publication_day else day + _ONE_DAY
        left = count - self.is_working_day(last)
        while left:
            last += _ONE_DAY
            left -= self.is_working_day(last)
        return last


@cache
def confirmed_calendar() -> WorkingCalendar:
    """The table that is shipped."""
    table = yaml.safe_load(files(__package__).joinpath("working_days.yaml").read_text("utf-8"))
    return WorkingCalendar(
        {
            year: WorkingYear(frozenset(entry["holidays"]), frozenset(entry["working_weekends"]), entry["source"])
            for year, entry in table.items()
        }
    )


def is_working_day(day: date) -> bool:
    return confirmed_calendar().is_working_day(day)


def working_days_after(day: date, count: int, *, count_publication_day: bool = False) -> date:
    """As `WorkingCalendar.working_days_after`, by the shipped table."""
    return confirmed_calendar().working_days_after(day, count, count_publication_day=count_publication_day)


def seed() -> str:
    """The table, as YAML, from the years that chinesecalendar knows."""
    source = f"chinesecalendar {version('chinesecalendar')}"
    table: dict[int, dict[str, object]] = {}
    year = _FIRST_SEEDED_YEAR
    while True:
        days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
        try:
            differing = [day for day in days if chinese_calendar.is_workday(day) != (day.weekday() < _SATURDAY)]  # type: ignore[no-untyped-call]
        except NotImplementedError:
            return yaml.safe_dump(table, allow_unicode=True, sort_keys=True)
        table[year] = {
            "source": source,
            "holidays": [day for day in differing if day.weekday() < _SATURDAY],
            "working_weekends": [day for day in differing if day.weekday() >= _SATURDAY],
        }
        year += 1


if __name__ == "__main__":
    sys.stdout.write(seed())
