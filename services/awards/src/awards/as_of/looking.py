"""A dossier on a past day, two ways: as its decisions had it then, and as its facts of today have it for that day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

import asyncpg

from awards.equipment import Equipment
from awards.explanations.explaining import Explained
from awards.explanations.replaying import Case, rule_of
from awards.kernel.explanation import explain
from awards.kernel.parameters import Parameters
from awards.policy.due import Due, due_of, person_due
from awards.policy.names import Key
from awards.policy.stacked import Owed
from awards.reconciling import entitlements
from awards.reconciling.by_grounds import Load
from awards.reconciling.loading import load_persons
from awards.reconciling.merged import settled_of
from awards.reconciling.organisations import load_organisations, load_sponsored_classes
from awards.reconciling.partner_years import load_partner_years
from contracts.awards import EntitlementState


class DossierKind(StrEnum):
    """What is decided together."""

    PERSON = "person"
    PARTNER_YEAR = "partner-year"
    ORGANISATION = "organisation"
    SPONSORED_CLASS = "sponsored-class"


@dataclass(frozen=True)
class Standing:
    """One entitlement as it stood: what its rule made of it, and whether that was due."""

    name: Key
    state: EntitlementState | None
    """None: it was refused."""
    fen: int
    explained: Explained | None
    decision_id: UUID | None = None
    """Where a decision said so then."""


async def known_then(connection: asyncpg.Connection, equipment: Equipment, kind: DossierKind, dossier: str, day: date) -> list[Standing]:
    """By the decisions made until that day: each entitlement as the last of them left it. What was refused from the start has none."""
    return [await _standing(connection, equipment, row, day) for row in await connection.fetch(_THEN, kind, dossier, day)]


_THEN = """
    SELECT DISTINCT ON (e.id) e.scheme, e.entitlement_key, d.id, d.state, d.amount_fen, d.ground::text, d.rule_hash, d.parameter_set_hash,
        d.displaced_by_scheme, d.displaced_by_key, d.left_fen
    FROM entitlement AS e JOIN decision AS d ON d.entitlement_id = e.id
    WHERE e.dossier_kind = $1 AND e.dossier_id = $2 AND d.business_day <= $3
    ORDER BY e.id, d.entitlement_version DESC
"""


async def _standing(connection: asyncpg.Connection, equipment: Equipment, row: asyncpg.Record, day: date) -> Standing:
    rule = await rule_of(connection, row["scheme"], row["rule_hash"])
    record = json.loads(row["ground"]) if row["ground"] else None
    told = Case(rule, record, await equipment.figures_of(connection, row["parameter_set_hash"]), day).explain()
    winner = Key(row["displaced_by_scheme"], row["displaced_by_key"]) if row["displaced_by_scheme"] else None
    name = Key(row["scheme"], row["entitlement_key"])
    explained = Explained(told, winner, row["left_fen"]) if told else None
    return Standing(name, EntitlementState(row["state"]), row["amount_fen"], explained, row["id"])


async def known_now(connection: asyncpg.Connection, equipment: Equipment, kind: DossierKind, dossier: str, day: date) -> list[Standing]:
    """By all that is known today, of that day: what it would have been, had everything been known. The refused ones too."""
    parameters = await equipment.figures(connection)
    due = await _due(connection, equipment, kind, dossier, parameters, day)

    def standing(owed: Owed) -> Standing:
        told = Explained(explain(owed.scheme, owed.ground, parameters, day), owed.displaced_by, owed.left_fen)
        return Standing(owed.name, entitlements.state_of(owed), owed.fen, told)

    return [standing(each) for each in due.owed]


async def _due(
    connection: asyncpg.Connection, equipment: Equipment, kind: DossierKind, dossier: str, parameters: Parameters, day: date
) -> Due:
    if kind is DossierKind.PERSON:
        (person,), city = await load_persons(connection, equipment.registers, [dossier])
        return person_due(person, city, parameters, day, await settled_of(connection, person))
    known = (await _LOADED[kind](connection, equipment.registers, [dossier]))[dossier]
    held = (await entitlements.held_by(connection, kind, [dossier]))[dossier]
    return due_of(known.grounds, parameters, day, entitlements.settled_among(held), known.blockers)


_LOADED: Mapping[DossierKind, Load] = {
    DossierKind.PARTNER_YEAR: load_partner_years,
    DossierKind.ORGANISATION: load_organisations,
    DossierKind.SPONSORED_CLASS: load_sponsored_classes,
}
