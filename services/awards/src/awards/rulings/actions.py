"""What can be done to a ruling: propose, decide, decline, reverse."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from awards.entitlements.model import Entitlement
from awards.rulings.model import AlreadyRuled, Ruling, RulingConcernsNothing, RulingState
from common.refusal import NotFound
from common.work import Work
from contracts.awards import PayeeKind, RulingKind

_OF_ONE = (RulingKind.REMOVED, RulingKind.RENOUNCED)


class Concerns(NamedTuple):
    """Whom it concerns, and which one entitlement."""

    beneficiary_kind: PayeeKind
    beneficiary_id: UUID
    scheme: str | None
    entitlement_key: str | None


async def propose_ruling(
    work: Work,
    *,
    kind: RulingKind,
    entitlement_id: UUID | None,
    beneficiary_kind: PayeeKind | None,
    beneficiary_id: UUID | None,
    scheme: str | None,
    entitlement_key: str | None,
    first_on: date,
    last_on: date | None,
    paper_number: str,
    reason: str,
) -> Ruling:
    """It changes nothing until another decides. Raises NotFound, RulingConcernsNothing, OnlyBansEnd, EndsBeforeItBegins, AlreadyRuled."""
    if entitlement_id is not None and kind is not RulingKind.BANNED:
        concerns = await _of_entitlement(work, entitlement_id)
    else:
        concerns = _of_beneficiary(kind, beneficiary_kind, beneficiary_id, scheme, entitlement_key)
    ruling = Ruling(
        kind=kind,
        beneficiary_kind=concerns.beneficiary_kind,
        beneficiary_id=concerns.beneficiary_id,
        scheme=concerns.scheme,
        entitlement_key=concerns.entitlement_key,
        first_on=first_on,
        last_on=last_on,
        paper_number=paper_number,
        reason=reason,
        proposed_by=work.actor.subject,
    )
    ruling.must_end_after_it_begins()
    same = select(Ruling.id).filter_by(kind=kind, scheme=ruling.scheme, entitlement_key=ruling.entitlement_key)
    open_ = same.where(col(Ruling.state).in_([RulingState.PROPOSED, RulingState.MADE]))
    if ruling.scheme is not None and await work.session.scalar(open_):
        raise AlreadyRuled
    return work.add(ruling, verb="proposed")


async def _of_entitlement(work: Work, entitlement_id: UUID) -> Concerns:
    """The person for whom it is owed, or else whoever is paid."""
    row = await work.session.get(Entitlement, entitlement_id)
    if row is None:
        raise NotFound("没有这项权益")
    if row.dossier_kind == "person" and row.person_id is not None:
        return Concerns(PayeeKind.PERSON, row.person_id, row.scheme, row.entitlement_key)
    return Concerns(row.payee_kind, row.payee_id, row.scheme, row.entitlement_key)


def _of_beneficiary(
    kind: RulingKind, beneficiary_kind: PayeeKind | None, beneficiary_id: UUID | None, scheme: str | None, entitlement_key: str | None
) -> Concerns:
    is_whole = scheme is None and entitlement_key is None
    is_one = scheme is not None and entitlement_key is not None
    if beneficiary_kind is None or beneficiary_id is None or kind in _OF_ONE or not (is_whole if kind is RulingKind.BANNED else is_one):
        raise RulingConcernsNothing
    return Concerns(beneficiary_kind, beneficiary_id, scheme, entitlement_key)


async def decide_ruling(work: Work, ruling_id: UUID) -> Ruling:
    """It is made: rules read it from now on. Raises NotFound, RulingIsDecided, RulingDecidedByItsProposer."""
    ruling = await work.lock(Ruling, ruling_id, verb="made")
    ruling.be_decided(work.actor.subject, shall=True)
    return ruling


async def decline_ruling(work: Work, ruling_id: UUID) -> Ruling:
    """It is not made. Raises NotFound, RulingIsDecided, RulingDecidedByItsProposer."""
    ruling = await work.lock(Ruling, ruling_id, verb="declined")
    ruling.be_decided(work.actor.subject, shall=False)
    return ruling


async def reverse_ruling(work: Work, ruling_id: UUID) -> Ruling:
    """From today on it counts for nothing. Raises NotFound, RulingNotInForce, RulingReversedByItsDecider."""
    ruling = await work.lock(Ruling, ruling_id, verb="reversed")
    ruling.be_reversed(work.actor.subject, work.business_day)
    return ruling
