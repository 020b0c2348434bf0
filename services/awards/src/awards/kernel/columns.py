"""Many rows at once: columns of values and of what is known, tables of columns, and Kleene's logic over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from awards.kernel.kinds import Unit


class Column(NamedTuple):
    """Values of many rows; `known=None` means that every one is known."""

    values: NDArray[Any]
    known: NDArray[np.bool_] | None = None

    def part(self, place: slice) -> Column:
        """Some of the rows, without copying."""
        return Column(self.values[place], None if self.known is None else self.known[place])


class Table:
    """Grounds as columns. Codes (ids, words) are numbered densely, by one numbering for the whole table."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        codes: Mapping[object, int] | None = None,
        *,
        lists: Mapping[int, tuple[int, ...]] | None = None,
    ) -> None:
        self.columns = columns
        self.codes = codes or {}
        self.lists = lists or {}
        """What the numbers of lists stand for."""

    def __len__(self) -> int:
        return max(column.values.size for column in self.columns.values())

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name].values

    def blocks(self, rows: int) -> Iterator[tuple[slice, Table]]:
        """The table in pieces of so many rows, without copying, each with its place."""
        for first in range(0, len(self), rows):
            place = slice(first, first + rows)
            yield place, Table({name: column.part(place) for name, column in self.columns.items()}, self.codes, lists=self.lists)

    def ranks(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """These rows in the order of what their codes stand for; the numbers of codes have none."""
        named: dict[int, Any] = {number: value for value, number in self.codes.items()}
        numbers, which = np.unique(self[name][rows], return_inverse=True)
        values = [named[number] for number in numbers.tolist()]
        ranks = np.empty(len(values), np.intp)
        ranks[sorted(range(len(values)), key=values.__getitem__)] = np.arange(len(values))
        return ranks[which]

    def code(self, value: object) -> int:
        """The number of a code; one that no row has is no row's."""
        return self.codes.get(value, -1)


def column_of(values: list[Any], unit: Unit, codes: dict[object, int]) -> Column:
    """Values, None among them for what is unknown, as a column; codes that are new are numbered."""
    known = np.array([value is not None for value in values], bool)
    if unit.is_code:
        numbers = [0 if value is None else codes.setdefault(value, len(codes)) for value in values]
    else:
        numbers = [0 if value is None else as_number(value) for value in values]
    return Column(np.array(numbers, np.bool_ if unit is Unit.FLAG else np.int64), None if known.all() else known)


def conjunction(columns: list[Column]) -> Column:
    """Kleene's and: no if any is no, else unknown if any is unknown, else yes."""
    if all(column.known is None for column in columns):
        values = columns[0].values
        for column in columns[1:]:
            values = values & column.values
        return Column(values)
    yes: Any = True
    no: Any = False
    for values, known in columns:
        if known is None:
            yes, no = yes & values, no | ~values
        else:
            yes, no = yes & (values & known), no | (known & ~values)
    return Column(yes, yes | no)


def both(left: NDArray[np.bool_] | None, right: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """Known where both are."""
    return right if left is None else left if right is None else left & right


def as_number(value: Any) -> Any:
    """A day as its ordinal; everything else as it is."""
    return value.toordinal() if isinstance(value, date) else value


def changes(keys: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """Where sorted keys begin anew."""
    new = np.zeros(len(keys[0]), bool)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def crowded(rows: NDArray[np.intp], keys: Sequence[NDArray[np.int64]]) -> NDArray[np.intp]:
    """Only rows whose key another row may share are worth sorting: a hash that collides only keeps too many."""
    if not len(rows):
        return rows
    mixed = np.zeros(len(rows), np.uint64)
    for key in keys:
        mixed = (mixed ^ key[rows].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    bits = min(24, len(rows).bit_length() + 3)
    bucket = (mixed >> np.uint64(64 - bits)).astype(np.intp)
    # Whoever wrote last and whoever wrote first are the same where a bucket has one row. What nobody wrote is never read.
    number = np.arange(len(rows), dtype=np.int32)
    written = np.empty(1 << bits, np.int32)
    written[bucket] = number
    shared = written[bucket] != number
    written[bucket[::-1]] = number[::-1]
    shared |= written[bucket] != number
    crowding: NDArray[np.intp] = rows[shared]
    return crowding
