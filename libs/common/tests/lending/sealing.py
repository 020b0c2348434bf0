"""Acts in an audit, sealers over it, and who forges it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from common.audit.heads import HeadFiles
from common.audit.row import AuditRow, insert_audit
from common.audit.seal import CONTENT, GENESIS, AuditKeys, Seal
from common.audit.sealer import Sealer
from common.database.engine import Database
from common.testing.until import until

KEYS = AuditKeys("lending", {"k1": b"a" * 32})


def row(verb: str = "entered", **changed: Any) -> AuditRow:
    usual: dict[str, Any] = {
        "at": datetime.now(UTC), "actor": "clerk-7", "role": "CLERK", "operation": "enter_book", "subject": "book", "subject_id": uuid7(), "version": 1,
        "verb": verb, "cause": f"enter_book:{uuid7()}", "request_id": "r-1", "changes": '{"shelf": ["A1", "B2"], "note": null}',
    }  # fmt: skip
    return AuditRow(**usual | changed)


@dataclass
class Audit:
    """What acts append and sealers seal."""

    database: Database
    heads: HeadFiles | None
    keys: AuditKeys

    async def act(self, *rows: AuditRow) -> None:
        """One act, one transaction."""
        async with self.database.raw_transaction() as connection:
            await insert_audit(connection, rows or [row()])

    def sealer(self, *, lease_seconds: float = 10.0, keys: AuditKeys | None = None) -> Sealer:
        return Sealer(self.database, keys or self.keys, heads=self.heads, wake=asyncio.Event(), lease_seconds=lease_seconds)

    async def seal(self) -> None:
        """All that is committed, by a sealer that waits for its turn and then goes."""
        sealer = self.sealer()

        async def is_its_turn() -> bool:
            sealer._claim.doubt()
            return await sealer._claim.is_ours()

        await until(is_its_turn)
        await sealer.step()
        while sealer._place.is_under_way:
            await sealer.step()
        await sealer._claim.leave()

    async def advance(self, to: date) -> None:
        async with self.database.raw_transaction() as connection:
            await connection.execute("UPDATE business_day SET day = $1", to)

    async def ids(self) -> list[int]:
        """The rows in the order of their sealing."""
        return [seal.audit_id for seal in await self.seals()]

    async def seals(self) -> list[Seal]:
        async with self.database.raw_transaction() as connection:
            return [Seal(*each) for each in await connection.fetch(f"SELECT {', '.join(Seal._fields)} FROM audit_seal ORDER BY seal_no")]

    async def must_be_one_chain(self, *, of: int) -> None:
        """So many rows, each sealed once, each seal right and on the one before: told without the product's own check."""
        seals = await self.seals()
        assert [seal.seal_no for seal in seals] == list(range(1, of + 1))
        async with self.database.raw_transaction() as connection:
            contents = dict(await connection.fetch(f"SELECT a.id, {CONTENT} FROM audit AS a"))
        assert {seal.audit_id for seal in seals} == contents.keys()
        for seal, previous in zip(seals, [GENESIS, *(seal.hash for seal in seals)], strict=False):
            assert seal.previous == previous
            assert seal.hash == self.keys.hash(seal, contents[seal.audit_id])


class Forger:
    """Changes what nobody may change."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def forge(self, statement: str, *arguments: Any) -> None:
        """It must have done something."""
        done = await self._connection.execute(statement, *arguments)
        assert not done.endswith(" 0"), done

    async def execute(self, statement: str) -> None:
        """Whether or not there is anything left to change."""
        await self._connection.execute(statement)

    async def put_back(self, table: str, rows: Sequence[asyncpg.Record]) -> None:
        """The table is as it was."""
        await self._connection.execute(f"DELETE FROM {table}")
        await self._connection.copy_records_to_table(table, records=rows, columns=list(rows[0].keys()))

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        return list(await self._connection.fetch(query, *arguments))
