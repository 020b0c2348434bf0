"""What is due: the pure entries of the policy. Facts, figures and a day in; grounds, claims and the day to look again out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from awards.kernel.ground import Ground
from awards.kernel.kinds import Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.stacking import Claim, displaced_by
from awards.policy.dossier import City, PersonFacts
from awards.policy.grounds.arrival import arrivals
from awards.policy.grounds.certification import certifications
from awards.policy.grounds.delivery import Delivery, PartnerYear, deliveries
from awards.policy.grounds.participation import participations
from awards.policy.schemes import SCHEMES
from awards.policy.schemes.partner_bonus import delivered, partner_bonus
from awards.policy.stacking import STACKING

PREPARED_FROM_A_PERSON: tuple[Callable[[PersonFacts, City], Iterator[Ground]], ...] = (
    participations,
    certifications,
    arrivals,
    deliveries,
)
_HELD_BY_PREFERENCE = (Outcome.GRANTED, Outcome.ACCRUING, Outcome.HELD, Outcome.AWAITING)
"""Outcomes that are held as a row; of two grounds of one key the earlier in this order counts."""


class Key(NamedTuple):
    """An entitlement's name: owed once."""

    scheme: str
    key: str


@dataclass(frozen=True)
class Owed:
    """What one scheme says about one key: granted, accruing, held back or awaiting material."""

    scheme: Scheme[Any]
    name: Key
    ground: Ground
    outcome: Outcome
    fen: int
    payee_unit: Unit
    payee: UUID
    person: UUID | None
    displaced_by: Key | None = None


@dataclass(frozen=True)
class PersonDue:
    """Everything that follows from one person's facts."""

    grounds: tuple[Ground, ...]
    owed: tuple[Owed, ...]
    delivery: Delivery | None
    """The one placement that counts for a partner (A52)."""
    look_again_on: date | None


def grounds_of(person: PersonFacts, city: City) -> tuple[Ground, ...]:
    """Every ground of the person, of every kind."""
    return tuple(ground for prepare in PREPARED_FROM_A_PERSON for ground in prepare(person, city))


def schemes_on(ground: Ground) -> Iterable[Scheme[Any]]:
    """The schemes that judge grounds of this kind."""
    return (scheme for scheme in SCHEMES if isinstance(ground, scheme.ground))


def person_due(person: PersonFacts, city: City, parameters: Parameters, today: date, settled: frozenset[Key] = frozenset()) -> PersonDue:
    """What a person's facts lead to. `settled`: what has been paid already is never displaced by something later (A43)."""
    grounds = grounds_of(person, city)
    judged = [
        (owed, again) for ground in grounds for scheme in schemes_on(ground) for owed, again in [_judge(scheme, ground, parameters, today)]
    ]
    placed = [ground for ground in grounds if isinstance(ground, Delivery)]
    counted = delivered.counted(placed, parameters, today)
    days = [again for _, again in judged] + [delivered.look_again_on(delivered.sight(row, parameters, today)) for row in placed]
    return PersonDue(
        grounds=grounds,
        owed=stacked(once_per_key(owed for owed, _ in judged if owed), settled),
        delivery=counted[0] if counted else None,
        look_again_on=min((day for day in days if day), default=None),
    )


def partner_year_due(ground: PartnerYear, parameters: Parameters, today: date) -> tuple[Owed | None, date | None]:
    """What a partner is owed for a year, and the day to look again."""
    return _judge(partner_bonus, ground, parameters, today)


def _judge(scheme: Scheme[Any], ground: Ground, parameters: Parameters, today: date) -> tuple[Owed | None, date | None]:
    outcome, fen = scheme.decide(ground, parameters, today)
    if outcome is Outcome.NOT_CONCERNED:
        return None, None
    at = scheme.sight(ground, parameters, today)
    look_again_on = scheme.look_again_on(at)
    payee = scheme.paid_to(at)
    payee_id = payee.value(at) if payee is not None else None
    # A ground whose class has not arrived names no payee yet: there is nobody to hold a row for.
    if outcome not in _HELD_BY_PREFERENCE or payee is None or payee_id is None:
        return None, look_again_on
    name = Key(scheme.id, "/".join(str(part) for part in scheme.key(ground)))
    person: UUID | None = ground.__dict__.get("person")
    return Owed(scheme, name, ground, outcome, fen, payee.unit, payee_id, person), look_again_on


def once_per_key(owed: Iterable[Owed]) -> list[Owed]:
    """Of several grounds of one key the one that is nearest to payment, the higher, the earlier."""

    def preference(each: Owed) -> tuple[Any, ...]:
        return _HELD_BY_PREFERENCE.index(each.outcome), -each.fen, each.scheme.order(each.ground), each.ground.identity

    first: dict[Key, Owed] = {}
    for each in sorted(owed, key=preference):
        first.setdefault(each.name, each)
    return list(first.values())


def stacked(owed: Sequence[Owed], settled: frozenset[Key]) -> tuple[Owed, ...]:
    """The same, each loser of a pair with the name of the one that displaces it (A43)."""
    granted = [each for each in owed if each.outcome is Outcome.GRANTED]
    winners = displaced_by([_claim(each, settled) for each in granted], STACKING)
    lost: Mapping[Key, Key] = {each.name: granted[winner].name for each, winner in zip(granted, winners, strict=True) if winner is not None}
    return tuple(replace(each, displaced_by=lost[each.name]) if each.name in lost else each for each in owed)


def _claim(owed: Owed, settled: frozenset[Key]) -> Claim:
    judged_on = owed.ground.__dict__[owed.scheme.judged_on.name]
    return Claim(owed.scheme.id, owed.ground.__dict__, owed.fen, judged_on, is_settled=owed.name in settled)
