"""What is known of organisations and of sponsored classes, and the grounds that follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from awards import replicas
from awards.kernel.ground import Ground
from awards.policy.dossier import OrganisationFacts, SponsoredClassFacts
from awards.policy.grounds import OF_A_SPONSORED_CLASS, OF_AN_ORGANISATION, grounds_of
from awards.reconciling.loading import Registers, load_city
from contracts.matching import SponsoredClass

_OF_AN_ORGANISATION = {replicas.lectures: "lectures", replicas.recognitions: "recognitions"}
"""Where each stands in an organisation's facts."""
_REPLICAS = tuple(_OF_AN_ORGANISATION)
_FACTS = " UNION ALL ".join(
    f"SELECT {nth} AS nth, organisation, state::text FROM {replica.table} WHERE organisation = ANY($1::text[])"
    for nth, replica in enumerate(_REPLICAS)
)
_SPONSORED_CLASSES = f"SELECT state::text FROM {replicas.sponsored_classes.table} WHERE id = ANY($1::uuid[])"


async def load_organisations(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, tuple[Ground, ...]]:
    """The grounds of these organisations."""
    found: dict[str, dict[str, Any]] = {id_: defaultdict(list) for id_ in ids}
    for nth, organisation, state in await connection.fetch(_FACTS, list(ids)):
        replica = _REPLICAS[nth]
        found[organisation][_OF_AN_ORGANISATION[replica]].append(replica.contract.parse(state))
    facts = {id_: OrganisationFacts(UUID(id_), **known) for id_, known in found.items()}
    named = {*map(UUID, ids), *(lecture.enterprise_id for each in facts.values() for lecture in each.lectures)}
    city = await load_city(connection, registers, organisations=named)
    return {id_: grounds_of(each, city, OF_AN_ORGANISATION) for id_, each in facts.items()}


async def load_sponsored_classes(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, tuple[Ground, ...]]:
    """The grounds of these sponsored classes, with their school and their sponsors."""
    facts = {id_: SponsoredClassFacts(UUID(id_)) for id_ in ids}
    named: set[UUID] = set()
    for (state,) in await connection.fetch(_SPONSORED_CLASSES, list(map(UUID, ids))):
        course = SponsoredClass.parse(state)
        facts[str(course.id)].sponsored_class = course
        named |= {course.school_id, *(payment.enterprise_id for payment in course.payments)}
    city = await load_city(connection, registers, organisations=named)
    return {id_: grounds_of(each, city, OF_A_SPONSORED_CLASS) for id_, each in facts.items()}
