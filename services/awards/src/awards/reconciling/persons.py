"""A person's dossier: everything owed for him, and the one placement that counts for a partner, or those that may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from awards.equipment import Equipment, figures_in_force
from awards.policy.due import PersonDue, person_due
from awards.policy.grounds import BY_DOSSIER
from awards.reconciling import entitlements, grounds
from awards.reconciling.braking import passing
from awards.reconciling.entitlements import NOTHING_CARRIED
from awards.reconciling.loading import load_persons
from awards.reconciling.merged import carried_by, hand_over
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation


async def reconcile_persons(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """Reads: every replica that names a person, and the registers they name. Marks: the partner-years that he leaves and enters.

    An alias owes nothing and only hands over to whom it was found to be, who has all its facts.
    """
    connection, equipment = reconciliation.connection, reconciliation.equipment
    assert isinstance(equipment, Equipment)
    parameters = await figures_in_force(connection, equipment)
    ids = [dossier.id for dossier in taken]
    persons, city = await load_persons(connection, equipment.registers, ids)
    held = await entitlements.held_by(connection, "person", ids)
    carried = await carried_by(connection, persons, held)
    due: dict[str, PersonDue] = {}
    changes: list[entitlements.Change] = []
    for dossier, person in zip(taken, persons, strict=True):
        rows = held[dossier.id]
        due[dossier.id] = person_due(
            person,
            city,
            parameters,
            reconciliation.business_day,
            entitlements.settled_among(rows, carried.get(dossier.id, NOTHING_CARRIED)),
        )
        changes += entitlements.changes(rows, due[dossier.id].owed, dossier, carried.get(dossier.id, NOTHING_CARRIED))
    await grounds.store(connection, ids, BY_DOSSIER["person"], [(id_, ground) for id_ in ids for ground in due[id_].grounds])
    aliases = frozenset(str(person.id) for person in persons if person.merged_into is not None)
    changes = await passing(reconciliation, "person", taken, held, changes, parameters, free=aliases)
    await entitlements.write(reconciliation, "person", changes, parameters.hash)
    await _deliver(reconciliation, taken, due)
    await hand_over(reconciliation, taken, persons)
    return {id_: due[id_].look_again_on for id_ in ids}


class _Place(NamedTuple):
    """A partner's year in which a person counts; with `awaits`: may count once that is known."""

    placement: UUID
    partner: UUID
    year: int
    awaits: str | None

    @property
    def partner_year(self) -> str:
        return f"{self.partner}/{self.year}"


Places = frozenset[_Place]


async def _deliver(reconciliation: Reconciliation, taken: Sequence[Taken], due: Mapping[str, PersonDue]) -> None:
    """Where each counts or may count; every partner-year is marked for which that has changed."""
    was = await delivered_of(reconciliation.connection, list(due))
    changed: dict[UUID, Places] = {}
    for dossier in taken:
        now, before = _places(due[dossier.id]), was[dossier.id]
        # Another placement with the same partner in the same year changes nobody's count, but what the partner is shown.
        if now != before:
            changed[UUID(dossier.id)] = now
            for partner_year in {place.partner_year for place in now ^ before}:
                reconciliation.mark("partner-year", partner_year, because=dossier)
    await write_delivered(reconciliation.connection, changed)


def _places(due: PersonDue) -> Places:
    counted = [(due.delivery, None)] if due.delivery else due.undecided
    return frozenset(_Place._make((*map(row.__dict__.get, ("placement", "partner", "year")), awaits)) for row, awaits in counted)


async def delivered_of(connection: asyncpg.Connection, persons: Sequence[str]) -> dict[str, Places]:
    """Where each counts or may count."""
    found: dict[str, set[_Place]] = {person: set() for person in persons}
    for person, *place in await connection.fetch(_DELIVERED, list(persons)):
        found[str(person)].add(_Place(*place))
    return {person: frozenset(places) for person, places in found.items()}


_DELIVERED = """
    SELECT person_id, placement_id, partner_id, year, NULL AS awaits FROM delivered WHERE person_id = ANY($1::uuid[])
    UNION ALL SELECT person_id, placement_id, partner_id, year, awaits FROM undecided_delivery WHERE person_id = ANY($1::uuid[])
"""


async def write_delivered(connection: asyncpg.Connection, changed: Mapping[UUID, Places]) -> None:
    """The same, of those of whom it has changed."""
    if not changed:
        return
    places = [(person, place) for person, places in changed.items() for place in places]
    counted = [(person, *place[:3]) for person, place in places if place.awaits is None]
    undecided = [(person, *place) for person, place in places if place.awaits is not None]
    for table, rows, columns in (("delivered", counted, _COLUMNS), ("undecided_delivery", undecided, (*_COLUMNS, "awaits"))):
        await connection.execute(f"DELETE FROM {table} WHERE person_id = ANY($1::uuid[])", list(changed))
        if rows:
            await connection.copy_records_to_table(table, records=rows, columns=columns)


_COLUMNS = ("person_id", "placement_id", "partner_id", "year")
