"""Exported CSV files: what a spreadsheet reads is what was written, and never something that it would calculate."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from common.files.exporting import BYTE_ORDER_MARK, csv_lines

_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
_FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "－1", '=HYPERLINK("http://evil","x")', "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


@given(st.lists(st.lists(st.one_of(st.none(), _ANY_TEXT, st.sampled_from(_FORMULAS)), min_size=2, max_size=4)))
def test_every_cell_comes_back_and_none_begins_like_a_formula(rows: list[list[str | None]]) -> None:
    read = list(csv.reader(io.StringIO(csv_lines(rows).decode(), newline="")))

    assert [[cell.removeprefix("'") for cell in row] for row in read] == [[(cell or "").removeprefix("'") for cell in row] for row in rows]
    assert not any(cell.startswith(tuple("=+-@＝＋－＠\t\r\n")) for row in read for cell in row)


def test_lines_end_as_spreadsheets_write_them_and_the_mark_is_that_of_utf_8() -> None:
    assert csv_lines([["姓名", None], ["甲,乙", '"']]) == '姓名,\r\n"甲,乙",""""\r\n'.encode()
    assert BYTE_ORDER_MARK.encode() == b"\xef\xbb\xbf"
