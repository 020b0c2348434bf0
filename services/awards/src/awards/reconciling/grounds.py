"""Stored grounds: one table for each kind, generated from its declaration; rewritten only where a ground has changed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from awards.kernel.ground import Ground
from awards.kernel.kinds import Unit
from awards.policy.grounds import KINDS

TABLES: Mapping[type[Ground], str] = {kind: "ground" + re.sub(r"([A-Z])", r"_\1", name).lower() for name, kind in KINDS.items()}
"""Where the grounds of each kind are stored."""
_OWN_COLUMNS = ("dossier", "fingerprint", "evidence")


def ground_tables(metadata: MetaData) -> None:
    """(a column for each fact, dossier, fingerprint, evidence); a day that never came is `infinity`."""
    for kind, name in TABLES.items():
        Table(
            name,
            metadata,
            *(Column(fact, _sql_type(declared.unit), primary_key=fact in kind.identified_by) for fact, declared in kind.facts.items()),
            # A certificate that moves to another person is his in one transaction and leaves the other's in another.
            Column("dossier", Text, primary_key=True),
            Column("fingerprint", BigInteger, nullable=False),
            Column("evidence", JSONB),
            Index(f"ix_{name}_dossier", "dossier"),
        )


def _sql_type(unit: Unit) -> Any:
    if unit.is_id:
        return Uuid()
    return {Unit.FEN: BigInteger(), Unit.DAY: Date(), Unit.FLAG: Boolean(), Unit.CODE: Text(), Unit.PARTS: ARRAY(BigInteger())}.get(
        unit, Integer()
    )


def fingerprint(ground: Ground) -> int:
    """Two grounds of one kind are equal when theirs are: 64 bits of all that is stored."""
    # Ids and days as numbers: what Python writes out for them takes longer than the digest.
    values = [
        value.int if value.__class__ is UUID else value.toordinal() if value.__class__ is date else value
        for value in map(ground.__dict__.__getitem__, ground.facts)
    ]
    text = repr(values + sorted(ground.evidence.items()))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


async def store(
    connection: asyncpg.Connection, dossiers: Sequence[str], kinds: Iterable[type[Ground]], grounds: Sequence[tuple[str, Ground]]
) -> None:
    """Make the stored grounds of these dossiers equal to `grounds` (dossier and ground); what is equal already is left alone."""
    by_kind: dict[type[Ground], list[tuple[str, Ground]]] = defaultdict(list)
    for dossier, ground in grounds:
        by_kind[type(ground)].append((dossier, ground))
    kinds = tuple(kinds)
    if not kinds:
        return
    held = await _held(connection, kinds, dossiers)
    for kind in kinds:
        await _store_kind(connection, kind, held[kind], by_kind[kind])


async def _held(
    connection: asyncpg.Connection, kinds: Sequence[type[Ground]], dossiers: Sequence[str]
) -> dict[type[Ground], set[tuple[str, int]]]:
    query = " UNION ALL ".join(
        f"SELECT {nth} AS kind, dossier, fingerprint FROM {TABLES[kind]} WHERE dossier = ANY($1::text[])" for nth, kind in enumerate(kinds)
    )
    held: dict[type[Ground], set[tuple[str, int]]] = {kind: set() for kind in kinds}
    for row in await connection.fetch(query, list(dossiers)):
        held[kinds[row["kind"]]].add((row["dossier"], row["fingerprint"]))
    return held


async def _store_kind(
    connection: asyncpg.Connection, kind: type[Ground], held: set[tuple[str, int]], grounds: Sequence[tuple[str, Ground]]
) -> None:
    table = TABLES[kind]
    now = {(dossier, fingerprint(ground)): ground for dossier, ground in grounds}
    if gone := held - now.keys():
        await connection.execute(
            f"DELETE FROM {table} USING unnest($1::text[], $2::bigint[]) AS gone(d, f) WHERE dossier = d AND fingerprint = f",
            *map(list, zip(*gone, strict=True)),
        )
    new = [
        (
            *(ground.__dict__[name] for name in kind.facts),
            dossier,
            mark,
            json.dumps(dict(ground.evidence), ensure_ascii=False) if ground.evidence else None,
        )
        for (dossier, mark), ground in now.items()
        if (dossier, mark) not in held
    ]
    if new:
        await connection.copy_records_to_table(table, records=new, columns=(*kind.facts, *_OWN_COLUMNS))
