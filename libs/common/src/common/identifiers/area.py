"""Administrative codes (GB/T 2260, towns 9 digits): where the city is, and what lies outside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from common.identifiers.text import tidied
from common.refusal import Invalid

CITY = "320582"
CITY_BEFORE_1986 = "320521"
"""沙洲县, which became the city: people born before carry it in their numbers and old registers."""
PROVINCE = "32"

_AREA = re.compile(r"\d{6}(\d{3})?", re.ASCII)


class AreaCodeMalformed(Invalid):
    title = "行政区划代码应为 6 位（县级）或 9 位（乡镇级）数字"


@dataclass(frozen=True)
class Town:
    """A town of the city while it exists; `successors` when its area was given to others."""

    code: str
    name: str
    first_on: date | None = None
    last_on: date | None = None
    successors: tuple[str, ...] = ()

    def exists_on(self, day: date) -> bool:
        return (self.first_on is None or self.first_on <= day) and (self.last_on is None or day <= self.last_on)


_LAST_DAY_OF_JINGANG = date(2020, 12, 31)
_FIRST_DAY_OF_SUBDISTRICTS = date(2021, 1, 1)

TOWNS = (
    Town("320582100", "杨舍镇"),
    Town("320582101", "塘桥镇"),
    Town("320582102", "金港镇", last_on=_LAST_DAY_OF_JINGANG, successors=("320582001", "320582002", "320582003")),
    Town("320582001", "金港街道", first_on=_FIRST_DAY_OF_SUBDISTRICTS),
    Town("320582002", "后塍街道", first_on=_FIRST_DAY_OF_SUBDISTRICTS),
    Town("320582003", "德积街道", first_on=_FIRST_DAY_OF_SUBDISTRICTS),
    Town("320582103", "锦丰镇"),
    Town("320582104", "乐余镇"),
    Town("320582105", "凤凰镇"),
    Town("320582106", "南丰镇"),
    Town("320582107", "大新镇"),
    Town("320582400", "现代农业示范园区"),
)
"""As the yearly statistical code lists give them; the day of the change of 2021 is that of the list's edition."""


def parse_area(text: str) -> str:
    """A county or town code. Raises AreaCodeMalformed."""
    code = tidied(text)
    if not _AREA.fullmatch(code):
        raise AreaCodeMalformed
    return code


def is_in_city(code: str) -> bool:
    """本市 (A9): the city, any of its towns, or the county that it was."""
    return code.startswith((CITY, CITY_BEFORE_1986))


def is_outside_province(code: str) -> bool:
    """外省市 (A9)."""
    return not code.startswith(PROVINCE)
