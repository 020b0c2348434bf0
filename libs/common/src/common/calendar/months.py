"""Calendar months as values: `Month(2018, 3)`, written 2018-03."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from common.refusal import Invalid

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class MonthUnreadable(Invalid):
    title = "月份应形如 2018-03"


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month; `month - month` counts months, `month + 1` is the next one."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Raises MonthUnreadable."""
        found = _MONTH.fullmatch(text)
        if found is None:
            raise MonthUnreadable
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    def __add__(self, months: int) -> Month:
        years, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, number + 1)

    def __sub__(self, other: Month) -> int:
        return (self.year - other.year) * 12 + self.number - other.number

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
