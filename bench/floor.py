"""The floor: the rows that a run has written, moved once more by COPY in the same batches, with no rule and nothing read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
from workers import Wait, Worker, race

HEARD = ("fact_version", "replica_certification_certificate", "dossier")
"""What the facts transaction writes."""
RECONCILED = ("ground_certification", "entitlement", "decision", "outbox")
"""What reconciliation writes."""


class Run(NamedTuple):
    """A finished run: its database, and the first transaction that belongs to it."""

    url: str
    since: int


async def begin(url: str) -> Run:
    """From now on every row that is written belongs to the run."""
    connection = await asyncpg.connect(url)
    try:
        return Run(url, await connection.fetchval("SELECT pg_current_xact_id()::text::bigint"))
    finally:
        await connection.close()


def move(run: Run, url: str, tables: Sequence[str], share: int, shares: int, batches: int, wait: Wait) -> None:
    """Move this process's share of the rows into the empty tables at `url`, a transaction for each batch."""

    async def work() -> None:
        source, target = await asyncpg.connect(run.url), await asyncpg.connect(url)
        rows = {table: (await _rows(source, run, table))[share::shares] for table in tables}
        wait()
        for nth in range(batches):
            async with target.transaction():
                for table, of_all in rows.items():
                    await target.copy_records_to_table(table, records=of_all[nth::batches])
        await source.close()
        await target.close()

    asyncio.run(work())


async def _rows(source: asyncpg.Connection, run: Run, table: str) -> list[tuple[object, ...]]:
    """Whole rows as the run left them; the id of an outbox row is as many bytes as a new one."""
    found = await source.fetch(f"SELECT * FROM {table} WHERE xmin::text::bigint >= $1", run.since)  # noqa: S608 - the names above
    return [tuple(row) for row in found]


def seconds(run: Run, url: str, dossiers: int, *, batch: int, dossiers_at_once: int, reconcilers: int) -> float:
    """As long as it takes when the processes and the batches are those of the run."""
    hearing = Worker(move, (run, url, HEARD, 0, 1, -(-dossiers // batch)))
    each = -(-dossiers // reconcilers // dossiers_at_once)
    return race(hearing, *(Worker(move, (run, url, RECONCILED, nth, reconcilers, each)) for nth in range(reconcilers)))
