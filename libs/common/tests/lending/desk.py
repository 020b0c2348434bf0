"""A desk that tells of loans: messages as they stand in a log, good ones and others, and what a service has made of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from common.bus.envelope import seal
from common.bus.event import Event
from common.bus.protocol import Message, Outgoing, Partition
from common.database.engine import Database, raw
from lending.facts import LoanFact


def lent(reader: str = "ann", *, id: UUID | None = None, book: str | None = None, days: int = 1) -> LoanFact:
    return LoanFact(id=id or uuid7(), reader=reader, book=book, days=days)


def outgoing(
    loan: LoanFact, version: int = 1, *, epoch: int = 1, bulk: bool = False, headers: Mapping[str, str | None] | None = None,
    value: bytes | None = None, key: str | None = None,
) -> Outgoing:  # fmt: skip
    """The loan as a message; `headers` replaces some of its attributes, or leaves out those that are None."""
    event = Event(
        id=uuid7(), type=loan.event_type("lent"), topic=loan.topic, key=loan.key, aggregate_id=loan.id, epoch=epoch, version=version,
        recorded_at=datetime.now(UTC), cause="test", bulk=bulk, data=loan.model_dump_json().encode(),
    )  # fmt: skip
    sealed = seal(event)
    changed = {name: text for name, text in (dict(sealed.headers) | dict(headers or {})).items() if text is not None}
    return replace(sealed, headers=changed, value=sealed.value if value is None else value, key=sealed.key if key is None else key)


@dataclass
class Log:
    """Messages with their offsets, by partition, as a bus would deliver them."""

    topic: str = "desk.loan"
    _ends: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def append(self, *sent: Outgoing, partition: int = 0) -> list[Message]:
        messages = []
        for each in sent:
            place = Partition(self.topic, "life-1", partition)
            messages.append(Message(place, self._ends[partition], each.key, each.headers, each.value))
            self._ends[partition] += 1
        return messages


class Kept:
    """What stands in the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self._database.transaction() as session:
            return [dict(row) for row in await (await raw(session)).fetch(query, *values)]

    async def values(self, query: str, *values: object) -> list[Any]:
        return [next(iter(row.values())) for row in await self.rows(query, *values)]

    async def value(self, query: str, *values: object) -> Any:
        (found,) = await self.values(query, *values)
        return found

    async def states(self, *columns: str, order: str = "id") -> list[tuple[Any, ...]]:
        """The replicas of loans."""
        rows = await self.rows(f"SELECT * FROM replica_desk_loan ORDER BY {order}")
        return [tuple(row[column] for column in columns) for row in rows]

    async def marked(self) -> dict[str, int]:
        """How often each reader was marked."""
        return {row["id"]: row["dirty"] for row in await self.rows("SELECT id, dirty FROM dossier WHERE kind = 'reader' ORDER BY id")}

    async def letters(self, *columns: str) -> list[Any]:
        rows = await self.rows('SELECT * FROM dead_letter ORDER BY topic_id, partition, "offset"')
        return [tuple(row[column] for column in columns) if len(columns) > 1 else row[columns[0]] for row in rows]

    async def offsets(self) -> dict[int, int]:
        return {row["partition"]: row["next_offset"] for row in await self.rows("SELECT partition, next_offset FROM consumer_offset")}

    async def everything(self, tables: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        return {table: await self.rows(f"SELECT {table}::text FROM {table} ORDER BY 1") for table in tables}
