"""Files made to take all the memory or all the time of whoever reads them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from spoiled_books import BOOK, SHEET, STRINGS, STYLES

_MEGABYTE = 1024 * 1024
_CELL = b'<c r="A2" t="inlineStr"><is><t>'


def _with(right: bytes, part: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(right)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return target.getvalue()


def _sheet(right: bytes, before: bytes, repeated: bytes, times: int, after: bytes = b"") -> bytes:
    with zipfile.ZipFile(io.BytesIO(right)) as archive:
        begun, _, rest = archive.read(SHEET).partition(b"</sheetData>")
    return _with(right, SHEET, begun + before + repeated * times + after + b"</sheetData>" + rest)


def _columns(right: bytes) -> bytes:
    row = b'<row r="9">' + b"".join(b'<c r="%s9"><v>1</v></c>' % _letters(n) for n in range(16_384)) + b"</row>"
    return _sheet(right, row, b"", 0)


def _letters(column: int) -> bytes:
    text = b""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = bytes([65 + rest]) + text
    return text


def _many_entries(right: bytes) -> bytes:
    target = io.BytesIO(right)
    with zipfile.ZipFile(target, "a") as archive:
        for nth in range(60_000):
            archive.writestr(f"x{nth}", b"")
    return target.getvalue()


def _lines(line: str) -> Callable[[bytes], bytes]:
    return lambda right: right + line.encode() * (50 * _MEGABYTE // len(line.encode()))


GIANTS: Mapping[str, Callable[[bytes], bytes]] = {
    "book: 390 MB of blanks": lambda right: _sheet(right, b"", b" " * _MEGABYTE, 390),
    "book: 60 MB of blanks, which is a small file": lambda right: _sheet(right, b"", b" " * _MEGABYTE, 60),
    "book: 500 MB of blanks": lambda right: _sheet(right, b"", b" " * _MEGABYTE, 500),
    "book: a cell of 100 MB": lambda right: _sheet(right, b'<row r="9">' + _CELL, b"x" * _MEGABYTE, 100, b"</t></is></c></row>"),
    "book: a million rows": lambda right: _sheet(right, b"", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', 1_000_000),
    "book: a million cells without a place": lambda right: _sheet(right, b'<row r="9">', b"<c><v>1</v></c>", 1_000_000, b"</row>"),
    "book: a million cells in one place": lambda right: _sheet(right, b'<row r="9">', b'<c r="A9"><v>1</v></c>', 1_000_000, b"</row>"),
    "book: every column there is": _columns,
    "book: elements within elements": lambda right: _sheet(right, b"", b"<x>", 1_000_000),
    "book: 50 MB of zeros for a sheet": lambda right: _with(right, SHEET, b"\0" * 50 * _MEGABYTE),
    "book: 100 MB of blank strings": lambda right: _with(right, STRINGS, b"<sst>" + b"<si><t/></si>" * 7_000_000 + b"</sst>"),
    "book: one string of 100 MB": lambda right: _with(right, STRINGS, b"<sst><si><t>" + b"x" * 100 * _MEGABYTE + b"</t></si></sst>"),
    "book: a million styles": lambda right: _with(
        right, STYLES, b"<styleSheet><cellXfs>" + b"<xf/>" * 1_000_000 + b"</cellXfs></styleSheet>"
    ),
    "book: a million sheets": lambda right: _with(right, BOOK, b"<workbook><sheets>" + b"<sheet/>" * 1_000_000 + b"</sheets></workbook>"),
    "book: sixty thousand entries": _many_entries,
    "50 MB of zeros": lambda _: b"\0" * 50 * _MEGABYTE,
    "text: 50 MB of zeros behind the headers": lambda right: right + b"\0" * 50 * _MEGABYTE,
    "text: a million columns": lambda right: right + b"," * 1_000_000,
    "text: 50 MB without a line end": lambda right: right + b"x" * 50 * _MEGABYTE,
    "text: 50 MB within quotes": lambda right: right + b'"' + b"x\n" * 25 * _MEGABYTE,
    "text: 50 MB of quotes": lambda right: right + b'"' * 50 * _MEGABYTE,
    "text: 50 MB of line ends": _lines("\r\n"),
    "text: 50 MB of blank rows": _lines(",,,,,,,,\r\n"),
    "text: 50 MB of short rows": _lines("某\r\n"),
    "text: 50 MB of long rows": _lines("某" * 20_000 + "\r\n"),
}
"""What each is made of: of a right workbook or a right text, as its name says."""
