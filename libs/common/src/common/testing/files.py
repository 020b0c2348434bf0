"""Files as bureaus drop them, for tests of imports: rows by header, as XLSX or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula, and what a spreadsheet shows for it."""

    text: str
    shown: str = ""


Row = Mapping[str, str | float | Formula]
"""Text is written as text, a number as a number; a header that the row lacks is a blank cell."""


def xlsx(headers: Sequence[str], rows: Sequence[Row]) -> bytes:
    """One sheet: headers in row 1, data from row 2."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for at, header in enumerate(headers):
            sheet.write_string(0, at, header)
        for number, row in enumerate(rows, start=1):
            for at, header in enumerate(headers):
                match row.get(header):
                    case str(value) if value:
                        sheet.write_string(number, at, value)
                    case Formula(text, shown):
                        sheet.write_formula(number, at, text, None, shown)
                    case int() | float() as value:
                        sheet.write_number(number, at, value)
    return target.getvalue()


def csv_file(headers: Sequence[str], rows: Sequence[Row], *, encoding: str = "utf-8") -> bytes:
    """The same as text, with a header line."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, headers, restval="", extrasaction="raise")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode(encoding)
