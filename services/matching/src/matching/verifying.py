"""What `verify` asks of matching: referral rows and counts are those that placements and certificates lead to."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from common.reconciling.dossier import Dossiers
from common.verify.check import Check, Inspected
from common.verify.recomputed import Lines, Recomputed
from matching.dossiers import dossiers


def checks(inspected: Inspected) -> Iterable[Check]:
    """By full recomputation."""
    return (
        Recomputed(
            inspected.database,
            Dossiers(dossiers),
            read={"person": _of_a_person, "partner-year": _of_a_partner_year},
            patience_seconds=inspected.patience_seconds,
        ),
    )


async def _of_a_person(connection: asyncpg.Connection, person: str) -> Lines:
    rows = await connection.fetch("SELECT * FROM referral WHERE person_id = $1", UUID(person))
    return {
        f"输送（{row['partner_id']} {row['year']} 年）": f"{'已' if row['is_employed'] else '未'}就业，等级 {row['level_code'] or '无'}"
        for row in rows
    }


async def _of_a_partner_year(connection: asyncpg.Connection, partner_year: str) -> Lines:
    partner, _, year = partner_year.partition("/")
    rows = await connection.fetch(
        "SELECT year, delivered, employed, certified_by_level::text AS levels FROM referral_count WHERE partner_id = $1 AND year = $2",
        UUID(partner),
        int(year),
    )
    return {f"{row['year']} 年输送统计": f"输送 {row['delivered']}，就业 {row['employed']}，持证 {row['levels']}" for row in rows}
