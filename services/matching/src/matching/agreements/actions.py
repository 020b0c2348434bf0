"""What can be done to an agreement."""

from datetime import date
from uuid import UUID

from common.work import Work
from matching.agreements.model import Agreement, AgreementNumberTaken


async def sign_agreement(work: Work, agreement: Agreement) -> Agreement:
    """Raises AgreementReversed, AgreementNumberTaken."""
    agreement.must_be_in_order()
    if await work.lock_by(Agreement, verb="signed", number=agreement.number):
        raise AgreementNumberTaken
    return work.add(agreement, verb="signed")


async def renew_agreement(work: Work, agreement_id: UUID, *, expires_on: date) -> Agreement:
    """Raises NotFound, AgreementAlreadyEnded, NotLonger."""
    agreement = await work.lock(Agreement, agreement_id, verb="renewed")
    agreement.renew(expires_on)
    return agreement


async def end_agreement(work: Work, agreement_id: UUID, *, ended_on: date) -> Agreement:
    """From that day on it no longer counts. Raises NotFound, AgreementAlreadyEnded, AgreementReversed."""
    agreement = await work.lock(Agreement, agreement_id, verb="ended")
    agreement.end(ended_on)
    return agreement
