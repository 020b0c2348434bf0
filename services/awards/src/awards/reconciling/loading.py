"""What the policy has to know, read from the replicas after the lock: persons' facts, and the registers that they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from awards import replicas
from awards.policy.dossier import City, PersonFacts, once_each
from awards.policy.facts import Findings, joined
from awards.policy.grounds.certification import IN_ENTERPRISE
from awards.reconciling import findings
from awards.reconciling.merged import Merged, merged
from common.bus.replicas import Replica
from contracts import training
from contracts.awards import Honour
from contracts.fact import Fact
from contracts.registry import SourceKind

_OF_A_PERSON = {
    replicas.persons: "person", replicas.employments: "employments", replicas.insurance: "insurance",
    replicas.participations: "participations", replicas.certificates: "certificates", replicas.placements: "placements",
    replicas.students: "students", replicas.other_benefits: "other_benefits", replicas.exam_entries: "exam_entries",
    replicas.titles: "titles", replicas.trips: "trips",
}  # fmt: skip
"""Where each stands in a person's facts."""
_PERSON_REPLICAS = tuple(_OF_A_PERSON)
_PERSON_FACTS = " UNION ALL ".join(
    f"SELECT {nth} AS nth, person, state::text FROM {replica.table} WHERE person = ANY($1::text[])"
    for nth, replica in enumerate(_PERSON_REPLICAS)
)
_HONOURS = f"SELECT {', '.join(Honour.model_fields)} FROM honour WHERE person_id = ANY($1::uuid[]) ORDER BY id"
"""Selections are awards' own: their table is read, and no replica."""
_NAMED = {
    replicas.organisations: "id = ANY($1::uuid[])",
    replicas.mandates: "organiser = ANY($2::text[])",
    replicas.recognitions: "organiser = ANY($2::text[])",
    replicas.agreements: "partner = ANY($3::text[])",
    replicas.sittings: "id = ANY($4::uuid[])",
}
_REGISTER_FACTS = " UNION ALL ".join(
    f"SELECT {nth} AS nth, state::text FROM {replica.table} WHERE {condition}" for nth, (replica, condition) in enumerate(_NAMED.items())
)
_CLASSES = f"SELECT state::text FROM {replicas.classes.table} WHERE id = ANY($1::uuid[])"
_OF_ALL = (replicas.designations, replicas.catalogues, replicas.occupations, replicas.reporting_years, replicas.sources)


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
    """The facts of these persons, in the order asked for, and the city as far as they name it.

    Whoever goes by several ids has all their facts, and his others have none.
    """
    known = await merged(connection, ids)
    under = known.ids(ids)
    found: dict[str, dict[str, Any]] = {id_: defaultdict(list) for id_ in ids}
    for nth, person, state in await connection.fetch(_PERSON_FACTS, under):
        replica, owner = _PERSON_REPLICAS[nth], known.owner(person)
        if replica is not replicas.persons or person == owner:
            found[owner][_OF_A_PERSON[replica]].append(replica.contract.parse(state))
    for honour in await connection.fetch(_HONOURS, list(map(UUID, under))):
        found[known.owner(str(honour["person_id"]))]["honours"].append(Honour.model_validate(dict(honour)))
    kept = await findings.of_persons(connection, map(UUID, under))
    persons = [_person(id_, facts, known, kept) for id_, facts in found.items()]
    return persons, await load_city(connection, registers, persons)


def _person(id_: str, facts: dict[str, Any], known: Merged, kept: Mapping[UUID, Findings]) -> PersonFacts:
    own, insurance = facts.pop("person", [None]), facts.pop("insurance", [])
    aliases = tuple(map(UUID, known.aliases.get(id_, ())))
    found = [kept[each] for each in (UUID(id_), *aliases) if each in kept]
    if aliases:
        facts["participations"] = once_each(facts.get("participations", ()))
    return PersonFacts(
        UUID(id_),
        own[0],
        insurance=[span for paid in insurance for span in paid.spans],
        findings=joined(found),
        aliases=aliases,
        merged_into=UUID(known.into[id_]) if id_ in known.into else None,
        **facts,
    )


async def load_city(
    connection: asyncpg.Connection,
    registers: Registers,
    persons: Sequence[PersonFacts] = (),
    classes: Collection[training.TrainingClass] = (),
    organisations: Collection[UUID] = (),
) -> City:
    """The registers, with everything that these persons and organisations name.

    `classes`: some that are supposed, for a quote: of what is known of them nothing counts.
    """
    class_ids = {taken.class_id for each in persons for taken in each.participations}
    class_ids |= {held.class_id for each in persons for held in each.certificates if held.class_id}
    rows = await connection.fetch(_CLASSES, list(class_ids))
    by_id = {course.id: course for course in [*(_parse(training.TrainingClass, row["state"]) for row in rows), *classes]}
    organisers = {course.organiser_id for course in by_id.values()}
    employers = {course.employer_id for course in by_id.values() if course.employer_id}
    schools = {course.organiser_id for course in by_id.values() if course.kind == IN_ENTERPRISE}
    named = await _named(
        connection,
        {*_employers(persons), *employers, *schools, *organisations},
        {*organisers, *organisations},
        {each.partner_id for person in persons for each in person.placements},
        {each.sitting_id for person in persons for each in person.exam_entries},
    )
    shared = await registers.read(connection)
    since = {each.kind: each.complete_since for each in shared[replicas.sources]}
    return City(
        classes=by_id,
        organisations={each.id: each for each in named[replicas.organisations]},
        designations=_grouped(shared[replicas.designations], lambda each: each.organisation_id),
        mandates=_grouped(named[replicas.mandates], lambda each: each.organisation_id),
        agreements=_grouped(named[replicas.agreements], lambda each: each.partner_id),
        recognitions=_grouped(named[replicas.recognitions], lambda each: each.organisation_id),
        sittings={each.id: each for each in named[replicas.sittings]},
        catalogues=shared[replicas.catalogues],
        occupations=shared[replicas.occupations],
        reporting_years={each.year: each for each in shared[replicas.reporting_years]},
        bans=await findings.bans(connection),
        employment_complete_since=since.get(SourceKind.EMPLOYMENT),
        insurance_complete_since=since.get(SourceKind.INSURANCE),
    )


def _employers(persons: Iterable[PersonFacts]) -> Iterator[UUID]:
    """Whoever employs one of them, sends him abroad, or named him."""
    for person in persons:
        yield from (placed.employer_id for placed in person.placements)
        for job in person.employments:
            yield job.organisation_id
            if job.using_organisation_id:
                yield job.using_organisation_id
        yield from (trip.sender_id for trip in person.trips)
        yield from (honour.organisation_id for honour in person.honours if honour.organisation_id)


async def _named(
    connection: asyncpg.Connection,
    organisations: Iterable[UUID],
    organisers: Iterable[UUID],
    partners: Iterable[UUID],
    sittings: Iterable[UUID],
) -> dict[Replica, list[Any]]:
    kinds = tuple(_NAMED)
    named: dict[Replica, list[Any]] = {replica: [] for replica in kinds}
    rows = await connection.fetch(_REGISTER_FACTS, list(organisations), [*map(str, organisers)], [*map(str, partners)], list(sittings))
    for nth, state in rows:
        named[kinds[nth]].append(_parse(kinds[nth].contract, state))
    return named


def _grouped(facts: Iterable[Any], key: Callable[[Any], UUID]) -> dict[UUID, list[Any]]:
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for each in facts:
        groups[key(each)].append(each)
    return groups
