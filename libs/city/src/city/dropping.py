"""Writing the bureaus' files, a row at a time: workbooks that never hold more than one row in memory, and a note of every row to be refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from city.sheets import PLACEMENTS, ROSTER, Kind, Line
from city.spoiled import FAULTS, Fault, SpoiledRow, spoil

ROWS_PER_FILE = 100_000
_EVERY = 5
"""After so many good rows stands a spoiled one, while there are any."""
_WRITTEN_AT = datetime(2018, 1, 2)  # noqa: DTZ001 - a workbook's property has no offset


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that the import must refuse: the sheet's row number, the column's header and the code."""

    row_number: int
    column: str
    code: str


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file as it lies in the directory, for which import, when, and what must become of its rows."""

    path: Path
    import_name: str
    on: date
    rows: int
    refused: tuple[RefusedRow, ...]

    @property
    def accepted(self) -> int:
        return self.rows - len(self.refused)


@dataclass(slots=True)
class _Sheet:
    """One open workbook."""

    path: Path
    kind: Kind
    on: date
    to_spoil: list[Fault]
    workbook: Workbook = field(init=False)
    worksheet: Worksheet = field(init=False)
    rows: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    last: Line | None = None

    def __post_init__(self) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        self.workbook = Workbook(self.path, options)
        self.workbook.set_properties({"created": _WRITTEN_AT})
        self.worksheet = self.workbook.add_worksheet()
        self._put(0, self.kind.headers)

    def add(self, line: Line) -> None:
        self.rows += 1
        self._put(self.rows, line.row)
        self.last = line
        if self.to_spoil and self.rows % _EVERY == 0:
            self._add_spoiled()

    def close(self) -> DroppedFile:
        while self.to_spoil:
            self._add_spoiled()
        self.workbook.close()
        return DroppedFile(self.path, self.kind.import_name, self.on, self.rows, tuple(self.refused))

    def _add_spoiled(self) -> None:
        assert self.last is not None
        fault = self.to_spoil.pop(0)
        self.rows += 1
        self._put(self.rows, spoil(self.kind, self.last.row, fault, self.rows))
        self.refused.append(RefusedRow(self.rows + 1, fault.column, fault.code))

    def _put(self, row: int, cells: SpoiledRow) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, float):
                self.worksheet.write_number(row, column, cell)
            elif cell:
                self.worksheet.write_string(row, column, cell)


class Dropping:
    """The files of a city, written while its blocks go by."""

    def __init__(self, directory: Path, *, until: date, rows_per_file: int = ROWS_PER_FILE) -> None:
        self._directory, self._until, self._rows_per_file = directory, until, rows_per_file
        self._open: dict[str, _Sheet] = {}
        self._parts: dict[str, int] = {}
        self._spoiled: set[Kind] = set()
        self.dropped: list[DroppedFile] = []
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, lines: Iterable[Line]) -> None:
        """The rows of one block. Rosters and placements are a block's own and are finished with it."""
        for line in lines:
            if line.on <= self._until:
                self._sheet(line).add(line)
        for name in [name for name, sheet in self._open.items() if sheet.kind in (ROSTER, PLACEMENTS)]:
            self._close(name)

    def close(self) -> list[DroppedFile]:
        """Finish every file; all of them, by the day on which they are dropped."""
        for name in list(self._open):
            self._close(name)
        return sorted(self.dropped, key=lambda file: (file.on, file.path.name))

    def _sheet(self, line: Line) -> _Sheet:
        sheet = self._open.get(line.file)
        if sheet is not None and sheet.rows >= self._rows_per_file:
            self._close(line.file)
            sheet = None
        if sheet is None:
            part = self._parts[line.file] = self._parts.get(line.file, 0) + 1
            path = self._directory / f"{line.file}{f'-{part}' if part > 1 else ''}.xlsx"
            to_spoil = [] if line.kind in self._spoiled else list(FAULTS[line.kind])
            self._spoiled.add(line.kind)
            sheet = self._open[line.file] = _Sheet(path, line.kind, line.on, to_spoil)
        return sheet

    def _close(self, name: str) -> None:
        self.dropped.append(self._open.pop(name).close())
