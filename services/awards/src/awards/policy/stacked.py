"""All that is due from one dossier against each other, against what was paid, and against what stands in its way (A43)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.stacking import Claim, displaced_by
from awards.policy.blockers import FRAUD, Blocker, paid_for
from awards.policy.days import Span
from awards.policy.dossier import City, PersonFacts
from awards.policy.names import Key, key_of, schemes_on
from awards.policy.stacking import COST_TYPE, HIGHER_LEVEL_MAY_BE_PAID, STACKING, YEAR_OF, Stands

UNDECIDED = (Outcome.AWAITING, Outcome.DISABLED, Outcome.HELD)
"""What was paid and is now in doubt has not fallen: until it does, nobody else is paid for the same."""
_DUE_SOON = (Outcome.GRANTED, Outcome.ACCRUING)


class Settled(NamedTuple):
    """What has been paid of an entitlement. `is_topped_up`: it was the difference to another."""

    fen: int
    is_topped_up: bool = False


NOTHING_SETTLED: Mapping[Key, Settled] = {}


@dataclass(frozen=True)
class Owed:
    """What one scheme says about one key. `payee` is None while a missing fact leaves it open."""

    scheme: Scheme[Any]
    name: Key
    ground: Ground
    outcome: Outcome
    fen: int
    payee_unit: Unit | None
    payee: UUID | None
    person: UUID | None
    displaced_by: Key | None = None
    """Another entitlement, or what else stands in the way (`Stands`), with its id."""
    left_fen: int = 0
    """What is owed although displaced: the difference to what the same payee was paid."""


def stacked(owed: Sequence[Owed], settled: Mapping[Key, Settled], blockers: Sequence[Blocker]) -> tuple[Owed, ...]:
    """The same, each loser with the name of what displaces it."""
    rivals = [each for each in owed if each.outcome in _DUE_SOON or (each.name in settled and each.outcome in UNDECIDED)]
    if not rivals or len(rivals) + len(blockers) < 2:
        return tuple(owed)
    claims = [_claim(each, settled) for each in rivals] + [blocker.claim for blocker in blockers]
    names = [each.name for each in rivals] + [Key(*blocker.name) for blocker in blockers]
    found = displaced_by(claims, STACKING)
    lost = {
        each.name: (names[displacement.by], displacement.left_fen)
        for each, displacement in zip(rivals, found, strict=False)
        if displacement is not None and each.outcome in _DUE_SOON
    }
    return tuple(
        replace(each, displaced_by=lost[each.name][0], left_fen=lost[each.name][1]) if each.name in lost else each for each in owed
    )


def _claim(owed: Owed, settled: Mapping[Key, Settled]) -> Claim:
    paid = settled.get(owed.name)
    fen = owed.fen if owed.outcome in _DUE_SOON or paid is None else paid.fen
    return Claim(
        owed.scheme.id, _subject(owed.scheme, owed.name, owed.ground, owed.payee), fen, owed.ground.__dict__[owed.scheme.judged_on.name],
        is_settled=paid is not None, is_topped_up=paid is not None and paid.is_topped_up,
    )  # fmt: skip


def _subject(scheme: Scheme[Any], name: Key, ground: Ground, payee: UUID | None) -> dict[str, Any]:
    subject = {**ground.__dict__, "of_scheme": scheme.id, "entitlement": tuple(name), "payee": payee}
    if scheme.id in YEAR_OF and subject[YEAR_OF[scheme.id]] is not None:
        subject["year"] = subject[YEAR_OF[scheme.id]].year
    subject["paid_for"] = paid_for(scheme.id, subject)
    return subject


def fallen_by_fraud(person: PersonFacts, grounds: Iterable[Ground], parameters: Parameters, today: date) -> Iterator[Blocker]:
    """What would be due had its certificate not been revoked for fraud: nothing of that class that yielded to it comes back (A43)."""
    frauds = {each.id for each in person.certificates if each.revocation_reason == FRAUD}
    for ground in grounds if frauds else ():
        if ground.__dict__.get("certificate") in frauds and "revoked_on" in ground.facts:
            for scheme in schemes_on(ground):
                unrevoked = ground.but(revoked_on=NEVER)
                at = scheme.sight(unrevoked, parameters, today)
                outcome, fen = scheme.judge(at)
                if scheme.id in COST_TYPE and outcome is Outcome.GRANTED:
                    subject = _subject(scheme, key_of(scheme, ground), ground, None)
                    yield Blocker(key_of(scheme, ground), Claim(scheme.id, subject, fen, at.judged_on, blocks=Stands.FRAUD), Span(date.min))


def higher_levels(person: PersonFacts, city: City, grounds: Iterable[Ground], parameters: Parameters, today: date) -> Iterator[Blocker]:
    """Certificates of a higher level, held already on the ground's day, where the city pays nobody for less than he can (A43)."""
    for ground in grounds:
        for scheme in schemes_on(ground) if person.certificates else ():
            day, level = ground.__dict__[scheme.judged_on.name], ground.__dict__.get("level_code")
            may_be_paid = parameters.in_force(day).values.get(HIGHER_LEVEL_MAY_BE_PAID.name, True)
            if scheme.id not in COST_TYPE or may_be_paid or level is None:
                continue
            for held in person.certificates:
                is_higher = held.level_code < level and city.group(held.occupation) == ground.__dict__["occupation_group"]
                if is_higher and held.issued_on < day and (held.revoked_on is None or today < held.revoked_on):
                    claim = Claim("", {"entitlement": tuple(key_of(scheme, ground))}, 0, held.issued_on, blocks=Stands.HIGHER_LEVEL)
                    yield Blocker((Stands.HIGHER_LEVEL, str(held.id)), claim, Span(date.min))
