"""A partner-year's dossier: how many persons count for a partner in a year, and what that earns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from awards.equipment import Equipment, must_be_in_force
from awards.policy.due import partner_year_due
from awards.policy.grounds.delivery import PartnerYear, partner_year
from awards.reconciling import entitlements, grounds
from awards.reconciling.loading import Registers, load_city
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation


async def reconcile_partner_years(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """Reads: `delivered`, written by the persons' dossiers, and the reporting year. Marks nothing."""
    connection, equipment = reconciliation.connection, reconciliation.equipment
    assert isinstance(equipment, Equipment)
    await must_be_in_force(connection, equipment)
    ids = [dossier.id for dossier in taken]
    found = await load_partner_years(connection, equipment.registers, ids)
    held = await entitlements.held_by(connection, "partner-year", ids)
    look_again_on: dict[str, date | None] = {}
    changes: list[entitlements.Change] = []
    for dossier in taken:
        owed, look_again_on[dossier.id] = partner_year_due(found[dossier.id], equipment.parameters, reconciliation.business_day)
        changes += entitlements.changes(held[dossier.id], [owed], dossier)
    await grounds.store(connection, ids, (PartnerYear,), list(found.items()))
    await entitlements.write(reconciliation, "partner-year", changes, equipment.parameters.hash)
    return look_again_on


async def load_partner_years(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, PartnerYear]:
    """The grounds of these partner-years (`<partner id>/<year>`)."""
    partners, years = zip(*((UUID(partner), int(year)) for partner, _, year in (id_.partition("/") for id_ in ids)), strict=True)
    rows = await connection.fetch(
        """
        SELECT partner_id, year, count(*) AS persons FROM delivered
        JOIN unnest($1::uuid[], $2::int[]) AS asked(partner_id, year) USING (partner_id, year) GROUP BY partner_id, year
        """,
        partners,
        years,
    )
    persons = {f"{row['partner_id']}/{row['year']}": row["persons"] for row in rows}
    city = await load_city(connection, registers, ())
    return {id_: partner_year(partner, year, persons.get(id_, 0), city) for id_, partner, year in zip(ids, partners, years, strict=True)}
