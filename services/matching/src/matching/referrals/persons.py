"""A person's dossier: his referral rows, one for each partner and year that reported him."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation
from contracts.certification import Certificate
from matching.replicas import certificates


class Row(NamedTuple):
    """A referral row."""

    person_id: UUID
    partner_id: UUID
    year: int
    is_employed: bool
    level_code: int | None

    @property
    def partner_year(self) -> str:
        return f"{self.partner_id}/{self.year}"


class Placed(NamedTuple):
    """What of a placement is counted."""

    partner_id: UUID
    started_on: date
    is_confirmed: bool
    is_cancelled: bool


def referrals(person_id: UUID, placed: Iterable[Placed], held: Iterable[Certificate], today: date) -> frozenset[Row]:
    """Delivered = reported and not cancelled, employed = confirmed, certified = the highest certificate that is valid today (A68)."""
    levels = [each.level_code for each in held if each.issued_on <= today and (each.revoked_on is None or today < each.revoked_on)]
    employed: dict[tuple[UUID, int], bool] = defaultdict(bool)
    for each in placed:
        if not each.is_cancelled:
            employed[each.partner_id, each.started_on.year] |= each.is_confirmed
    return frozenset(
        Row(person_id, partner, year, is_employed, min(levels, default=None)) for (partner, year), is_employed in employed.items()
    )


async def reconcile_persons(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """Reads: the person's placements and certificates. Marks: the partner-years whose row of him changes."""
    connection, today = reconciliation.connection, reconciliation.business_day
    ids = [UUID(dossier.id) for dossier in taken]
    placed, held = await _placed(connection, ids), await _certificates(connection, ids)
    was = await _rows(connection, ids)
    gone: list[Row] = []
    new: list[Row] = []
    for dossier, id_ in zip(taken, ids, strict=True):
        now = referrals(id_, placed[id_], held[id_], today)
        gone += was[id_] - now
        new += now - was[id_]
        for partner_year in {row.partner_year for row in was[id_] ^ now}:
            reconciliation.mark("partner-year", partner_year, because=dossier)
    await _write(connection, gone, new)
    return {str(id_): _look_again_on(held[id_], today) for id_ in ids}


def _look_again_on(held: Iterable[Certificate], today: date) -> date | None:
    days = (day for each in held for day in (each.issued_on, each.revoked_on) if day and day > today)
    return min(days, default=None)


async def _placed(connection: asyncpg.Connection, ids: Sequence[UUID]) -> Mapping[UUID, list[Placed]]:
    rows = await connection.fetch(
        "SELECT person_id, partner_id, started_on, confirmed_on, cancelled_on FROM placement WHERE person_id = ANY($1::uuid[])", ids
    )
    placed: dict[UUID, list[Placed]] = defaultdict(list)
    for person_id, partner_id, started_on, confirmed_on, cancelled_on in rows:
        placed[person_id].append(Placed(partner_id, started_on, confirmed_on is not None, cancelled_on is not None))
    return placed


async def _certificates(connection: asyncpg.Connection, ids: Sequence[UUID]) -> Mapping[UUID, list[Certificate]]:
    held: dict[UUID, list[Certificate]] = defaultdict(list)
    query = f"SELECT state::text FROM {certificates.table} WHERE person = ANY($1::text[])"  # noqa: S608 - a declared name
    for (state,) in await connection.fetch(query, [str(id_) for id_ in ids]):
        certificate = Certificate.parse(state)
        held[certificate.person_id].append(certificate)
    return held


async def _rows(connection: asyncpg.Connection, ids: Sequence[UUID]) -> Mapping[UUID, set[Row]]:
    rows: dict[UUID, set[Row]] = defaultdict(set)
    for row in await connection.fetch(f"SELECT {', '.join(Row._fields)} FROM referral WHERE person_id = ANY($1::uuid[])", ids):  # noqa: S608 - declared names
        rows[row["person_id"]].add(Row(*row))
    return rows


async def _write(connection: asyncpg.Connection, gone: Sequence[Row], new: Sequence[Row]) -> None:
    if gone:
        await connection.execute(
            "DELETE FROM referral USING unnest($1::uuid[], $2::uuid[], $3::int[]) AS gone(person, partner, of_year)"
            " WHERE person_id = person AND partner_id = partner AND year = of_year",
            [row.person_id for row in gone],
            [row.partner_id for row in gone],
            [row.year for row in gone],
        )
    if new:
        await connection.copy_records_to_table("referral", records=new, columns=Row._fields)
