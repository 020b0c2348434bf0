"""Every ground of the city in memory, as columns: read out of the ground tables by binary COPY, ids and words as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray

from awards import replicas
from awards.kernel.columns import Column, Table
from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Unit
from awards.kernel.terms import Constant
from awards.policy.grounds import BY_DOSSIER
from awards.policy.grounds.delivery import Delivery, PartnerYear
from awards.policy.schemes import RULES
from awards.policy.whole_city import Population
from awards.reconciling.grounds import TABLES
from common.database.engine import Database

_HEADER_BYTES, _TRAILER_BYTES = 19, 2
"""Before and after the rows of a binary COPY."""
_DAY_ZERO = 730_120
"""Days of PostgreSQL count from 1 January 2000."""
_NEVER = 2**31 - 1
_UNKNOWN_ID, _UNKNOWN_NUMBER = UUID(int=0), -(2**31)
_UNKNOWN = {Unit.DAY: -(2**31), Unit.FLAG: 2, Unit.CODE: -1, Unit.PARTS: -1, Unit.FEN: -(2**63)}
"""What stands for it on the way, by unit: nothing that is known is written so."""
_WORD = "hashtextextended({}, 0) & 9223372036854775807"
"""The number of a word: the database's own hash of it, not negative."""
_LIST = _WORD.replace("{}", "{}::text")
"""The number of a list of figures: that of its text."""
_PATIENCE_SECONDS = 60
_COUNTY_DIGITS, _TOWN_DIGITS = 6, 9
_MIX = np.uint64(0x9E3779B97F4A7C15)


class _Read(NamedTuple):
    """How a value travels: what is selected (fixed in width, something else where it is unknown), and what arrives."""

    select: str
    arrives: str


def _read(unit: Unit) -> _Read:
    if unit.is_id:
        return _Read(f"COALESCE({{}}, '{_UNKNOWN_ID}')", "V16")
    return {
        Unit.DAY: _Read("COALESCE({}, '-infinity')", ">i4"),
        Unit.FLAG: _Read(f"COALESCE({{}}::int, {_UNKNOWN[Unit.FLAG]})", ">i4"),
        Unit.CODE: _Read(f"COALESCE({_WORD}, {_UNKNOWN[Unit.CODE]})", ">i8"),
        Unit.PARTS: _Read(f"COALESCE({_LIST}, {_UNKNOWN[Unit.PARTS]})", ">i8"),
        Unit.FEN: _Read(f"COALESCE({{}}, '{_UNKNOWN[Unit.FEN]}'::bigint)", ">i8"),
    }.get(unit, _Read(f"COALESCE({{}}, '{_UNKNOWN_NUMBER}'::int)", ">i4"))


class Loaded(Table):
    """A table that knows the ids behind its numbers, to put them in order and to name them."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        codes: Mapping[object, int],
        ids: Mapping[str, NDArray[np.uint64]],
        lists: Mapping[int, tuple[int, ...]],
    ) -> None:
        super().__init__(columns, codes, lists=lists)
        self._ids = ids

    def ranks(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        high, low = self._ids[name][rows].T
        order = np.lexsort([low, high])
        new = np.ones(len(rows), bool)
        new[1:] = (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)
        ranks = np.empty(len(rows), np.intp)
        ranks[order] = np.cumsum(new)
        return ranks

    def id_at(self, name: str, row: int) -> UUID:
        """The id that stands there."""
        high, low = self._ids[name][row].tolist()
        return UUID(int=high << 64 | low)

    def where(self, name: str, number: int) -> int:
        """A row at which the id of this number stands."""
        return int(np.argmax(self[name] == number))


@dataclass(frozen=True)
class Areas:
    """Where payees are: their numbers in order, and the area code (GB/T 2260, as a number) of each; 0: unknown."""

    numbers: NDArray[np.int64]
    codes: NDArray[np.int64]

    def of(self, payees: NDArray[np.int64]) -> NDArray[np.int64]:
        """The area of each."""
        if not len(self.numbers):
            return np.zeros(len(payees), np.int64)
        at = np.minimum(np.searchsorted(self.numbers, payees), len(self.numbers) - 1)
        return np.where(self.numbers[at] == payees, self.codes[at], 0)


def begins_with(area: NDArray[np.int64], code: int) -> NDArray[np.bool_]:
    """Which areas are this one, or lie in it."""
    is_town = area >= 10**_COUNTY_DIGITS
    within = area if code >= 10**_COUNTY_DIGITS else np.where(is_town, area // 10 ** (_TOWN_DIGITS - _COUNTY_DIGITS), area)
    return np.asarray(within == code)


@dataclass(frozen=True)
class LoadedCity:
    """The population as it stood at one moment."""

    population: Population
    areas: Areas
    as_of: datetime
    left_out: int
    """Rulings, earlier payments and benefits of others, which stand in the way of some entitlements: none of them is in the columns."""
    words: dict[object, int]
    """The number of every word that was asked for so far: the tables look there what a rule compares with."""

    def id_at(self, table: Table, name: str, row: int) -> UUID:
        """The id that stands in a column of a table."""
        if isinstance(table, Loaded):
            return table.id_at(name, row)
        # A partner-year is made of deliveries, which know their partner.
        deliveries = self.population[Delivery]
        assert isinstance(deliveries, Loaded)
        return deliveries.id_at(name, deliveries.where(name, int(table[name][row])))

    def ground_at(self, kind: type[Ground], table: Table, row: int) -> Ground:
        """The ground of a row. Of words only those that rules compare with are known; the others read as numbers."""
        words = {number: word for word, number in self.words.items()}
        facts = {name: self._value(table, name, declared.unit, row, words) for name, declared in kind.facts.items()}
        return kind(evidence={}, **facts)

    def _value(self, table: Table, name: str, unit: Unit, row: int, words: Mapping[int, object]) -> Any:
        values, known = table.columns[name]
        if known is not None and not known[row]:
            return None
        if unit.is_id:
            return self.id_at(table, name, row)
        value = values[row].item()
        if unit is Unit.DAY:
            return date.fromordinal(value)
        return words.get(value, str(value)) if unit is Unit.CODE else value


async def load_city(database: Database) -> LoadedCity:
    """Read every ground that is judged as it is stored, all as of one moment: partner-years follow from the deliveries."""
    as_of = datetime.now(UTC)
    async with database.raw_transaction() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await connection.execute(f"SET LOCAL statement_timeout = '{_PATIENCE_SECONDS}s'")
        words: dict[object, int] = dict(await numbers_of(connection, _compared()))
        kinds = [kind for kinds in BY_DOSSIER.values() for kind in kinds if kind is not PartnerYear]
        population = {kind: await _load(connection, kind, words) for kind in kinds}
        areas = await _areas(connection)
        left_out = await connection.fetchval(_LEFT_OUT)
    return LoadedCity({kind: table for kind, table in population.items() if len(table)}, areas, as_of, left_out, words)


_LEFT_OUT = f"""
    SELECT (SELECT count(*) FROM prior_payment WHERE withdrawn_on IS NULL)
        + (SELECT count(*) FROM ruling WHERE state = 'MADE') + (SELECT count(*) FROM {replicas.other_benefits.table})
"""


async def numbers_of(connection: asyncpg.Connection, words: Iterable[str]) -> list[tuple[str, int]]:
    """Each word with its number."""
    query = f"SELECT word, {_WORD.format('word')} FROM unnest($1::text[]) AS asked(word)"
    return [(word, number) for word, number in await connection.fetch(query, list(words))]


def _compared() -> Iterable[str]:
    """The words that rules themselves name."""
    for rule in RULES:
        for terms in rule.sections().values():
            for term in terms:
                for part in term.walk() if term is not None else ():
                    if isinstance(part, Constant) and isinstance(part.constant, str):
                        yield part.constant


async def _load(connection: asyncpg.Connection, kind: type[Ground], words: Mapping[object, int]) -> Loaded:
    reads = {name: _read(declared.unit) for name, declared in kind.facts.items()}
    selected = ", ".join(read.select.format(name) for name, read in reads.items())
    rows = await _copied(connection, f"SELECT {selected} FROM {TABLES[kind]}", [read.arrives for read in reads.values()])
    ids = {name: _halves(rows[nth]) for nth, name in enumerate(reads) if kind.facts[name].unit.is_id}
    columns = {name: _id_column(ids[name]) if name in ids else _column(rows[nth], kind.facts[name].unit) for nth, name in enumerate(reads)}
    return Loaded(columns, words, ids, await _lists(connection, kind))


async def _lists(connection: asyncpg.Connection, kind: type[Ground]) -> dict[int, tuple[int, ...]]:
    """Every list of figures in the table, by its number."""
    query = " UNION ".join(
        f"SELECT {_LIST.format(name)}, {name} FROM {TABLES[kind]} WHERE {name} IS NOT NULL"
        for name, declared in kind.facts.items()
        if declared.unit is Unit.PARTS
    )
    return {number: tuple(figures) for number, figures in await connection.fetch(query)} if query else {}


async def _copied(connection: asyncpg.Connection, query: str, arrives: list[str]) -> list[NDArray[Any]]:
    """The columns of a query whose values all have a fixed width."""
    received = bytearray()

    async def receive(data: bytes) -> None:
        received.extend(data)

    await connection.copy_from_query(query, output=receive, format="binary")
    fields = [("fields", ">i2"), *(pair for nth, kind in enumerate(arrives) for pair in ((f"width{nth}", ">i4"), (str(nth), kind)))]
    rows = np.frombuffer(memoryview(received)[_HEADER_BYTES : len(received) - _TRAILER_BYTES], np.dtype(fields))
    return [np.ascontiguousarray(rows[str(nth)]) for nth in range(len(arrives))]


def _halves(ids: NDArray[Any]) -> NDArray[np.uint64]:
    """(rows, 2): the upper and the lower half."""
    return ids.view(">u8").reshape(-1, 2).astype(np.uint64)


def _id_column(halves: NDArray[np.uint64]) -> Column:
    known: NDArray[np.bool_] = halves[:, 0] | halves[:, 1] != 0
    return Column(numbered(halves), None if known.all() else known)


def numbered(halves: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Ids as numbers, not negative. That two of a million ids share one is likely once in ten million cities."""
    mixed = (halves[:, 0] * _MIX) ^ halves[:, 1]
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    return (mixed >> np.uint64(1)).astype(np.int64)


def number_of(id_: UUID) -> int:
    """The number of one id."""
    return int(numbered(np.array([[id_.int >> 64, id_.int & 2**64 - 1]], np.uint64))[0])


def _column(arrived: NDArray[Any], unit: Unit) -> Column:
    values: NDArray[Any] = arrived.astype(np.int64)
    known: NDArray[np.bool_] = np.asarray(values != _UNKNOWN.get(unit, _UNKNOWN_NUMBER))
    if unit is Unit.FLAG:
        values = values == 1
    elif unit is Unit.DAY:
        values = np.where(values == _NEVER, NEVER.toordinal(), values + _DAY_ZERO)
    return Column(np.where(known, values, np.zeros_like(values)), None if known.all() else known)


async def _areas(connection: asyncpg.Connection) -> Areas:
    """An organisation's by its last span, a person's by his last registered residence."""
    last = "COALESCE((state -> '{}' -> -1 ->> 'area_code')::bigint, 0)"
    query = " UNION ALL ".join(
        f"SELECT id, {last.format(spans)} FROM {replica.table}"
        for replica, spans in ((replicas.organisations, "spans"), (replicas.persons, "hukou"))
    )
    ids, codes = await _copied(connection, query, ["V16", ">i8"])
    numbers = numbered(_halves(ids))
    order = np.argsort(numbers)
    return Areas(numbers[order], codes[order].astype(np.int64))
