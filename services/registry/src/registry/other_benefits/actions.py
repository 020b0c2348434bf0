"""What can be done to a payment by others."""

from datetime import date
from uuid import UUID

from common.work import Work
from registry.other_benefits.model import OtherBenefit, OtherBenefitAlreadyReported
from registry.people.model import Person


async def report_other_benefit(work: Work, benefit: OtherBenefit) -> OtherBenefit:
    """Enter what others paid. Raises NotFound (person), PaidInFuture, NothingPaid, OtherBenefitAlreadyReported."""
    await work.read(Person, benefit.person_id)
    benefit.must_not_be_paid_after(work.business_day)
    benefit.amount_to(benefit.amount_fen)
    known = await work.lock_by(
        OtherBenefit, verb="reported", person_id=benefit.person_id, scheme=benefit.scheme, occupation=benefit.occupation,
        level_code=benefit.level_code, paid_on=benefit.paid_on,
    )  # fmt: skip
    if known is not None:
        raise OtherBenefitAlreadyReported
    return work.add(benefit, verb="reported")


async def correct_other_benefit(work: Work, other_benefit_id: UUID, *, amount_fen: int) -> OtherBenefit:
    """Another amount was paid. Raises NotFound, NothingPaid, OtherBenefitAlreadyWithdrawn."""
    benefit = await work.lock(OtherBenefit, other_benefit_id, verb="reported")
    benefit.amount_to(amount_fen)
    return benefit


async def withdraw_other_benefit(work: Work, other_benefit_id: UUID, *, withdrawn_on: date | None) -> OtherBenefit:
    """It was paid back, or never paid; None takes that back.

    Raises NotFound, OtherBenefitAlreadyWithdrawn, OtherBenefitNotWithdrawn, WithdrawnBeforePaid.
    """
    benefit = await work.lock(OtherBenefit, other_benefit_id, verb="withdrawn" if withdrawn_on else "reported")
    benefit.withdraw(withdrawn_on)
    return benefit
