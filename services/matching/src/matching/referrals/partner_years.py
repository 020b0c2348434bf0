"""A partner-year's dossier: the sum of its referral rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation

_COUNT = """
    SELECT partner_id, year, count(*) AS delivered, count(*) FILTER (WHERE is_employed) AS employed, coalesce(
        (SELECT jsonb_object_agg(level_code, persons) FROM (
            SELECT level_code, count(*) AS persons FROM referral AS r
            WHERE r.partner_id = referral.partner_id AND r.year = referral.year AND level_code IS NOT NULL GROUP BY level_code) AS by_level),
        '{}')::text AS certified_by_level
    FROM referral JOIN unnest($1::uuid[], $2::int[]) AS asked(partner_id, year) USING (partner_id, year) GROUP BY partner_id, year
"""
_WRITE = """
    INSERT INTO referral_count AS held (partner_id, year, delivered, employed, certified_by_level)
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::jsonb[])
    ON CONFLICT (partner_id, year) DO UPDATE SET delivered = excluded.delivered, employed = excluded.employed,
        certified_by_level = excluded.certified_by_level
    WHERE (held.delivered, held.employed, held.certified_by_level) IS DISTINCT FROM
          (excluded.delivered, excluded.employed, excluded.certified_by_level)
"""


async def reconcile_partner_years(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """Reads: referral rows, written by the persons' dossiers. Marks nothing."""
    keys = [(UUID(partner), int(year)) for partner, _, year in (dossier.id.partition("/") for dossier in taken)]
    partners, years = [partner for partner, _ in keys], [year for _, year in keys]
    rows = {(row["partner_id"], row["year"]): row for row in await reconciliation.connection.fetch(_COUNT, partners, years)}
    found = [rows.get(key) for key in keys]
    await reconciliation.connection.execute(
        _WRITE,
        partners,
        years,
        [row["delivered"] if row else 0 for row in found],
        [row["employed"] if row else 0 for row in found],
        [row["certified_by_level"] if row else json.dumps({}) for row in found],
    )
    return {}
