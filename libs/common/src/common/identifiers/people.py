"""Persons by ID number, as registry knows them: how an import by ID number becomes person ids."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from common.security.client import ServiceClient

MOST_AT_ONCE = 1000


class People:
    """Asks registry (`people:resolve`). Unknown numbers become provisional persons there, once."""

    def __init__(self, registry: ServiceClient) -> None:
        self._registry = registry

    async def resolve(self, people: Sequence[tuple[str, str]]) -> list[UUID]:
        """Pairs of (ID number, name) to person ids, in order. Raises Unavailable when registry is away: the import waits."""
        found: list[UUID] = []
        for at in range(0, len(people), MOST_AT_ONCE):
            asked = [{"id_number": id_number, "name": name} for id_number, name in people[at : at + MOST_AT_ONCE]]
            answer = await self._registry.post("/registry/v1/people:resolve", {"people": asked})
            found += [UUID(person_id) for person_id in answer["person_ids"]]
        return found
