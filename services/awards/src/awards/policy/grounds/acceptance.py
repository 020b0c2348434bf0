"""Acceptance (验收): a demonstration base was accepted as built. Ground of the award to demonstration bases (R6.d)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Fen, Unit
from awards.policy.days import span
from awards.policy.dossier import City, OrganisationFacts

DEMONSTRATION_BASE = "DEMONSTRATION_BASE"


class Acceptance(Ground):
    identified_by: ClassVar = ("recognition",)

    training_base: Fact[UUID] = fact("示范实训（培训）基地", Unit.ORGANISATION)
    recognition: Fact[UUID] = fact("基地认定", Unit.RECORD)
    recognised_from: Fact[date] = fact("认定起始日", Unit.DAY, never="认定即被撤销")
    recognised_until: Fact[date] = fact("认定截止日", Unit.DAY, never="长期有效")
    accepted_on: Fact[date] = fact("验收日", Unit.DAY, never="尚未验收", open_until="recognised_until")
    investment_fen: Fact[Fen] = fact("验收认定的投入", Unit.FEN)


def acceptances(organisation: OrganisationFacts, _city: City) -> Iterator[Acceptance]:
    """One for each time that the organisation was recognised as a demonstration base, accepted or not yet."""
    for recognised in organisation.recognitions:
        if recognised.kind != DEMONSTRATION_BASE:
            continue
        days = span(recognised.valid_from, recognised.valid_to, recognised.withdrawn_on)
        yield Acceptance(
            training_base=recognised.organisation_id,
            recognition=recognised.id,
            recognised_from=days.first if days.first <= days.last else NEVER,
            recognised_until=days.last,
            accepted_on=recognised.accepted_on or NEVER,
            investment_fen=None if recognised.investment_fen is None else Fen(recognised.investment_fen),
        )
