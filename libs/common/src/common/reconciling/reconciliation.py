"""One reconciliation: a transaction over some dossiers, the marks and events that it leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from common.bus.event import Event
from common.bus.fact import FactModel
from common.bus.outbox import insert_events
from common.reconciling.marks import Mark, Ranks, Taken, Urgency, write_marks


class Superseded(Exception):
    """This process computes by rules that are no longer in force: it must end and start anew, and answers nothing before."""


@dataclass
class Reconciliation:
    """What a `reconcile` function may use. `connection` is that of its transaction."""

    connection: asyncpg.Connection
    business_day: date
    epoch: int
    dossiers: Ranks
    rank: int
    equipment: Any
    """What the service was equipped with: parameters, ciphers."""
    marks: list[Mark] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def mark(self, kind: str, id: str, *, because: Taken) -> None:
        """Recompute another dossier, of higher rank, after this commit."""
        mark = self.dossiers.mark(kind, id, urgency=because.urgency, cause=because.cause)
        if mark.rank <= self.rank:
            raise ValueError(f"a dossier of rank {self.rank} may not mark {kind}: its rank is not higher")
        self.marks.append(mark)

    def hand_over(self, kind: str, id: str, *, because: Taken) -> None:
        """Recompute a dossier of the same rank that stands in for this one. Whoever is handed over to must hand over to nobody."""
        mark = self.dossiers.mark(kind, id, urgency=because.urgency, cause=because.cause)
        if mark.rank != self.rank:
            raise ValueError(f"a dossier of rank {self.rank} hands over to its own kind, not to {kind}")
        self.marks.append(mark)

    def publish(self, fact: FactModel, *, verb: str, version: int, because: Taken) -> None:
        """Publish a row that this reconciliation has written, with the cause that woke it."""
        self.events.append(
            Event(
                id=uuid7(),
                type=fact.event_type(verb),
                topic=fact.topic,
                key=fact.key,
                aggregate_id=fact.id,
                epoch=self.epoch,
                version=version,
                recorded_at=datetime.now(UTC),
                cause=because.cause,
                bulk=because.urgency > Urgency.LIVE,
                data=fact.model_dump_json().encode(),
            )
        )

    async def finish(self) -> None:
        """Write the events and, last of all, the marks."""
        await insert_events(self.connection, self.events)
        await write_marks(self.connection, self.marks)
