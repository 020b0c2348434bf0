"""A person's dossier: everything owed for him, and the one placement that counts for a partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from awards.equipment import Equipment, must_be_in_force
from awards.policy.due import PersonDue, person_due
from awards.policy.grounds.delivery import Delivery
from awards.reconciling import entitlements, grounds
from awards.reconciling.loading import load_persons
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation


async def reconcile_persons(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """Reads: every replica that names a person, and the registers they name. Marks: the partner-years that he leaves and enters."""
    connection, equipment = reconciliation.connection, reconciliation.equipment
    assert isinstance(equipment, Equipment)
    await must_be_in_force(connection, equipment)
    ids = [dossier.id for dossier in taken]
    persons, city = await load_persons(connection, equipment.registers, ids)
    held = await entitlements.held_by(connection, "person", ids)
    due: dict[str, PersonDue] = {}
    changes: list[entitlements.Change] = []
    for dossier, person in zip(taken, persons, strict=True):
        rows = held[dossier.id]
        due[dossier.id] = person_due(person, city, equipment.parameters, reconciliation.business_day, entitlements.settled_among(rows))
        changes += entitlements.changes(rows, due[dossier.id].owed, dossier)
    await grounds.store(connection, ids, grounds.OF_A_PERSON, [(id_, ground) for id_ in ids for ground in due[id_].grounds])
    await entitlements.write(reconciliation, "person", changes, equipment.parameters.hash)
    await _deliver(reconciliation, taken, {id_: due[id_].delivery for id_ in ids})
    return {id_: due[id_].look_again_on for id_ in ids}


async def _deliver(reconciliation: Reconciliation, taken: Sequence[Taken], now: Mapping[str, Delivery | None]) -> None:
    """Which placement counts; both partner-years are marked when it is another one."""
    was = await _delivered(reconciliation.connection, list(now))
    changed: list[tuple[UUID, Delivery | None]] = []
    for dossier in taken:
        delivery, before = now[dossier.id], was.get(dossier.id)
        # Another placement with the same partner in the same year changes nobody's count, but what the partner is shown.
        if before != _named(delivery):
            changed.append((UUID(dossier.id), delivery))
            for partner_year in {before and before[1], delivery and f"{delivery.partner}/{delivery.year}"} - {None}:
                reconciliation.mark("partner-year", str(partner_year), because=dossier)
    await _write(reconciliation.connection, changed)


def _named(delivery: Delivery | None) -> tuple[UUID | None, str] | None:
    return (delivery.placement, f"{delivery.partner}/{delivery.year}") if delivery else None


async def _delivered(connection: asyncpg.Connection, persons: Sequence[str]) -> dict[str, tuple[UUID, str]]:
    rows = await connection.fetch("SELECT * FROM delivered WHERE person_id = ANY($1::uuid[])", list(persons))
    return {str(row["person_id"]): (row["placement_id"], f"{row['partner_id']}/{row['year']}") for row in rows}


async def _write(connection: asyncpg.Connection, changed: Sequence[tuple[UUID, Delivery | None]]) -> None:
    if not changed:
        return
    await connection.execute("DELETE FROM delivered WHERE person_id = ANY($1::uuid[])", [person for person, _ in changed])
    rows = [(person, delivery.placement, delivery.partner, delivery.year) for person, delivery in changed if delivery]
    if rows:
        await connection.copy_records_to_table("delivered", records=rows, columns=("person_id", "placement_id", "partner_id", "year"))
