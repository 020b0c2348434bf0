"""Skill levels: the codes run backwards, 5 初级工 … 1 高级技师, so "at least" is "not more than"."""

from __future__ import annotations

from types import MappingProxyType

from common.identifiers.text import tidied
from common.refusal import Invalid

LEVEL_NAMES = MappingProxyType({5: "初级工", 4: "中级工", 3: "高级工", 2: "技师", 1: "高级技师"})
HIGH_SKILLED = 3
"""高技能人才 are 高级工 and above."""

_CODES = {name: code for code, name in LEVEL_NAMES.items()} | {"特级技师": 1, "首席技师": 1}  # above 高级技师, they count as it (A44)


class LevelUnknown(Invalid):
    title = "等级应为：初级工、中级工、高级工、技师、高级技师"


def parse_level(text: str) -> int:
    """The code of a level by its name or its digit. Raises LevelUnknown."""
    word = tidied(text)
    if word in _CODES:
        return _CODES[word]
    if word.isdecimal() and int(word) in LEVEL_NAMES:
        return int(word)
    raise LevelUnknown


def at_least(level_code: int, least: int) -> bool:
    """Whether a level is `least` or higher: 高级工 (3) is at least 中级工 (4)."""
    return level_code <= least
