"""XLSX files as sheets: the one worksheet that is visible and holds something, within bounds that are checked before it is unfolded."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook

from common.files.sheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    FileTooLarge,
    FileUnreadable,
    Number,
    SeveralSheets,
    Sheet,
    SheetEmpty,
    sheet_of,
    too_many_columns,
    too_many_rows,
)

_LARGEST_UNPACKED = 400 * 1024 * 1024
_LARGEST_INDEX = 1024 * 1024
_PIECE = 1024 * 1024
_MOST_STRINGS = 2_000_000
"""As many as a sheet of ten columns holds when no two cells are alike."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BROKEN = (
    zipfile.BadZipFile, CalamineError, ET.ParseError, EOFError, LookupError, zlib.error, struct.error, RuntimeError, ValueError, OverflowError,
)  # fmt: skip
"""What zip files and XML that were cut, damaged, encrypted or packed in an unknown way raise."""

# The XML is searched, not parsed: a parser in Python takes longer than the import itself. What these patterns do not know is refused.
_CELL = rb"<(?:\w+:)?c(?=[\s/>])"
_PLACE = rb'[^>]*?\sr="([A-Z]{1,3})([1-9]\d{0,6})"[^>]*'
_HOLDS_SOMETHING = rb">\s*<(?:\w+:)?(?:v|f|is)[\s/>]"
_CONTENT = re.compile(_CELL + rb"[^>/]*" + _HOLDS_SOMETHING)
_FORMULA = re.compile(_CELL + _PLACE + rb">\s*<(?:\w+:)?f[\s/>]")
_ERROR = re.compile(_CELL + rb'(?=[^>]*\st="e")' + _PLACE + rb">")
_WITHOUT_PLACE = re.compile(_CELL + rb'(?! r="[A-Z]{1,3}[1-9]\d{0,6}")(?![^>]*\sr="[A-Z]{1,3}[1-9]\d{0,6}")')
_FAR_AWAY = re.compile(rb'\sr="(?:[A-Z]{3}|[B-Z][A-Z]|[A-Z]+\d{6})')
_COUNTED = re.compile(rb"<((?:\w+:)?(?:sst|cellXfs|numFmts))\s[^>]*?(/?)>")
"""They say how many follow, and calamine asks for the memory before it has seen one."""
_PLACE_WITH_CONTENT = re.compile(_CELL + _PLACE + _HOLDS_SOMETHING)


class _Worksheet(NamedTuple):
    name: str
    part: str


class _Book(NamedTuple):
    """Where the parts of a workbook stand in its archive."""

    part: str
    related: dict[str, tuple[str, str]]
    """By id: kind and part."""


def read_workbook(content: bytes) -> Sheet:
    """Raises FileUnreadable, FileTooLarge, SeveralSheets, SheetEmpty."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED:
                raise FileTooLarge("解压后超过 400 MB")
            book = _book(archive)
            worksheet, xml = _only_one_with_content(archive, book)
            _check_bounds(xml)
            formulas = frozenset(_places(_FORMULA, xml)) if b"<f" in xml or b":f" in xml else frozenset()
            errors = frozenset(_places(_ERROR, xml)) if b't="e"' in xml else frozenset()
            del xml
            bounded = _repacked(archive, book, worksheet)
        cells = CalamineWorkbook.from_filelike(bounded).get_sheet_by_name(worksheet.name).to_python(skip_empty_area=False)
    except _BROKEN as error:
        raise FileUnreadable from error
    return sheet_of(([_text(cell) for cell in row] for row in cells), formulas=formulas, errors=errors)


def _book(archive: zipfile.ZipFile) -> _Book:
    (part,) = (part for kind, part in _related(archive, "_rels/.rels", "").values() if kind == "officeDocument")
    folder, name = posixpath.split(part)
    return _Book(part, _related(archive, f"{folder}/_rels/{name}.rels", folder))


def _related(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    return {
        relation.get("Id", ""): (
            relation.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/"),
        )
        for relation in _index(archive, part)
    }


def _only_one_with_content(archive: zipfile.ZipFile, book: _Book) -> tuple[_Worksheet, bytes]:
    """The visible worksheet that is not empty, and its XML. Hidden ones (lists for choosing from) are nobody's data."""
    found: list[tuple[_Worksheet, bytes]] = []
    for worksheet in _visible_worksheets(archive, book):
        _check_pieces(archive, worksheet.part)
        xml = archive.read(worksheet.part)
        if _CONTENT.search(xml):
            found.append((worksheet, xml))
        if len(found) > 1:
            raise SeveralSheets
    if not found:
        raise SheetEmpty
    return found[0]


def _visible_worksheets(archive: zipfile.ZipFile, book: _Book) -> Iterator[_Worksheet]:
    for sheet in _index(archive, book.part):
        if sheet.tag.rpartition("}")[2] == "sheet" and sheet.get("state", "visible") == "visible":
            kind, part = book.related.get(sheet.get(_RELATION, ""), ("", ""))
            if kind == "worksheet":
                yield _Worksheet(sheet.get("name", ""), part)


def _index(archive: zipfile.ZipFile, part: str) -> Iterator[ET.Element]:
    if archive.getinfo(part).file_size > _LARGEST_INDEX:
        raise FileTooLarge("工作表过多")
    xml = archive.read(part)
    if b"<!DOCTYPE" in xml:
        raise FileUnreadable
    return ET.fromstring(xml).iter()  # noqa: S314 - short, and without entities of its own


def _check_pieces(archive: zipfile.ZipFile, part: str) -> None:
    """A megabyte of one text or of blanks packs into a thousandth, and whoever parses it holds it several times: seen before it is held at all.

    Raises FileTooLarge.
    """
    strings = 0
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            strings += piece.count(b"<si")
            if strings > _MOST_STRINGS or (len(piece) == _PIECE and b"<" not in piece):
                raise FileTooLarge("有一格过长，或文字过多")


def _check_bounds(xml: bytes) -> None:
    """One cell in the last corner of a sheet makes calamine ask for the memory of all before it: a process dies of that.

    Raises FileTooLarge, FileUnreadable.
    """
    if _WITHOUT_PLACE.search(xml):
        raise FileUnreadable("请用 Excel 或 WPS 打开，另存为 XLSX 后再传")
    if not _FAR_AWAY.search(xml):
        return
    for row, column in _places(_PLACE_WITH_CONTENT, xml):
        if row > MOST_ROWS + 1:
            raise too_many_rows()
        if column >= MOST_COLUMNS:
            raise too_many_columns()


def _repacked(archive: zipfile.ZipFile, book: _Book, worksheet: _Worksheet) -> io.BytesIO:
    """Only what was measured is parsed: the worksheet and what belongs to the whole book, each as long as it says it is."""
    folder, name = posixpath.split(book.part)
    whole = {part for kind, part in book.related.values() if kind in ("sharedStrings", "styles")}
    parts = {"_rels/.rels", book.part, f"{folder}/_rels/{name}.rels", worksheet.part, *whole} & set(archive.namelist())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as repacked:
        for part in sorted(parts):
            if part in whole:
                _check_pieces(archive, part)
            content = archive.read(part)
            repacked.writestr(part, _COUNTED.sub(rb"<\1\2>", content) if part in whole else content)
    target.seek(0)
    return target


def _places(pattern: re.Pattern[bytes], xml: bytes) -> Iterator[tuple[int, int]]:
    return ((int(found[2]), _column(found[1])) for found in pattern.finditer(xml))


def _column(letters: bytes) -> int:
    """A is 0."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1


def _text(cell: object) -> str:
    """A cell as it reads; a number stays marked as one. A time is no day, and shown so that it is refused where a day belongs."""
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
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return ""
