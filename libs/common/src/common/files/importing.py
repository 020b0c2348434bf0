"""What an import is: columns, a natural key, how a row reads, and how a chunk of rows is applied in one act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from common.files.cells import Cells, RowFault
from common.files.sheet import Number, Sheet
from common.identifiers.text import tidied
from common.refusal import Fault, Invalid
from common.work import Work

R = TypeVar("R")


_FORMULA_BEGINS = ("=", "+", "-", "@")


class HeadersMissing(Invalid):
    title = "文件缺少必需的列，请按模板的表头重新导出"


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
    chunk: int = 1000

    def chunks(self, sheet: Sheet, *, today: date, skip: int = 0) -> Iterator[Chunk[R]]:
        """The sheet in chunks, `skip` rows left out at the front. Raises HeadersMissing."""
        positions = self._positions(sheet.headers)
        keys: set[tuple[str, ...]] = set()
        chunk: Chunk[R] = Chunk()
        for nth, (number, row) in enumerate(sheet.rows):
            values = {header: row[at] if at < len(row) else "" for header, at in positions.items()}
            is_again = self._seen_before(values, keys)
            if nth >= skip:
                self._read_row(chunk, number, values, self._formula_columns(sheet, number, positions), is_again=is_again, today=today)
                if len(chunk.rows) + len(chunk.refused) == self.chunk:
                    yield chunk
                    chunk = Chunk()
        if chunk.rows or chunk.refused:
            yield chunk

    def _read_row(
        self, chunk: Chunk[R], number: int, values: Mapping[str, str], formulas: Sequence[str], *, is_again: bool, today: date
    ) -> None:
        cells = Cells(values, today=today)
        for column in (
            *formulas,
            *(column for column, value in values.items() if value[:1] in _FORMULA_BEGINS and not isinstance(value, Number)),
        ):
            cells.fault(column, "formula-cell", "不能是公式，请粘贴为数值")
        if is_again:
            cells.fault(self.natural_key[0], "duplicate-row", "本文件中已有同一行")
        value = self.read(cells)
        if cells.faults:
            chunk.refused[number] = tuple(cells.faults)
        else:
            chunk.rows.append(ReadRow(number, value))

    def _positions(self, headers: Sequence[str]) -> dict[str, int]:
        positions = {header: at for at, header in enumerate(headers) if header}
        missing = [column.header for column in self.columns if column.required and column.header not in positions]
        if missing:
            raise HeadersMissing(f"缺少：{'、'.join(missing)}", faults=[Fault(f"/file/{header}", "缺少此列") for header in missing])
        return {column.header: positions[column.header] for column in self.columns if column.header in positions}

    def _seen_before(self, values: Mapping[str, str], keys: set[tuple[str, ...]]) -> bool:
        key = tuple(tidied(values.get(column, "")) for column in self.natural_key)
        is_again = key in keys and any(key)
        keys.add(key)
        return is_again

    def _formula_columns(self, sheet: Sheet, number: int, positions: Mapping[str, int]) -> list[str]:
        if not sheet.formulas:
            return []
        return [header for header, at in positions.items() if (number, at) in sheet.formulas]
