"""A partner-year's dossier: how many persons count for a partner in a year, how many may yet count, and what that earns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from awards.policy.blockers import of_others
from awards.policy.dossier import OrganisationFacts
from awards.policy.facts import NOTHING_FOUND
from awards.policy.grounds.delivery import PartnerYear, partner_year
from awards.reconciling import findings
from awards.reconciling.by_grounds import Known
from awards.reconciling.loading import Registers, load_city


async def load_partner_years(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, Known]:
    """What is known of each of these partner-years (`<partner id>/<year>`): its ground, and what stands in the partner's way."""
    found = await load_grounds(connection, registers, ids)
    partners = {id_: UUID(id_.partition("/")[0]) for id_ in ids}
    kept = await findings.of_organisations(connection, set(partners.values()))
    city = await load_city(connection, registers)
    facts = {id_: OrganisationFacts(partner, findings=kept.get(partner, NOTHING_FOUND)) for id_, partner in partners.items()}
    return {id_: Known((found[id_],), of_others(facts[id_], city)) for id_ in ids}


async def load_grounds(connection: asyncpg.Connection, registers: Registers, ids: Sequence[str]) -> dict[str, PartnerYear]:
    """The ground of each of these partner-years, from what the persons' dossiers wrote and the reporting year."""
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
