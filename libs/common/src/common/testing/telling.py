"""Telling a service at work what others publish: real events on the real bus, awaited until they have had their effect."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from common.bus.envelope import seal
from common.bus.event import Event
from common.bus.fact import FactModel
from common.database.engine import raw
from common.testing.at_work import AtWork
from common.waking import rung

_DEADLINE_SECONDS = 20
_IS_BUSY = """
    SELECT EXISTS (SELECT FROM dossier WHERE try_again_at IS NULL AND (dirty > clean OR look_again_on <= (SELECT day FROM business_day)))
"""


class Teller:
    """Plays the owners of facts. Each telling of one aggregate is its next version."""

    def __init__(self, listener: AtWork) -> None:
        self._listener = listener
        self._versions: dict[UUID, int] = defaultdict(int)

    def event(self, fact: FactModel, *, version: int | None = None) -> Event:
        """The fact in its envelope; without `version` as the aggregate's next one."""
        if version is None:
            self._versions[fact.id] = version = self._versions[fact.id] + 1
        return Event(
            id=uuid7(), type=fact.event_type(fact.verbs[0]), topic=fact.topic, key=fact.key, aggregate_id=fact.id, epoch=1, version=version,
            recorded_at=datetime.now(UTC), cause="test", bulk=False, data=fact.model_dump_json().encode(),
        )  # fmt: skip

    async def tell(self, *facts: FactModel) -> None:
        """Publish, and wait until all of it is heard and every dossier is computed."""
        await self.publish(*(self.event(fact) for fact in facts))

    async def publish(self, *events: Event) -> None:
        """The same with events as they are: old versions, duplicates, any order."""
        await self._listener.running.bus.publish([seal(event) for event in events])
        await self.settled({(event.aggregate_id, event.version) for event in events})

    async def settled(self, versions: AbstractSet[tuple[UUID, int]] = frozenset()) -> None:
        """Until these versions are heard and nothing is left to compute."""
        running, deadline = self._listener.running, time.monotonic() + _DEADLINE_SECONDS
        wake = running.committed.listen()
        try:
            while not await self._is_settled(versions):
                if time.monotonic() > deadline:
                    raise AssertionError("the service did not come to rest")
                await rung(wake, within_seconds=0.1)
                wake.clear()
        finally:
            running.committed.forget(wake)

    async def _is_settled(self, versions: AbstractSet[tuple[UUID, int]]) -> bool:
        async with self._listener.running.database.transaction() as session:
            connection = await raw(session)
            heard = await connection.fetchval(
                "SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS v(id, version) JOIN fact_version USING (id, version)",
                [id_ for id_, _ in versions],
                [version for _, version in versions],
            )
            if heard < len(versions):
                return False
            return not await connection.fetchval(_IS_BUSY)
