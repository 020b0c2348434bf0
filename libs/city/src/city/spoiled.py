"""Rows that a bureau got wrong, among the right ones: each with the column at fault and the code of the refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from city.identities import number_of, uscc
from city.sheets import CERTIFICATES, EMPLOYMENT, INSURANCE, PERSONS, PLACEMENTS, ROSTER, Kind, Row
from common.identifiers.id_card import check_character

Cell = str | float
Change = Cell | Callable[[str], Cell]
SpoiledRow = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """How a good row is spoiled. The first changed column is the one at fault; `code` is that of the refusal (README.md)."""

    code: str
    changes: Mapping[str, Change]

    @property
    def column(self) -> str:
        return next(iter(self.changes), "证件号码")


def _number(cell: str) -> Cell:
    """What Excel makes of 18 digits."""
    return float(cell[:15] + "000")


def _wrong_last(cell: str) -> str:
    return cell[:-1] + ("1" if cell[-1] == "0" else "0")


def _born_on_no_day(cell: str) -> str:
    seventeen = f"{cell[:6]}19850230{cell[14:17]}"
    return seventeen + check_character(seventeen)


_ID = "证件号码"
_NUMERIC = Fault("number-in-identity-column", {_ID: _number})
_CHECK_DIGIT = Fault("id-card-check-digit-wrong", {_ID: _wrong_last})
_TWICE = Fault("duplicate-row", {})
_UNKNOWN_USCC = uscc("91", 998_877)

FAULTS: Mapping[Kind, tuple[Fault, ...]] = {
    PERSONS: (
        _NUMERIC,
        _CHECK_DIGIT,
        Fault("id-card-malformed", {_ID: lambda cell: cell[:16]}),
        Fault("id-card-birth-date-impossible", {_ID: _born_on_no_day}),
        Fault("formula-cell", {"姓名": "=1+1"}),
        Fault("required", {"姓名": ""}),
        Fault("dates-reversed", {"户籍终止日期": "1999-12-31", "户籍地区划代码": "320582100", "户籍起始日期": "2010-05-01"}),
        Fault("day-unreadable", {"户籍起始日期": "2010-13-45", "户籍地区划代码": "320582100"}),
        _TWICE,
    ),
    EMPLOYMENT: (
        Fault("organisation-unknown", {"统一社会信用代码": _UNKNOWN_USCC}),
        Fault("uscc-check-digit-wrong", {"统一社会信用代码": _wrong_last}),
        Fault("value-unknown", {"用工形式": "兼职"}),
        Fault("dates-reversed", {"终止日期": "1999-01-01"}),
        Fault("date-in-future", {"起始日期": "2031-05-01", "终止日期": ""}),
        _TWICE,
    ),
    INSURANCE: (
        _NUMERIC,
        Fault("value-unknown", {"险种": "商业保险"}),
        Fault("dates-reversed", {"终止月份": "2009-01"}),
        Fault("month-unreadable", {"起始月份": "2017-13"}),
        _TWICE,
    ),
    ROSTER: (
        Fault("class-unknown", {"班级编号": "2018-X-99"}),
        Fault("share-unreadable", {"出勤率": "很高"}),
        Fault("amount-unreadable", {"已收费用": "二百四十"}),
        Fault("dates-reversed", {"结业日期": "2017-01-01"}),
        _CHECK_DIGIT,
        _TWICE,
    ),
    CERTIFICATES: (
        Fault("occupation-unknown", {"职业编码": "6-99-99-99"}),
        Fault("value-unknown", {"等级": "特高级工"}),
        Fault("date-in-future", {"发证日期": "2031-05-01"}),
        Fault("certificate-number-length-wrong", {"证书编号": "S0001"}),
        _NUMERIC,
        Fault("duplicate-row", {"证书编号": lambda cell: cell}),
    ),
    PLACEMENTS: (
        Fault("organisation-unknown", {"用人单位统一社会信用代码": _UNKNOWN_USCC}),
        Fault("day-unreadable", {"上岗日期": "七月二日"}),
        Fault("required", {"上岗日期": ""}),
        _CHECK_DIGIT,
        _TWICE,
    ),
}
"""By kind of file; they stand in the first file of the kind."""


def spoil(kind: Kind, good: Row, fault: Fault, nth: int) -> SpoiledRow:
    """A good row as another person's, spoiled; a row that stands there twice stays as it is."""
    cells: dict[str, Cell] = dict(zip(kind.headers, good, strict=True))
    if fault.code != _TWICE.code:
        cells[_ID] = number_of(date(1970, 1, 1) + timedelta(days=nth), 985)
        if kind is CERTIFICATES:
            cells["证书编号"] = f"S00013299999918{nth:07d}"
    for column, change in fault.changes.items():
        cells[column] = change(str(cells[column])) if callable(change) else change
    return tuple(cells.values())
