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

    async def resolve(self, people: Sequence[tuple[str, str]], *, dry_run: bool) -> list[UUID]:
        """Pairs of (ID number, name) to person ids, in order. Raises Unavailable when registry is away: the import waits.

        In a dry run nobody is entered there, and the ids of unknown numbers are nobody's. Ask before rows are locked: it may take seconds.
        """
        found: list[UUID] = []
        for at in range(0, len(people), MOST_AT_ONCE):
            asked = [{"id_number": id_number, "name": name} for id_number, name in people[at : at + MOST_AT_ONCE]]
            body = {"people": asked, "validate_only": True} if dry_run else {"people": asked}
            answer = await self._registry.post("/registry/v1/people:resolve", body)
            found += [UUID(person_id) for person_id in answer["person_ids"]]
        return found
