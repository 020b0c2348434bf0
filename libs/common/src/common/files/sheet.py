"""A dropped file as rows of text, with row numbers as the operator sees them, and why a file can be none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from common.refusal import Invalid

MOST_ROWS = 200_000
MOST_COLUMNS = 60
FORMULA_BEGINS = ("=", "+", "-", "@")
"""What spreadsheets take for the beginning of a formula, whoever entered it."""
_MOST_LINES = 1_048_576
"""Blank ones included: as many as a worksheet has."""


class FileUnreadable(Invalid):
    title = "文件无法读取，可能已损坏或不完整，请重新导出后再传"


class NotASheet(Invalid):
    code = "not-a-sheet"
    title = "请上传 XLSX 或 CSV 文件"


class EncodingUnknown(Invalid):
    title = "CSV 文件的编码无法识别，请另存为 UTF-8 或 GB18030"


class DelimiterWrong(Invalid):
    title = "CSV 文件的各列应以英文逗号分隔，请另存为“CSV（逗号分隔）”或 XLSX"


class SeveralSheets(Invalid):
    title = "文件中有几张工作表含有内容，请只保留要导入的一张"


class FileTooLarge(Invalid):
    title = "文件内容过大"


class SheetEmpty(Invalid):
    title = "文件没有数据行"


class Number(str):
    """A cell that was a number in the file: text columns of identity refuse it, because Excel has destroyed it already."""

    __slots__ = ()


Places = frozenset[tuple[int, int]]
"""Cells by row number in the file and column, counted from 0."""


@dataclass(frozen=True)
class Sheet:
    """Headers, and rows with their numbers in the file. `formulas` hold a formula, `errors` what a formula left behind (#N/A)."""

    headers: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]
    formulas: Places = field(default_factory=frozenset)
    errors: Places = field(default_factory=frozenset)


def sheet_of(rows: Iterable[Sequence[str]], *, formulas: Places = frozenset(), errors: Places = frozenset()) -> Sheet:
    """The first row are the headers; blank rows are left out, the others keep their numbers. Raises FileTooLarge, SheetEmpty."""
    headers: Sequence[str] = ()
    kept: list[tuple[int, Sequence[str]]] = []
    for number, row in enumerate(rows, start=1):
        if len(row) > MOST_COLUMNS:
            raise too_many_columns()
        if number > _MOST_LINES:
            raise too_many_rows()
        if number == 1:
            headers = row
        elif any(row):
            # Not as the list that it may be: of tuples of text the collector walks none, of a long file's lists it walks every one.
            kept.append((number, tuple(row)))
            if len(kept) > MOST_ROWS:
                raise too_many_rows()
    if not kept:
        raise SheetEmpty
    return Sheet(headers, kept, formulas, errors)


def too_many_rows() -> FileTooLarge:
    return FileTooLarge(f"最多 {MOST_ROWS} 行，请分成几个文件")


def too_many_columns() -> FileTooLarge:
    return FileTooLarge(f"最多 {MOST_COLUMNS} 列，请删去与导入无关的列")
