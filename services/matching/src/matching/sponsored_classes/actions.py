"""What can be done to a sponsored class. A school enrols its own students, an enterprise reports its own payments; clerks do both, and prove."""

from datetime import date
from uuid import UUID

from common.work import Work
from matching.sponsored_classes.model import SponsoredClass, SponsoredClassNumberTaken


async def open_sponsored_class(work: Work, course: SponsoredClass) -> SponsoredClass:
    """Raises OpensInFuture, SponsoredClassNumberTaken."""
    course.must_have_opened(work.business_day)
    if await work.lock_by(SponsoredClass, verb="opened", number=course.number):
        raise SponsoredClassNumberTaken
    return work.add(course, verb="opened")


async def enrol_student(work: Work, sponsored_class_id: UUID, *, person_id: UUID, enrolled_on: date) -> SponsoredClass:
    """Raises NotFound, SponsoredClassNotOpen, EnrolledOutsideItsTime, AlreadyInTheClass, SponsoredClassFull."""
    course = await _of_the_school(work, sponsored_class_id)
    course.enrol(person_id, on=enrolled_on, today=work.business_day)
    return course


async def let_student_leave(work: Work, sponsored_class_id: UUID, *, person_id: UUID, left_on: date) -> SponsoredClass:
    """Raises NotFound, SponsoredClassNotOpen, NotInTheClass, LeftOutsideItsTime, PaidAfterLeaving."""
    course = await _of_the_school(work, sponsored_class_id)
    course.leave(person_id, on=left_on, today=work.business_day)
    return course


async def report_payment(
    work: Work,
    sponsored_class_id: UUID,
    *,
    enterprise_id: UUID,
    student_id: UUID | None,
    paid_on: date,
    amount_fen: int,
    voucher_number: str,
) -> SponsoredClass:
    """Raises NotFound (another's money), SponsoredClassNotOpen, NothingPaid, PaidBeforeOpening, PaidInFuture, NotEnrolledThatDay,
    PaymentAlreadyReported, TooManyPayments.
    """
    work.actor.must_be_organisation(enterprise_id)
    course = await work.lock(SponsoredClass, sponsored_class_id, verb="changed")
    course.pay(
        enterprise_id, student_id=student_id, paid_on=paid_on, amount_fen=amount_fen, voucher_number=voucher_number, today=work.business_day
    )
    return course


async def prove_payment(work: Work, sponsored_class_id: UUID, *, payment_id: UUID, is_proven: bool) -> SponsoredClass:
    """Raises NotFound, SponsoredClassCancelled, PaymentAlreadyProven, PaymentNotProven."""
    course = await work.lock(SponsoredClass, sponsored_class_id, verb="changed")
    course.prove(payment_id, is_proven=is_proven)
    return course


async def refund_payment(work: Work, sponsored_class_id: UUID, *, payment_id: UUID, amount_fen: int) -> SponsoredClass:
    """Raises NotFound, NothingPaid, RefundAbovePayment."""
    course = await work.lock(SponsoredClass, sponsored_class_id, verb="changed")
    course.refund(payment_id, amount_fen=amount_fen)
    return course


async def close_sponsored_class(work: Work, sponsored_class_id: UUID, *, closed_on: date) -> SponsoredClass:
    """Raises NotFound, SponsoredClassNotOpen, ClosedOutsideItsTime."""
    course = await work.lock(SponsoredClass, sponsored_class_id, verb="closed")
    course.close(closed_on, today=work.business_day)
    return course


async def cancel_sponsored_class(work: Work, sponsored_class_id: UUID) -> SponsoredClass:
    """Raises NotFound, SponsoredClassCancelled."""
    course = await work.lock(SponsoredClass, sponsored_class_id, verb="cancelled")
    course.cancel()
    return course


async def _of_the_school(work: Work, sponsored_class_id: UUID) -> SponsoredClass:
    """Whose it is comes before which version it has: others learn nothing of either. Raises NotFound, PreconditionFailed."""
    work.actor.must_be_organisation((await work.read(SponsoredClass, sponsored_class_id)).school_id)
    return await work.lock(SponsoredClass, sponsored_class_id, verb="changed")
