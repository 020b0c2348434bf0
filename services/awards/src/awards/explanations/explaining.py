"""Explaining: a held entitlement from its decision record; a person, an organisation, a student of a sponsored class from what is known now;
a partner's year placement by placement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from awards.equipment import Equipment
from awards.kernel.explanation import Explanation, Line, explain, lines
from awards.kernel.kinds import Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.policy.due import EARLIER_DELIVERY, due_of, person_due
from awards.policy.grounds import OF_A_PERSON, OF_AN_ORGANISATION, grounds_of
from awards.policy.grounds.delivery import Delivery, PartnerYear
from awards.policy.grounds.sponsored_place import SponsoredPlace
from awards.policy.names import Key, key_of, schemes_on
from awards.policy.schemes import BY_ID, SCHEMES
from awards.policy.schemes.partner_bonus import delivered, partner_bonus
from awards.policy.schemes.sponsored_class import sponsored_class
from awards.policy.stacking import Stands
from awards.reconciling import entitlements
from awards.reconciling.loading import load_persons
from awards.reconciling.merged import merged, settled_of
from awards.reconciling.organisations import load_organisations, load_sponsored_classes


@dataclass(frozen=True)
class Explained:
    """One ground under one scheme, and which other entitlement displaces it."""

    explanation: Explanation
    displaced_by: Key | None = None
    left_fen: int = 0
    """What is owed although displaced."""

    @property
    def text(self) -> str:
        """All of it, as it is read out."""
        return f"{self.explanation}\n{self.displaced}" if self.displaced else str(self.explanation)

    @property
    def displaced(self) -> str:
        """By what, in words; empty when by nothing."""
        if self.displaced_by is None:
            return ""
        left = f"；补足差额 {Unit.FEN.show(self.left_fen)}" if self.left_fen else ""
        return f"{why_displaced(self.displaced_by)}{left}"

    @property
    def due_fen(self) -> int:
        """What is owed in the end."""
        return self.explanation.amount_fen if self.displaced_by is None else self.left_fen


_STANDS = {
    Stands.PRIOR_PAYMENT: "不重复补贴：系统启用前已就同一事项支付",
    Stands.RULING: "不予支付：已作出裁定（取消、放弃，或在限制期内）",
    Stands.OTHER_BENEFIT: "不重复补贴：本人已就同一职业同一等级享受失业保险技能提升补贴",
    Stands.HIGHER_LEVEL: "不重复补贴：本人此前已持有同一职业更高等级的证书",
}


def why_displaced(by: Key) -> str:
    """The winner, or what stands in the way, in words."""
    if by.scheme in BY_ID:
        return f"不重复补贴：同一职业同一等级的培训已计入另一项《{BY_ID[by.scheme].title}》"
    return f"{_STANDS[Stands(by.scheme)]}，编号 {by.key}"


async def explain_person(connection: asyncpg.Connection, equipment: Equipment, person_id: UUID, today: date) -> dict[str, list[Explained]]:
    """Every scheme that is judged by person, each ground of his under it; a scheme of which he has no ground has an empty list."""
    parameters = await equipment.figures(connection)
    (person,), city = await load_persons(connection, equipment.registers, [str(person_id)])
    due = person_due(person, city, parameters, today, await settled_of(connection, person))
    displaced = {(owed.scheme.id, owed.ground): (owed.displaced_by, owed.left_fen) for owed in due.owed}
    found: dict[str, list[Explained]] = {scheme.id: [] for scheme in SCHEMES if scheme.ground in OF_A_PERSON}
    for ground in due.grounds:
        for scheme in schemes_on(ground):
            explanation = explain(scheme, ground, parameters, today)
            if explanation.outcome is not Outcome.NOT_CONCERNED:
                # Of two grounds of one key (two certificates of one class) only one is owed: the other is told so.
                twin = key_of(scheme, ground) if explanation.outcome is Outcome.GRANTED else None
                found[scheme.id].append(Explained(explanation, *displaced.get((scheme.id, ground), (twin, 0))))
    return found


async def explain_organisation(
    connection: asyncpg.Connection, equipment: Equipment, organisation_id: UUID, today: date
) -> dict[str, list[Explained]]:
    """Every scheme that is judged by organisation, each ground of this one under it."""
    dossier = str(organisation_id)
    known = (await load_organisations(connection, equipment.registers, [dossier]))[dossier]
    parameters = await equipment.figures(connection)
    held = (await entitlements.held_by(connection, "organisation", [dossier]))[dossier]
    due = due_of(known.grounds, parameters, today, entitlements.settled_among(held), known.blockers)
    displaced = {(owed.scheme.id, owed.ground): (owed.displaced_by, owed.left_fen) for owed in due.owed}
    found: dict[str, list[Explained]] = {scheme.id: [] for scheme in SCHEMES if scheme.ground in OF_AN_ORGANISATION}
    for ground in known.grounds:
        for scheme in schemes_on(ground):
            told = explain(scheme, ground, parameters, today)
            found[scheme.id].append(Explained(told, *displaced.get((scheme.id, ground), (None, 0))))
    return found


async def explain_sponsored_places(
    connection: asyncpg.Connection, equipment: Equipment, sponsored_class_id: UUID, student_id: UUID, today: date
) -> list[tuple[SponsoredPlace, Explained]]:
    """What is matched for one student of a class, sponsor by sponsor; of sponsors that paid nothing for him nothing is said."""
    dossier = str(sponsored_class_id)
    known = (await load_sponsored_classes(connection, equipment.registers, [dossier]))[dossier]
    parameters = await equipment.figures(connection)
    held = (await entitlements.held_by(connection, "sponsored-class", [dossier]))[dossier]
    due = due_of(known.grounds, parameters, today, entitlements.settled_among(held), known.blockers)
    return [
        (place, Explained(explain(sponsored_class, place, parameters, today), owed.displaced_by, owed.left_fen))
        for owed in due.owed
        if isinstance(place := owed.ground, SponsoredPlace) and place.person == student_id
    ]


def explain_partner_year(ground: PartnerYear, parameters: Parameters, today: date) -> tuple[Explanation, int]:
    """The year in words, and what one more person would add in fen."""
    more = ground.but(persons=(ground.persons or 0) + 1)
    _, now = partner_bonus.decide(ground, parameters, today)
    _, then = partner_bonus.decide(more, parameters, today)
    return explain(partner_bonus, ground, parameters, today), then - now


@dataclass(frozen=True)
class PlacementExplained:
    """One placement: whether it counts for its partner (None: that is undecided), each condition, and what an undecided one awaits."""

    placement_id: UUID
    person_id: UUID
    counts: bool | None
    lines: Sequence[Line]
    awaits: str | None


async def explain_placements(
    connection: asyncpg.Connection, equipment: Equipment, placements: Iterable[tuple[UUID, UUID]], today: date
) -> list[PlacementExplained]:
    """These placements (id and person), in order."""
    asked = list(placements)
    ids = list(dict.fromkeys(str(person_id) for _, person_id in asked))
    known = await merged(connection, ids)
    parameters = await equipment.figures(connection)
    persons, city = await load_persons(connection, equipment.registers, list(dict.fromkeys(map(known.owner, ids))))
    explained: dict[UUID, PlacementExplained] = {}
    for person in persons:
        rows = [ground for ground in grounds_of(person, city, OF_A_PERSON) if isinstance(ground, Delivery)]
        counted = delivered.counted(rows, parameters, today)
        counts = dict.fromkeys((row.identity for row in counted.surely), True) | dict.fromkeys(row.identity for row in counted.undecided)
        for row in rows:
            explained[row.identity[0]] = _explained(row, parameters, today, counts=counts.get(row.identity, False))
    return [explained[placement] for placement, _ in asked if placement in explained]


def _explained(ground: Delivery, parameters: Parameters, today: date, *, counts: bool | None) -> PlacementExplained:
    told = lines(delivered.requirements, delivered.sight(ground, parameters, today))
    placement, person = ground.identity[0], ground.person
    assert person is not None
    awaits = delivered.awaits(ground, parameters, today) or EARLIER_DELIVERY if counts is None else None
    return PlacementExplained(placement, person, counts, told, awaits)
