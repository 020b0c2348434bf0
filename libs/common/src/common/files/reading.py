"""Which kind of sheet a dropped file is, and CSV files as sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from common.files.sheet import DelimiterWrong, EncodingUnknown, FileTooLarge, FileUnreadable, NotASheet, Sheet, sheet_of
from common.files.workbook import read_workbook

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # whole: in GB18030 姓 begins with the first of these bytes
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_LINE = 200_000
_OTHER_DELIMITERS = ("\t", ";", "；", "，", "|")


def read_sheet(content: bytes) -> Sheet:
    """The one sheet of a file. Raises the refusals of `common.files.sheet`."""
    if content[:4] == b"PK\x03\x04":
        return read_workbook(content)
    if content.startswith(_OLD_EXCEL):
        raise NotASheet("旧版 XLS 和加密的文件请另存为不加密的 XLSX")
    if content.startswith(_UTF_16):
        raise EncodingUnknown
    if not content or b"\x00" in content[:1024]:
        raise NotASheet
    return _read_csv(content)


def _read_csv(content: bytes) -> Sheet:
    text = _decoded(content)
    first_line = text.partition("\n")[0]
    if "," not in first_line and any(delimiter in first_line for delimiter in _OTHER_DELIMITERS):
        raise DelimiterWrong
    try:
        return sheet_of([cell.strip() for cell in row] for row in csv.reader(_lines(text), strict=True))
    except csv.Error as error:
        raise FileUnreadable from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise EncodingUnknown


def _lines(text: str) -> Iterator[str]:
    """Bounded ones: a line of nothing but commas would become millions of cells."""
    for line in io.StringIO(text, newline=""):
        if len(line) > _LONGEST_LINE:
            raise FileTooLarge("有一行过长")
        yield line
