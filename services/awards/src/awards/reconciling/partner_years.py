"""A partner-year's dossier: how many persons count for a partner in a year, how many may yet count, and what that earns."""

from __future__ import annotations

from collections import defaultdict
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
    """Reads: `delivered` and `undecided_delivery`, written by the persons' dossiers, and the reporting year. Marks nothing."""
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
    persons: dict[str, int] = {}
    undecided: dict[str, dict[str, int]] = defaultdict(dict)
    for partner, year, awaits, number in await connection.fetch(_COUNTED, partners, years):
        if awaits is None:
            persons[f"{partner}/{year}"] = number
        else:
            undecided[f"{partner}/{year}"][awaits] = number
    city = await load_city(connection, registers, ())
    return {
        id_: partner_year(partner, year, persons.get(id_, 0), undecided[id_], city)
        for id_, partner, year in zip(ids, partners, years, strict=True)
    }


_COUNTED = """
    WITH asked AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS asked(partner_id, year))
    SELECT partner_id, year, NULL AS awaits, count(*) FROM delivered JOIN asked USING (partner_id, year) GROUP BY partner_id, year
    UNION ALL
    SELECT partner_id, year, awaits, count(*) FROM undecided_delivery JOIN asked USING (partner_id, year) GROUP BY partner_id, year, awaits
"""
