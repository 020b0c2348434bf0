"""Which kind of sheet a dropped file is, and CSV files as sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TextIO

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
    text = io.TextIOWrapper(io.BytesIO(content), _encoding_of(content), newline="")  # a text of 50 MB, held whole, is 200 MB
    first_line = text.readline(_LONGEST_LINE)
    if "," not in first_line and any(delimiter in first_line for delimiter in _OTHER_DELIMITERS):
        raise DelimiterWrong
    text.seek(0)
    try:
        return sheet_of([cell.strip() for cell in row] for row in csv.reader(_lines(text), strict=True))
    except csv.Error as error:
        raise FileUnreadable from error


def _encoding_of(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise EncodingUnknown


def _lines(text: TextIO) -> Iterator[str]:
    """Bounded ones: a line of nothing but commas would become millions of cells."""
    while line := text.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise FileTooLarge("有一行过长")
        yield line
