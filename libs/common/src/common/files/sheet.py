"""A dropped file as rows of text: XLSX or CSV, with row numbers as the operator sees them. What cannot be a sheet is refused by name."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

from common.refusal import Invalid

MOST_ROWS = 200_000
_MOST_COLUMNS = 200
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # whole: in GB18030 姓 begins with the first of these bytes
_LARGEST_UNPACKED = 400 * 1024 * 1024
_FORMULA = re.compile(rb'<c\s[^>]*?r="([A-Z]+)(\d+)"[^>]*>\s*<f[\s>/]')


class FileUnreadable(Invalid):
    title = "文件无法读取，可能已损坏或不完整，请重新导出后再传"


class NotASheet(Invalid):
    code = "not-a-sheet"
    title = "请上传 XLSX 或 CSV 文件"


class EncodingUnknown(Invalid):
    title = "CSV 文件的编码无法识别，请另存为 UTF-8 或 GB18030"


class FileTooLarge(Invalid):
    title = "文件内容过大"


class SheetEmpty(Invalid):
    title = "文件没有数据行"


class Number(str):
    """A cell that was a number in the file: text columns of identity refuse it, because Excel has destroyed it already."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """Headers, and rows with their numbers in the file; `formulas` are the cells (row, column) that hold a formula."""

    headers: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset)


def read_sheet(content: bytes) -> Sheet:
    """The first sheet. Raises NotASheet, FileUnreadable, EncodingUnknown, FileTooLarge, SheetEmpty."""
    if content[:4] == b"PK\x03\x04":
        sheet = _read_xlsx(content)
    elif not content or content.startswith(_OLD_EXCEL) or b"\x00" in content[:1024]:
        raise NotASheet
    else:
        sheet = _read_csv(content)
    if not sheet.rows:
        raise SheetEmpty
    return sheet


def _read_xlsx(content: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED:
                raise FileTooLarge("解压后超过 400 MB")
            formulas = frozenset(_formulas(archive))
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        cells = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MOST_ROWS + 2)
    except (zipfile.BadZipFile, CalamineError, EOFError, KeyError, IndexError) as error:
        raise FileUnreadable from error
    return _sheet(([_text(cell) for cell in row] for row in cells), formulas)


def _formulas(archive: zipfile.ZipFile) -> Iterator[tuple[int, int]]:
    """Where the first sheet has formulas; calamine shows only their last values."""
    name = next((name for name in sorted(archive.namelist()) if name.startswith("xl/worksheets/sheet")), None)
    if name is None:
        return
    for found in _FORMULA.finditer(archive.read(name)):
        column = 0
        for letter in found[1].decode():
            column = column * 26 + ord(letter) - 64
        yield int(found[2]), column - 1


def _read_csv(content: bytes) -> Sheet:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return _sheet(csv.reader(io.StringIO(text), strict=True), frozenset())
        except csv.Error as error:
            raise FileUnreadable from error
    raise EncodingUnknown


def _sheet(rows: Iterator[Sequence[str]], formulas: frozenset[tuple[int, int]]) -> Sheet:
    headers = [header.strip() for header in next(iter(rows), [])]
    if len(headers) > _MOST_COLUMNS:
        raise FileTooLarge(f"最多 {_MOST_COLUMNS} 列")
    kept = [(number, row) for number, row in enumerate(rows, start=2) if any(row)]
    if len(kept) > MOST_ROWS:
        raise FileTooLarge(f"最多 {MOST_ROWS} 行，请分成几个文件")
    return Sheet(headers, kept, formulas)


def _text(cell: object) -> str:
    """A cell as it reads; a number stays marked as one."""
    match cell:
        case str():
            return cell.strip()
        case bool():
            return "是" if cell else "否"
        case float():
            return Number(f"{cell:.15g}")
        case int():
            return Number(cell)
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case _:
            return ""
