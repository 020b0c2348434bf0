"""A desk that tells of loans, dossiers that a test declares for itself, and a look at what the dossiers say."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from lending.facts import LoanFact
from lending.model import loans
from uuid_utils.compat import uuid7

from common.bus.envelope import seal
from common.bus.event import Event
from common.bus.facts import Facts
from common.bus.protocol import Message, Partition
from common.database.engine import Database, raw
from common.reconciling.dossier import Dossiers
from common.reconciling.marks import Urgency, write_marks


class Desk:
    """Writes a log of loans and has it applied: each telling of one loan is its next version."""

    def __init__(self, database: Database, dossiers: Dossiers) -> None:
        self._facts = Facts(database, (loans,), dossiers, group="lending", bus_id="test", keeps_history=False)
        self._versions: dict[UUID, int] = {}
        self._offset = 0

    async def tell(self, *told: LoanFact, bulk: bool = False, cause: str = "test") -> None:
        """One facts transaction."""
        messages = [self._message(loan, bulk=bulk, cause=cause) for loan in told]
        await self._facts.apply(messages)

    def _message(self, loan: LoanFact, *, bulk: bool, cause: str) -> Message:
        version = self._versions[loan.id] = self._versions.get(loan.id, 0) + 1
        event = Event(
            id=uuid7(), type=loan.event_type("lent"), topic=loan.topic, key=loan.key, aggregate_id=loan.id, epoch=1, version=version,
            recorded_at=datetime.now(UTC), cause=cause, bulk=bulk, data=loan.model_dump_json().encode(),
        )  # fmt: skip
        sealed, offset = seal(event), self._offset
        self._offset += 1
        return Message(Partition(loan.topic, "life-1", 0), offset, sealed.key, sealed.headers, sealed.value)


@pytest.fixture
def desk(database: Database) -> Callable[[Dossiers], Desk]:
    return lambda dossiers: Desk(database, dossiers)


@pytest.fixture
def mark(database: Database) -> Callable[..., Awaitable[None]]:
    """Mark dossiers as somebody's act would."""

    async def write(dossiers: Dossiers, kind: str, ids: Sequence[str], *, urgency: Urgency = Urgency.LIVE, cause: str = "test") -> None:
        async with database.transaction() as session:
            await write_marks(await raw(session), [dossiers.mark(kind, id_, urgency=urgency, cause=cause) for id_ in ids])

    return write


@pytest.fixture
def held(database: Database) -> Callable[..., Awaitable[Any]]:
    """A column of one dossier, or None; `is_dirty` and `is_waiting` are worked out."""

    async def look(kind: str, id_: str, what: str = "is_dirty") -> Any:
        computed = {"is_dirty": "dirty > clean", "is_waiting": "try_again_at > now()"}
        async with database.transaction() as session:
            return await (await raw(session)).fetchval(
                f"SELECT {computed.get(what, what)} FROM dossier WHERE kind = $1 AND id = $2", kind, id_
            )

    return look


@pytest.fixture
def move_day(database: Database) -> Callable[[date], Awaitable[None]]:
    async def move(day: date) -> None:
        async with database.transaction() as session:
            await (await raw(session)).execute("UPDATE business_day SET day = $1", day)

    return move
