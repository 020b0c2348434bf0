"""What can be done to an earlier payment: it is loaded, or withdrawn because it was entered in error."""

from datetime import date
from uuid import UUID

from awards import replicas
from awards.prior_payments.model import NATURAL_KEY, AlreadyLoaded, PriorPayment, TooLittleTold
from common.bus.lookup import ids_by_field
from common.refusal import Fault
from common.work import Work
from contracts.awards import PayeeKind


async def load_prior_payment(
    work: Work,
    *,
    scheme: str,
    beneficiary_kind: PayeeKind,
    beneficiary_id: UUID,
    person_id: UUID | None,
    occupation: str | None,
    level_code: int | None,
    year: int | None,
    amount_fen: int,
    paid_on: date,
    paper_number: str,
) -> PriorPayment:
    """Raises SchemeNotTold, TooLittleTold, PaidInFuture, AlreadyLoaded."""
    payment = PriorPayment(
        scheme=scheme,
        beneficiary_kind=beneficiary_kind,
        beneficiary_id=beneficiary_id,
        # What was paid to a person was paid for him.
        person_id=beneficiary_id if beneficiary_kind is PayeeKind.PERSON else person_id,
        occupation=occupation,
        level_code=level_code,
        year=year,
        amount_fen=amount_fen,
        paid_on=paid_on,
        paper_number=paper_number,
    )
    payment.must_be_past(work.business_day)
    payment.must_tell_what_it_paid_for()
    if (occupation is None) != (level_code is None):
        raise TooLittleTold(faults=[Fault("/level_code", "职业与等级须同时填写")])
    if occupation and not await ids_by_field(work.session, replicas.occupations, "occupation", [occupation]):
        raise TooLittleTold(faults=[Fault("/occupation", "职业目录中没有这个版本和编码")])
    if await work.lock_by(PriorPayment, verb="loaded", **{name: getattr(payment, name) for name in NATURAL_KEY}):
        raise AlreadyLoaded
    return work.add(payment, verb="loaded")


async def withdraw_prior_payment(work: Work, prior_payment_id: UUID) -> PriorPayment:
    """It was entered in error: from today on it counts as never paid. Raises NotFound, AlreadyWithdrawn."""
    payment = await work.lock(PriorPayment, prior_payment_id, verb="withdrawn")
    return payment.withdraw(work.business_day)
