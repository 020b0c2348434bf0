"""What the policy has to know, read from the replicas after the lock: persons' facts, and the registers that they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from awards import replicas
from awards.policy.dossier import City, PersonFacts
from common.bus.replicas import Replica
from contracts import training
from contracts.fact import Fact
from contracts.registry import SourceKind

_OF_A_PERSON = (
    replicas.persons, replicas.employments, replicas.insurance, replicas.participations, replicas.certificates, replicas.placements,
)  # fmt: skip
_PERSON_FACTS = " UNION ALL ".join(
    f"SELECT {nth} AS nth, person, state::text FROM {replica.table} WHERE person = ANY($1::text[])"
    for nth, replica in enumerate(_OF_A_PERSON)
)
_NAMED = {
    replicas.organisations: "id = ANY($1::uuid[])",
    replicas.designations: "organiser = ANY($2::text[])",
    replicas.mandates: "organiser = ANY($2::text[])",
    replicas.agreements: "partner = ANY($3::text[])",
}
_REGISTER_FACTS = " UNION ALL ".join(
    f"SELECT {nth} AS nth, state::text FROM {replica.table} WHERE {condition}" for nth, (replica, condition) in enumerate(_NAMED.items())
)
_CLASSES = f"SELECT state::text FROM {replicas.classes.table} WHERE id = ANY($1::uuid[])"
_OF_ALL = (replicas.catalogues, replicas.occupations, replicas.reporting_years, replicas.sources)


@lru_cache(maxsize=50_000)
def _parse(contract: type[Fact], state: str) -> Any:
    """A register's state is read by many persons; the same text is the same fact."""
    return contract.parse(state)


class Registers:
    """The registers that concern everybody: few rows, kept in memory until one of them changes."""

    def __init__(self) -> None:
        self._seen: Mapping[str, int] | None = None
        self._facts: dict[Replica, list[Any]] = {}

    async def read(self, connection: asyncpg.Connection) -> Mapping[Replica, Sequence[Any]]:
        """Each register's facts. The counts of what was applied move in the transaction that changes a register, so they tell."""
        topics = [replica.topic for replica in _OF_ALL]
        rows = await connection.fetch("SELECT topic, applied FROM fact_count WHERE topic = ANY($1::text[])", topics)
        applied = {row["topic"]: row["applied"] for row in rows}
        if applied != self._seen:
            self._facts = {replica: await _all(connection, replica) for replica in _OF_ALL}
            self._seen = applied
        return self._facts


async def _all(connection: asyncpg.Connection, replica: Replica) -> list[Any]:
    rows = await connection.fetch(f"SELECT state::text FROM {replica.table} ORDER BY id")
    return [replica.contract.parse(row["state"]) for row in rows]


async def load_persons(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> tuple[list[PersonFacts], City]:
    """The facts of these persons, in the order asked for, and the city as far as they name it."""
    persons = {id_: PersonFacts(UUID(id_)) for id_ in ids}
    found: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for nth, person, state in await connection.fetch(_PERSON_FACTS, list(ids)):
        found[person, nth].append(_OF_A_PERSON[nth].contract.parse(state))
    for id_, person in persons.items():
        facts = [found.get((id_, nth), ()) for nth in range(len(_OF_A_PERSON))]
        person.person = facts[0][0] if facts[0] else None
        person.employments, person.participations, person.certificates, person.placements = facts[1], facts[3], facts[4], facts[5]
        person.insurance = [span for paid in facts[2] for span in paid.spans]
    return list(persons.values()), await load_city(connection, registers, persons.values())


async def load_city(
    connection: asyncpg.Connection, registers: Registers, persons: Iterable[PersonFacts], classes: Collection[training.TrainingClass] = ()
) -> City:
    """The registers, with everything that these persons name; `classes`: some that are supposed, for a quote: of what is known of them nothing counts."""
    persons = list(persons)
    class_ids = {taken.class_id for each in persons for taken in each.participations}
    class_ids |= {held.class_id for each in persons for held in each.certificates if held.class_id}
    rows = await connection.fetch(_CLASSES, list(class_ids))
    by_id = {course.id: course for course in [*(_parse(training.TrainingClass, row["state"]) for row in rows), *classes]}
    placed = [placement for each in persons for placement in each.placements]
    rows = await connection.fetch(
        _REGISTER_FACTS,
        list({each.employer_id for each in placed}),
        list({str(course.organiser_id) for course in by_id.values()}),
        list({str(each.partner_id) for each in placed}),
    )
    named: dict[Replica, list[Any]] = {replica: [] for replica in _NAMED}
    kinds = tuple(_NAMED)
    for nth, state in rows:
        named[kinds[nth]].append(_parse(kinds[nth].contract, state))
    shared = await registers.read(connection)
    return City(
        classes=by_id,
        organisations={each.id: each for each in named[replicas.organisations]},
        designations=_grouped(named[replicas.designations], lambda each: each.organisation_id),
        mandates=_grouped(named[replicas.mandates], lambda each: each.organisation_id),
        agreements=_grouped(named[replicas.agreements], lambda each: each.partner_id),
        catalogues=shared[replicas.catalogues],
        occupations=shared[replicas.occupations],
        reporting_years={each.year: each for each in shared[replicas.reporting_years]},
        employment_complete_since=next(
            (each.complete_since for each in shared[replicas.sources] if each.kind is SourceKind.EMPLOYMENT), None
        ),
    )


def _grouped(facts: Iterable[Any], key: Callable[[Any], UUID]) -> dict[UUID, list[Any]]:
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for each in facts:
        groups[key(each)].append(each)
    return groups
