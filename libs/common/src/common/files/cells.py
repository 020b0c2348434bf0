"""The cells of one row, read as what they should be; every fault is collected by its column, its code and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple, TypeVar

from common.calendar.days import is_plausible
from common.files.sheet import Number
from common.identifiers.id_card import IdCard
from common.identifiers.uscc import parse_uscc
from common.refusal import Refusal
from common.web.money import fen_of_yuan

T = TypeVar("T")
When = TypeVar("When", date, str)


class RowFault(NamedTuple):
    """What is wrong with one cell. Never what stood in it."""

    column: str
    code: str
    message: str


class Cells:
    """One row. A `read` function asks for its columns; when anything is at fault the row is refused with all its faults."""

    def __init__(self, values: Mapping[str, str], *, today: date) -> None:
        self._values, self.today = values, today
        self.faults: list[RowFault] = []

    def text(self, column: str) -> str:
        """A required text; empty when it is at fault."""
        value = self._values.get(column, "")
        if not value:
            self._fault(column, "required", "必填")
        return value

    def optional(self, column: str) -> str | None:
        return self._values.get(column) or None

    def identity(self, column: str, parse: Callable[[str], T], *, required: bool = True) -> T | None:
        """A code by its parser; a numeric cell is refused: 18 digits do not survive Excel."""
        value = self.text(column) if required else self._values.get(column, "")
        if not value:
            return None
        if isinstance(value, Number):
            self._fault(column, "number-in-identity-column", "单元格是数字，请改为文本格式后重新填写（Excel 会毁坏 18 位号码）")
            return None
        try:
            return parse(value)
        except Refusal as refusal:
            self._fault(column, refusal.code, refusal.title)
            return None

    def id_card(self, column: str = "证件号码") -> IdCard | None:
        return self.identity(column, lambda text: IdCard.parse(text, today=self.today))

    def uscc(self, column: str = "统一社会信用代码", *, required: bool = True) -> str | None:
        return self.identity(column, parse_uscc, required=required)

    def word(self, column: str, words: Mapping[str, T]) -> T | None:
        """One of the column's words; None when it is at fault."""
        value = self.text(column)
        if value and value not in words:
            self._fault(column, "value-unknown", f"应为：{'、'.join(words)}")
        return words.get(value)

    def optional_word(self, column: str, words: Mapping[str, T]) -> T | None:
        return self.word(column, words) if self._values.get(column) else None

    def day(self, column: str, *, past: bool = False) -> date | None:
        """A required day; with `past`, none after the business day."""
        return self._day(column, past=past) if self.text(column) else None

    def optional_day(self, column: str, *, past: bool = False) -> date | None:
        return self._day(column, past=past) if self._values.get(column) else None

    def _day(self, column: str, *, past: bool) -> date | None:
        try:
            day = _day(self._values[column])
        except ValueError:
            self._fault(column, "day-unreadable", "日期应写成 2018-03-01")
            return None
        if not is_plausible(day.year):
            self._fault(column, "day-out-of-range", "日期应在 1900 年至 2999 年之间；没有终止日期请留空")
            return None
        if past and day > self.today:
            self._fault(column, "date-in-future", "不能晚于今天")
        return day

    def in_order(self, first: When | None, last: When | None, column: str) -> None:
        """The end does not lie before the beginning."""
        if first is not None and last is not None and last < first:
            self._fault(column, "dates-reversed", "早于起始")

    def month(self, column: str) -> str | None:
        value = self.text(column)
        try:
            if value and not is_plausible(_day(f"{value}-01").year):
                raise ValueError
        except ValueError:
            self._fault(column, "month-unreadable", "月份应写成 2018-03")
            return None
        return value or None

    def fen(self, column: str) -> int:
        """Yuan; blank is 0."""
        value = self._values.get(column, "")
        fen = fen_of_yuan(value) if value else 0
        if fen is None:
            self._fault(column, "amount-unreadable", "金额应写成 1200.00")
        return fen or 0

    def share_bp(self, column: str) -> int | None:
        """A percentage in basis points; blank is None."""
        value = self._values.get(column, "").removesuffix("%")
        if not value:
            return None
        hundredths = fen_of_yuan(value)
        if hundredths is None or hundredths > 10_000:
            self._fault(column, "share-unreadable", "百分比应写成 92.5")
            return None
        return hundredths

    def fault(self, column: str, code: str, message: str) -> None:
        """Something else that this row has wrong."""
        self._fault(column, code, message)

    def _fault(self, column: str, code: str, message: str) -> None:
        if not any(fault.column == column for fault in self.faults):
            self.faults.append(RowFault(column, code, message))


def _day(text: str) -> date:
    """YYYY-MM-DD and nothing else that ISO 8601 allows. Raises ValueError."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        raise ValueError
    return date.fromisoformat(text)


def present(value: T | None) -> T:
    """A required cell's value: a row that lacks it was refused before anything is made of it."""
    if value is None:
        raise AssertionError("a row without a required value was accepted")
    return value
