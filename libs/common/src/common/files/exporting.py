"""CSV as office workers open it: UTF-8 with a mark that spreadsheets know, and no cell that one of them would calculate."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from common.files.sheet import FORMULA_BEGINS

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the machine's old code page."""
_BEGINS_A_FORMULA = (*FORMULA_BEGINS, "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""The wide ones too: Chinese and Japanese Excel takes them."""


def csv_lines(rows: Iterable[Sequence[str | None]]) -> bytes:
    """The rows as lines; nothing is an empty cell."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows([[_harmless(cell) for cell in row] for row in rows])
    return target.getvalue().encode()


def _harmless(cell: str | None) -> str:
    """A text that begins like a formula is marked as text: what somebody once entered must not run on the desk of who opens the file."""
    if cell is None:
        return ""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell
