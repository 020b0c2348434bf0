"""Facts that awards itself writes, and the dossiers that each marks in the writer's transaction."""

from __future__ import annotations

from awards.policy.stacking import OF_ORGANISATIONS
from common.bus.fact import its
from common.work.own import own
from contracts.awards import Honour, PayeeKind, PriorPayment, Ruling


def _paid_for(payment: PriorPayment) -> str | None:
    """The person in whose dossier the scheme is decided."""
    return str(payment.person_id) if payment.person_id and payment.scheme not in OF_ORGANISATIONS else None


def _paid_to(payment: PriorPayment) -> str | None:
    """The organisation in whose dossiers the scheme is decided."""
    return str(payment.beneficiary_id) if payment.scheme in OF_ORGANISATIONS else None


def _person(ruling: Ruling) -> str | None:
    return str(ruling.beneficiary_id) if ruling.beneficiary_kind == PayeeKind.PERSON else None


def _organisation(ruling: Ruling) -> str | None:
    """What is owed to it stands in its own dossier, in those of persons, of partner-years and of sponsored classes."""
    return str(ruling.beneficiary_id) if ruling.beneficiary_kind == PayeeKind.ORGANISATION else None


own_facts = (
    own(Honour, names={"person": its("person_id")}),
    own(PriorPayment, names={"person": _paid_for, "organisation": _paid_to, "payee-years": _paid_to, "sponsor": _paid_to}),
    own(Ruling, names={"person": _person, **dict.fromkeys(("organisation", "payee", "payee-years", "sponsor"), _organisation)}),
)
