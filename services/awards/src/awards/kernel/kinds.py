"""What values are and how an official writes them; what can come of a judgement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum, IntEnum
from typing import Any, NewType

Fen = NewType("Fen", int)
Share = NewType("Share", int)
LevelCode = NewType("LevelCode", int)

WHOLE = Share(10_000)
HIGH_SKILLED = LevelCode(3)
NO_LEVEL = LevelCode(9)
NEVER = date.max
"""Has not happened: known, and later than every day. Unknown is None."""

LEVEL_NAMES = {5: "初级工", 4: "中级工", 3: "高级工", 2: "技师", 1: "高级技师", 9: "无等级"}


class Unit(Enum):
    """How a value is written."""

    FEN = "元"
    SHARE = "%"
    MONTHS = "个月"
    DAYS = "天"
    HEADS = "人"
    FIRMS = "家"
    HOURS = "课时"
    DAY = "日"
    LEVEL = "等级"
    FLAG = ""
    CODE = "代码"
    PERSON = "个人"
    ORGANISATION = "单位"
    RECORD = "记录"
    NUMBER = "数"
    PARTS = "各付"
    """What each of several paid, in fen."""

    __hash__ = object.__hash__  # each is one object: units are looked up for every value that is written

    @property
    def is_id(self) -> bool:
        """A UUID: of a person, an organisation, or a record."""
        return self in (Unit.PERSON, Unit.ORGANISATION, Unit.RECORD)

    @property
    def is_code(self) -> bool:
        """A name of something, or a list of figures: compared, never ordered; in columns a dense number."""
        return self in (Unit.CODE, Unit.PARTS) or self.is_id

    def show(self, value: object) -> str:
        """For a person to read: `1,200.00 元`, `80%`, `高级工`, `2018-03-01`."""
        if value is None:
            return "不明"
        written = _WRITTEN.get(self)
        return written(value) if written else f"{value} {self.value}"


_WRITTEN: dict[Unit, Callable[[Any], str]] = {
    Unit.FLAG: lambda value: "是" if value else "否",
    Unit.FEN: lambda value: f"{value / 100:,.2f} 元",
    Unit.SHARE: lambda value: f"{value / 100:g}%",
    Unit.LEVEL: lambda value: LEVEL_NAMES.get(value, str(value)),
    Unit.DAY: lambda value: "尚无" if value == NEVER else str(value),
    Unit.CODE: str,
    Unit.PERSON: str,
    Unit.ORGANISATION: str,
    Unit.RECORD: str,
    Unit.NUMBER: str,
    Unit.PARTS: lambda value: "、".join(f"{part / 100:,.2f} 元" for part in value),
}


class Outcome(IntEnum):
    """What came of judging one ground under one scheme."""

    NOT_CONCERNED = -1
    REFUSED = 0
    AWAITING = 1
    """A fact is unknown: waiting for material, never zero."""
    ACCRUING = 2
    """All holds but the closing day that the scheme declares."""
    GRANTED = 3
    DISABLED = 4
    """A parameter is unset."""
    HELD = 5
    """A parameter is past the day until which it was reviewed."""


OUTCOME_NAMES = {
    Outcome.NOT_CONCERNED: "不适用",
    Outcome.REFUSED: "不符合",
    Outcome.AWAITING: "待补材料",
    Outcome.ACCRUING: "预计可得",
    Outcome.GRANTED: "符合",
    Outcome.DISABLED: "规则未启用（标准未定）",
    Outcome.HELD: "暂缓（标准待复核）",
}
