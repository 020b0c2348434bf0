"""What is known of organisations and of sponsored classes, and the grounds that follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from awards import replicas
from awards.policy.blockers import of_others
from awards.policy.dossier import OrganisationFacts, SponsoredClassFacts
from awards.policy.facts import NOTHING_FOUND, joined
from awards.policy.grounds import OF_A_SPONSORED_CLASS, OF_AN_ORGANISATION, grounds_of
from awards.reconciling import findings
from awards.reconciling.by_grounds import Known
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


async def load_organisations(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, Known]:
    """The grounds of these organisations."""
    found: dict[str, dict[str, Any]] = {id_: defaultdict(list) for id_ in ids}
    for nth, organisation, state in await connection.fetch(_FACTS, list(ids)):
        replica = _REPLICAS[nth]
        found[organisation][_OF_AN_ORGANISATION[replica]].append(replica.contract.parse(state))
    kept = await findings.of_organisations(connection, map(UUID, ids))
    facts = {id_: OrganisationFacts(UUID(id_), findings=kept.get(UUID(id_), NOTHING_FOUND), **known) for id_, known in found.items()}
    named = {*map(UUID, ids), *(lecture.enterprise_id for each in facts.values() for lecture in each.lectures)}
    city = await load_city(connection, registers, organisations=named)
    return {id_: Known(grounds_of(each, city, OF_AN_ORGANISATION), of_others(each, city)) for id_, each in facts.items()}


async def load_sponsored_classes(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, Known]:
    """The grounds of these sponsored classes, with their school and their sponsors."""
    facts = {id_: SponsoredClassFacts(UUID(id_)) for id_ in ids}
    named: set[UUID] = set()
    for (state,) in await connection.fetch(_SPONSORED_CLASSES, list(map(UUID, ids))):
        course = SponsoredClass.parse(state)
        facts[str(course.id)].sponsored_class = course
        named |= {course.school_id, *(payment.enterprise_id for payment in course.payments)}
    kept = await findings.of_organisations(connection, named)
    for each in facts.values():
        of_sponsors = [kept.get(sponsor, NOTHING_FOUND) for sponsor in sorted(_sponsors(each))]
        each.findings = joined(of_sponsors)
    city = await load_city(connection, registers, organisations=named)
    return {id_: Known(grounds_of(each, city, OF_A_SPONSORED_CLASS), of_others(each, city)) for id_, each in facts.items()}


def _sponsors(facts: SponsoredClassFacts) -> set[UUID]:
    return {payment.enterprise_id for payment in facts.sponsored_class.payments} if facts.sponsored_class else set()
