"""What an import is: columns, a natural key, how a row reads, and how a chunk of rows is applied in one act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from common.files.cells import Cells, RowFault
from common.files.sheet import FORMULA_BEGINS, Number, Sheet
from common.identifiers.text import is_plain, tidied
from common.observability.redaction import redact_text
from common.refusal import Fault, Invalid
from common.work import Work

R = TypeVar("R")


_LONGEST_CELL = 100
_MOST_IGNORED = 20


class HeadersMissing(Invalid):
    title = "文件缺少必需的列，请按模板的表头重新导出"


class HeadersTwice(Invalid):
    title = "文件中有同名的列，请只保留一列"


@dataclass(frozen=True)
class Column:
    """A column of the file by its Chinese header."""

    header: str
    required: bool = True
    identity: bool = False


class ReadRow(NamedTuple, Generic[R]):
    """A row that reads well, with its number in the file."""

    number: int
    value: R


@dataclass
class Chunk(Generic[R]):
    """Some rows in the order of the file, and what was found wrong with others."""

    rows: list[ReadRow[R]] = field(default_factory=list)
    refused: dict[int, Sequence[RowFault]] = field(default_factory=dict)


Apply = Callable[[Work, Any, Sequence[ReadRow[R]]], Awaitable[Mapping[int, Sequence[RowFault]]]]
"""Applies rows in one act; the second argument is the service's equipment. Returns the rows it refuses, by number."""


@dataclass(frozen=True, kw_only=True)
class FileImport(Generic[R]):
    """One kind of file that this service takes."""

    kind: str
    title: str
    requires: str
    """The access table's row, e.g. `certificate:import`."""
    columns: tuple[Column, ...]
    natural_key: tuple[str, ...]
    read: Callable[[Cells], R]
    """Asks the cells for its columns; its result counts only when no fault was found."""
    apply: Apply[R]
    chunk: int = 200

    def chunks(self, sheet: Sheet, *, today: date, skip: int = 0) -> Iterator[Chunk[R]]:
        """The sheet in chunks, `skip` rows left out at the front. Raises HeadersMissing, HeadersTwice."""
        positions = self._positions(sheet.headers)
        keys: set[tuple[str, ...]] = set()
        chunk: Chunk[R] = Chunk()
        for nth, (number, row) in enumerate(sheet.rows):
            values = {header: row[at] if at < len(row) else "" for header, at in positions.items()}
            cells = Cells(values, today=today)
            self._check_as_text(cells, values, sheet, number, positions)
            value = self.read(cells)
            self._check_for_twins(cells, values, keys)
            if nth < skip:
                continue
            if cells.faults:
                chunk.refused[number] = tuple(cells.faults)
            else:
                chunk.rows.append(ReadRow(number, value))
            if len(chunk.rows) + len(chunk.refused) == self.chunk:
                yield chunk
                chunk = Chunk()
        if chunk.rows or chunk.refused:
            yield chunk

    def ignored(self, sheet: Sheet) -> list[str]:
        """Headers that no column has: a mistyped optional one would otherwise be missed by nobody. Numbers in them are hidden.

        Raises HeadersMissing, HeadersTwice: what then stands in the first line may be a person.
        """
        self._positions(sheet.headers)
        known = {column.header for column in self.columns}
        others = dict.fromkeys(header for header in map(_header, sheet.headers) if header and header not in known)
        return [redact_text(header[:_LONGEST_CELL]) for header in others][:_MOST_IGNORED]

    def _check_as_text(self, cells: Cells, values: Mapping[str, str], sheet: Sheet, number: int, positions: Mapping[str, int]) -> None:
        """What is wrong with a cell whatever its column means."""
        for column, value in values.items():
            place = (number, positions[column])
            if place in sheet.formulas or (value[:1] in FORMULA_BEGINS and not isinstance(value, Number)):
                cells.fault(column, "formula-cell", "不能是公式，也不能以 = + - @ 开头，请粘贴为数值")
            elif place in sheet.errors:
                cells.fault(column, "error-cell", "单元格是公式的错误值（如 #N/A），请填写真实的值或留空")
            elif len(value) > _LONGEST_CELL:
                cells.fault(column, "too-long", f"最多 {_LONGEST_CELL} 个字")
            elif not is_plain(value):
                cells.fault(column, "control-character", "含有不可见的控制字符，请重新录入")

    def _check_for_twins(self, cells: Cells, values: Mapping[str, str], keys: set[tuple[str, ...]]) -> None:
        """A row is refused for one that was right; two numbers that Excel has made alike are not called the same person."""
        key = tuple(tidied(values.get(column, "")) for column in self.natural_key)
        if key in keys:
            cells.fault(self.natural_key[0], "duplicate-row", "本文件中已有同一行")
        elif not cells.faults:
            keys.add(key)

    def _positions(self, headers: Sequence[str]) -> dict[str, int]:
        places: dict[str, list[int]] = defaultdict(list)
        for at, header in enumerate(map(_header, headers)):
            places[header].append(at)
        positions = {column.header: places[column.header] for column in self.columns if column.header in places}
        twice = [header for header, found in positions.items() if len(found) > 1]
        if twice:
            raise HeadersTwice(f"重复：{'、'.join(twice)}", faults=[Fault(f"/file/{header}", "此列重复") for header in twice])
        missing = [column.header for column in self.columns if column.required and column.header not in positions]
        if missing:
            raise HeadersMissing(f"缺少：{'、'.join(missing)}", faults=[Fault(f"/file/{header}", "缺少此列") for header in missing])
        return {header: found[0] for header, found in positions.items()}


def _header(text: str) -> str:
    """As people type them: 姓 名, 证件号码*."""
    return "".join(text.split()).rstrip("*＊")
