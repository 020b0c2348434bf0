"""What stands in the way of paying, and since when: earlier payments, people's findings, benefits of others, fraud, a higher level."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from awards.kernel.stacking import Claim
from awards.policy import facts
from awards.policy.days import ONE_DAY, Span, span
from awards.policy.dossier import City, OrganisationFacts, PersonFacts, SponsoredClassFacts
from awards.policy.stacking import PAID_FOR, Stands

FRAUD = "FRAUD"
INSURANCE_BENEFIT = "UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY"
_BY_ENTITLEMENT = ("REMOVED", "RENOUNCED")
BANNED = "BANNED"


class Blocker(NamedTuple):
    """What blocks as a claim of the stacking table, by its name, and on which days."""

    name: tuple[str, str]
    claim: Claim
    days: Span

    def turns_after(self, today: date) -> Iterator[date]:
        """The days to come on which it begins or ceases to block."""
        if self.days.first > self.days.last:
            return
        if self.days.first > today:
            yield self.days.first
        if today <= self.days.last < date.max:
            yield self.days.last + ONE_DAY


def of_a_person(person: PersonFacts, city: City) -> tuple[Blocker, ...]:
    """Of a person, under whatever id it was entered, and of the organisations to which something may be owed for him."""
    ids = {person.id, *person.aliases}
    return (
        *_prior_payments(person.findings.prior_payments, city, person.id, ids),
        *_rulings(person.findings.rulings, person.id, ids),
        *_bans(city.bans),
        *_other_benefits(person, city),
    )


def of_others(known: OrganisationFacts | SponsoredClassFacts, city: City) -> tuple[Blocker, ...]:
    """Of an organisation, or of the sponsors of a class."""
    findings = known.findings
    return (*_prior_payments(findings.prior_payments, city), *_rulings(findings.rulings), *_bans(city.bans))


def _prior_payments(
    payments: Iterable[facts.PriorPayment], city: City, person_id: UUID | None = None, ids: Collection[UUID] = ()
) -> Iterator[Blocker]:
    for each in payments:
        to_a_person = each.person_id is None and each.beneficiary_kind == "PERSON"
        for_whom = each.beneficiary_id if to_a_person else each.person_id
        subject: dict[str, Any] = {
            "person": person_id if for_whom in ids else for_whom,
            "payee": person_id if each.beneficiary_id in ids else each.beneficiary_id,
            "occupation_group": None if each.occupation is None else city.group(each.occupation),
            "level_code": each.level_code,
            "year": each.year,
            "of_scheme": each.scheme,
        }
        subject["paid_for"] = paid_for(each.scheme, subject)
        claim = Claim(each.scheme, subject, each.amount_fen, each.paid_on, is_settled=True, blocks=Stands.PRIOR_PAYMENT)
        yield Blocker((Stands.PRIOR_PAYMENT, str(each.id)), claim, span(each.paid_on, None, each.withdrawn_on))


def paid_for(scheme: str, subject: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What was paid for, by the facts that tell it; None when one of them is unknown or the scheme has none."""
    told = tuple(subject.get(name) for name in PAID_FOR.get(scheme, ()))
    return told if told and None not in told else None


def _rulings(rulings: Iterable[facts.Ruling], person_id: UUID | None = None, ids: Collection[UUID] = ()) -> Iterator[Blocker]:
    for each in rulings:
        days = span(each.first_on, each.last_on, each.reversed_on)
        if each.kind in _BY_ENTITLEMENT:
            subject = {"entitlement": (each.scheme, _rekeyed(each.entitlement_key or "", person_id, ids))}
            claim = Claim("", subject, 0, each.first_on, is_settled=True, blocks=Stands.RULING)
            yield Blocker((Stands.RULING, str(each.id)), claim, days)
        elif each.kind == BANNED and each.beneficiary_id in ids:
            claim = Claim("", {"person": person_id}, 0, each.first_on, blocks=Stands.BAN)
            yield Blocker((Stands.RULING, str(each.id)), claim, days)


def _rekeyed(key: str, person_id: UUID | None, ids: Collection[UUID]) -> str:
    """An entitlement's key as it is called since its person goes by another id."""
    known_as = set(map(str, ids))
    return "/".join(str(person_id) if part in known_as else part for part in key.split("/"))


def _bans(bans: Iterable[facts.Ruling]) -> Iterator[Blocker]:
    for each in bans:
        claim = Claim("", {"payee": each.beneficiary_id}, 0, each.first_on, blocks=Stands.BAN)
        yield Blocker((Stands.RULING, str(each.id)), claim, span(each.first_on, each.last_on, each.reversed_on))


def _other_benefits(person: PersonFacts, city: City) -> Iterator[Blocker]:
    """A benefit that was paid to the person blocks what would be paid to him."""
    for each in person.other_benefits:
        if each.scheme == INSURANCE_BENEFIT:
            subject = {
                "person": person.id,
                "payee": person.id,
                "occupation_group": city.group(each.occupation),
                "level_code": each.level_code,
            }
            claim = Claim("", subject, 0, each.paid_on, blocks=Stands.OTHER_BENEFIT)
            yield Blocker((Stands.OTHER_BENEFIT, str(each.id)), claim, span(each.paid_on, None, each.withdrawn_on))
