"""What is due: the pure entries of the policy. Facts, figures and a day in; grounds, claims and the day to look again out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from awards.kernel.ground import Ground
from awards.kernel.kinds import Outcome
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.terms import Sight
from awards.policy.blockers import Blocker, of_a_person
from awards.policy.dossier import City, PersonFacts
from awards.policy.grounds import OF_A_PERSON, grounds_of
from awards.policy.grounds.delivery import Delivery
from awards.policy.names import Key, key_of, schemes_on
from awards.policy.schemes.partner_bonus import delivered
from awards.policy.stacked import NOTHING_SETTLED, Owed, Settled, fallen_by_fraud, higher_levels, stacked

BY_PREFERENCE = (Outcome.GRANTED, Outcome.ACCRUING, Outcome.HELD, Outcome.AWAITING, Outcome.DISABLED, Outcome.REFUSED)
"""Of two grounds of one key the one whose outcome stands earlier counts."""

EARLIER_DELIVERY = "同一人更早的输送记录"
"""What a placement waits for that meets every condition itself: one person counts once, for the earliest (A52)."""


class Undecided(NamedTuple):
    """A placement that may count for its partner, and what has to be known for it."""

    delivery: Delivery
    awaits: str


@dataclass(frozen=True, kw_only=True)
class Due:
    """Everything that follows from the facts of one dossier."""

    grounds: tuple[Ground, ...]
    owed: tuple[Owed, ...]
    """One for each scheme and key that concerns it, the refused ones too."""
    look_again_on: date | None


@dataclass(frozen=True, kw_only=True)
class PersonDue(Due):
    """A person's, with the partner that delivered him."""

    delivery: Delivery | None
    """The one placement that counts for a partner (A52)."""
    undecided: tuple[Undecided, ...]
    """Instead of it: at most one placement for each partner and year for which he may count."""


def due_of(
    grounds: tuple[Ground, ...],
    parameters: Parameters,
    today: date,
    settled: Mapping[Key, Settled] = NOTHING_SETTLED,
    blockers: Sequence[Blocker] = (),
) -> Due:
    """What the grounds of one dossier lead to. `settled`: what has been paid already is never displaced by something later (A43)."""
    judged = [_judge(scheme, ground, parameters, today) for ground in grounds for scheme in schemes_on(ground)]
    owed = once_per_key(owed for owed, _ in judged if owed)
    turns = (day for blocker in blockers for day in blocker.turns_after(today))
    return Due(
        grounds=grounds,
        owed=stacked(owed, settled, [blocker for blocker in blockers if blocker.days.covers(today)]),
        look_again_on=_earliest([*(again for _, again in judged), *(turns if owed else ())]),
    )


def person_due(
    person: PersonFacts, city: City, parameters: Parameters, today: date, settled: Mapping[Key, Settled] = NOTHING_SETTLED
) -> PersonDue:
    """What a person's facts lead to."""
    grounds = grounds_of(person, city, OF_A_PERSON)
    blockers = (
        *of_a_person(person, city),
        *fallen_by_fraud(person, grounds, parameters, today),
        *higher_levels(person, city, grounds, parameters, today),
    )
    due = due_of(grounds, parameters, today, settled, blockers)
    placed = [ground for ground in due.grounds if isinstance(ground, Delivery)]
    counted = delivered.counted(placed, parameters, today)
    again = [delivered.look_again_on(delivered.sight(row, parameters, today)) for row in placed]
    return PersonDue(
        grounds=due.grounds,
        owed=due.owed,
        delivery=counted.surely[0] if counted.surely else None,
        undecided=_once_per_partner_year(counted.undecided, parameters, today),
        look_again_on=_earliest([due.look_again_on, *again]),
    )


def _earliest(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day), default=None)


def _once_per_partner_year(undecided: Iterable[Delivery], parameters: Parameters, today: date) -> tuple[Undecided, ...]:
    first: dict[tuple[Any, ...], Delivery] = {}
    for row in undecided:
        first.setdefault(delivered.group(row), row)
    return tuple(Undecided(row, delivered.awaits(row, parameters, today) or EARLIER_DELIVERY) for row in first.values())


def _judge(scheme: Scheme[Any], ground: Ground, parameters: Parameters, today: date) -> tuple[Owed | None, date | None]:
    at = scheme.sight(ground, parameters, today)
    outcome, fen = scheme.judge(at)
    if outcome is Outcome.NOT_CONCERNED:
        return None, None
    return _owed(scheme, ground, at, outcome, fen), scheme.look_again_on(at)


def _owed(scheme: Scheme[Any], ground: Ground, at: Sight, outcome: Outcome, fen: int) -> Owed:
    payee = scheme.paid_to(at)
    unit, payee_id = (payee.unit, payee.value(at)) if payee is not None else (None, None)
    return Owed(scheme, key_of(scheme, ground), ground, outcome, fen, unit, payee_id, ground.__dict__.get("person"))


def once_per_key(owed: Iterable[Owed]) -> list[Owed]:
    """Of several grounds of one key the one that is nearest to payment, then the one that the scheme prefers; else the higher, the earlier."""

    def preference(each: Owed) -> tuple[Any, ...]:
        order = each.scheme.order(each.ground)
        sums = (order, -each.fen) if each.scheme.prefer else (-each.fen, order)
        # What two schemes prefer by cannot be compared, and need not be: they never share a key.
        return BY_PREFERENCE.index(each.outcome), each.scheme.id, *sums, each.ground.identity

    first: dict[Key, Owed] = {}
    for each in sorted(owed, key=preference):
        first.setdefault(each.name, each)
    return list(first.values())
