"""Awards without its loops: a test itself applies facts and reconciles; and what awards holds, as a value that can be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from awards.equipment import equip
from awards.kernel.parameters import Parameters
from awards.policy.dossier import City, OrganisationFacts, PersonFacts, SponsoredClassFacts, once_each
from awards.policy.due import due_of, person_due
from awards.policy.grounds import KINDS, OF_A_SPONSORED_CLASS, OF_AN_ORGANISATION, grounds_of
from awards.policy.grounds.delivery import partner_year
from awards.policy.stacked import Owed
from awards.reconciling.entitlements import changes
from awards.reconciling.grounds import fingerprint
from awards.replicas import replicas
from awards.tables import Table
from city.lives import Version
from common.bus.facts import Heard
from common.database.engine import raw
from common.reconciling.marks import Taken, Urgency
from common.testing.at_work import AtWork
from contracts import awards, certification, matching, registry, training

Books = Mapping[tuple[Any, ...], Any]
"""What awards says, line by line: entitlements, stored grounds, who was delivered, and when to look again."""

TABLES_OF_GROUNDS = {kind: "ground_" + "".join(f"_{c.lower()}" if c.isupper() else c for c in kind)[1:] for kind in KINDS}
_LEDGER = """
    SELECT e.scheme, entitlement_key, e.state, payee_kind, payee_id, person_id, due_fen, accruing_fen, would_be_fen, settled_fen, outcome,
        e.displaced_by_scheme, e.displaced_by_key
    FROM entitlement AS e JOIN decision AS d ON d.id = decision_id WHERE e.state <> 'WITHDRAWN' OR settled_fen <> 0
"""
_GROUNDS = " UNION ALL ".join(
    # A partner-year that had persons once, and has none, is no different from one that never had any.
    f"SELECT '{kind}', dossier, fingerprint FROM {table}{' WHERE persons + undecided > 0' if kind == 'PartnerYear' else ''}"
    for kind, table in TABLES_OF_GROUNDS.items()
)
_NAMED = " UNION ".join(
    f"SELECT '{kind}' AS kind, {kind.replace('-', '_')} AS id FROM {replica.table}"
    for replica in replicas
    for kind in ("person", "organisation", "sponsored-class")
    if kind in replica.kinds
)
_NAMED += " UNION SELECT 'person', person_id::text FROM honour"
_MARK_ALL = f"""
    INSERT INTO dossier AS d (kind, id, dirty, urgency, cause)
    SELECT kind, id, 1, 0, 'test' FROM ({_NAMED} UNION SELECT 'partner-year', partner_id || '/' || year FROM delivered
        UNION SELECT 'partner-year', partner_id || '/' || year FROM undecided_delivery
        UNION SELECT kind, id FROM dossier WHERE kind IN ('person', 'partner-year', 'organisation', 'sponsored-class')) AS named
    ON CONFLICT (kind, id) DO UPDATE SET dirty = d.dirty + 1, urgency = 0, cause = 'test'
"""
_LOOK_AGAIN = "SELECT kind, id, look_again_on FROM dossier WHERE look_again_on IS NOT NULL"


async def read_books(connection: asyncpg.Connection) -> Books:
    """What stands now."""
    books: dict[tuple[Any, ...], Any] = {}
    for scheme, key, *content in await connection.fetch(_LEDGER):
        books["owed", scheme, key] = tuple(content)
    for row in await connection.fetch(_GROUNDS):
        books["ground", *row] = True
    for person, *delivered in await connection.fetch("SELECT person_id, placement_id, partner_id, year FROM delivered"):
        books["delivered", person] = tuple(delivered)
    for person, partner, year, *undecided in await connection.fetch(
        "SELECT person_id, partner_id, year, placement_id, awaits FROM undecided_delivery"
    ):
        books["undecided", person, partner, year] = tuple(undecided)
    for kind, id_, day in await connection.fetch(_LOOK_AGAIN):
        books["look again", kind, id_] = day
    return books


def differences(one: Books, other: Books) -> dict[tuple[Any, ...], tuple[Any, Any]]:
    """Line by line, where two do not agree."""
    return {name: (one.get(name), other.get(name)) for name in {**one, **other} if one.get(name) != other.get(name)}


def determined(facts: Iterable[Any], parameters: Parameters, today: date) -> Books:
    """What the pure policy alone makes of the facts that stand: no database, no order, no dossier."""
    of: dict[type, list[Any]] = defaultdict(list)
    for fact in facts:
        of[type(fact)].append(fact)
    city = _city(of)
    books: dict[tuple[Any, ...], Any] = {}
    counted: dict[tuple[UUID, int], int] = defaultdict(int)
    undecided: dict[tuple[UUID, int], Counter[str]] = defaultdict(Counter)
    for person in _persons(of):
        due = person_due(person, city, parameters, today)
        _enter(books, "person", str(person.id), due.owed, due.look_again_on)
        books |= {("ground", type(ground).__name__, str(person.id), fingerprint(ground)): True for ground in due.grounds}
        if due.delivery:
            books["delivered", person.id] = (due.delivery.placement, due.delivery.partner, due.delivery.year)
            counted[due.delivery.partner, due.delivery.year] += 1
        for row, awaits in due.undecided:
            books["undecided", person.id, row.partner, row.year] = (row.placement, awaits)
            undecided[row.partner, row.year][awaits] += 1
    for partner, year in {**counted, **undecided}:
        ground = partner_year(partner, year, counted[partner, year], undecided[partner, year], city)
        earned = due_of((ground,), parameters, today)
        _enter(books, "partner-year", f"{partner}/{year}", earned.owed, earned.look_again_on)
        books["ground", "PartnerYear", f"{partner}/{year}", fingerprint(ground)] = True
    for each in (*_organisations(of), *_sponsored(of)):
        kind, prepared = (
            ("organisation", OF_AN_ORGANISATION) if isinstance(each, OrganisationFacts) else ("sponsored-class", OF_A_SPONSORED_CLASS)
        )
        own = due_of(grounds_of(each, city, prepared), parameters, today)
        _enter(books, kind, str(each.id), own.owed, own.look_again_on)
        books |= {("ground", type(ground).__name__, str(each.id), fingerprint(ground)): True for ground in own.grounds}
    return books


def _enter(books: dict[tuple[Any, ...], Any], kind: str, dossier: str, owed: Sequence[Owed], look_again_on: date | None) -> None:
    for change in changes([], owed, Taken(dossier, 1, Urgency.LIVE, "")):
        said, because = change.content, change.owed.outcome.name if change.owed else None
        books["owed", *change.name] = (
            said.state, said.payee_kind, said.payee_id, said.person_id, said.due_fen, said.accruing_fen, said.would_be_fen, 0, because,
            said.displaced_by_scheme, said.displaced_by_key,
        )  # fmt: skip
    if look_again_on:
        books["look again", kind, dossier] = look_again_on


def _persons(of: Mapping[type, Sequence[Any]]) -> Iterable[PersonFacts]:
    persons: dict[UUID, PersonFacts] = {}
    for each in of[registry.Person]:
        persons[each.id] = PersonFacts(each.id, each)
    for kind, field in (
        (registry.Employment, "employments"), (training.Participation, "participations"), (certification.Certificate, "certificates"),
        (matching.Placement, "placements"), (awards.Honour, "honours"),
        (certification.Title, "titles"), (certification.ExamEntry, "exam_entries"), (registry.Student, "students"), (training.Trip, "trips"),
    ):  # fmt: skip
        for each in of[kind]:
            person = persons.setdefault(each.person_id, PersonFacts(each.person_id))
            setattr(person, field, [*getattr(person, field), each])
    for each in of[registry.Insurance]:
        persons.setdefault(each.person_id, PersonFacts(each.person_id)).insurance = each.spans
    for each in of[registry.Person]:
        if each.merged_into is not None:
            _give_all(persons.pop(each.id), persons.setdefault(each.merged_into, PersonFacts(each.merged_into)))
    return persons.values()


_GIVEN = (
    "employments", "insurance", "participations", "certificates", "placements", "honours", "titles", "exam_entries", "students", "trips",
)  # fmt: skip


def _give_all(alias: PersonFacts, owner: PersonFacts) -> None:
    """Whatever was entered under an id belongs to whom it was found to be."""
    owner.aliases = (*owner.aliases, alias.id)
    for field in _GIVEN:
        setattr(owner, field, [*getattr(owner, field), *getattr(alias, field)])
    owner.participations = once_each(owner.participations)


def _organisations(of: Mapping[type, Sequence[Any]]) -> Iterable[OrganisationFacts]:
    organisations: dict[UUID, OrganisationFacts] = {}
    for kind, field, owner in ((training.Lecture, "lectures", "school_id"), (registry.Recognition, "recognitions", "organisation_id")):
        for each in of[kind]:
            id_ = getattr(each, owner)
            organisation = organisations.setdefault(id_, OrganisationFacts(id_))
            setattr(organisation, field, [*getattr(organisation, field), each])
    return organisations.values()


def _sponsored(of: Mapping[type, Sequence[Any]]) -> Iterable[SponsoredClassFacts]:
    return (SponsoredClassFacts(each.id, each) for each in of[matching.SponsoredClass])


def _city(of: Mapping[type, Sequence[Any]]) -> City:
    def grouped(kind: type, field: str) -> dict[UUID, list[Any]]:
        groups: dict[UUID, list[Any]] = defaultdict(list)
        for each in of[kind]:
            groups[getattr(each, field)].append(each)
        return groups

    return City(
        classes={each.id: each for each in of[training.TrainingClass]},
        organisations={each.id: each for each in of[registry.Organisation]},
        designations=grouped(training.Designation, "organisation_id"),
        mandates=grouped(training.Mandate, "organisation_id"),
        agreements=grouped(matching.Agreement, "partner_id"),
        recognitions=grouped(registry.Recognition, "organisation_id"),
        catalogues=of[training.Catalogue],
        occupations=of[certification.Occupation],
        reporting_years={each.year: each for each in of[matching.ReportingYear]},
        sittings={each.id: each for each in of[certification.Sitting]},
        employment_complete_since=next((each.complete_since for each in of[registry.Source] if each.kind == "EMPLOYMENT"), None),
        insurance_complete_since=next((each.complete_since for each in of[registry.Source] if each.kind == "INSURANCE"), None),
    )


class AwardsAtRest:
    """Nothing happens but what the test does."""

    def __init__(self, at_work: AtWork) -> None:
        self.running = at_work.running

    async def begin_anew(self, day: date) -> None:
        """An empty city on a day of its own."""
        tables = [
            table.name
            for table in Table.metadata.sorted_tables
            if table.name not in ("rule", "parameter_set", "parameter_figure", "in_force")
        ]
        emptied = [*tables, "dossier", "fact_version", "fact_count", "outbox"]
        async with self.running.database.transaction() as session:
            connection = await raw(session)
            await connection.execute("; ".join(f"DELETE FROM {table}" for table in emptied))
            await connection.execute("UPDATE business_day SET day = $1", day)
        # The registers in memory are of the city that was.
        self.running.equipment = await equip(self.running)
        self.reconciler = self.running.reconciler()

    async def hear(self, versions: Iterable[Version]) -> None:
        """One facts transaction."""
        facts = self.running.facts
        heard = [Heard(event := version.event(), facts._replicas[event.topic].contract.parse(event.data)) for version in versions]
        async with self.running.database.transaction() as session:
            await facts.keep(await raw(session), heard)

    async def recompute_all(self) -> None:
        """Everybody and everything that any fact names, and every partner-year, whether it was ever marked or not."""
        async with self.running.database.transaction() as session:
            await (await raw(session)).execute(_MARK_ALL)
        await self.reconciler.until_clean()

    async def books(self) -> Books:
        async with self.running.database.transaction() as session:
            return await read_books(await raw(session))

    async def failures(self) -> list[str]:
        async with self.running.database.transaction() as session:
            return [
                str(dict(row))
                for row in await (await raw(session)).fetch("SELECT kind, id, failed_reason FROM dossier WHERE failed_reason IS NOT NULL")
            ]

    async def set_day(self, day: date) -> None:
        async with self.running.database.transaction() as session:
            await (await raw(session)).execute("UPDATE business_day SET day = $1", day)
