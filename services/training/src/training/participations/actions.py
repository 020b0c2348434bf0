"""What can be done to a participation. An organisation acts only in its own classes."""

from datetime import date
from uuid import UUID

from common.work import Work
from contracts.training import ParticipationResult
from training.classes.model import TrainingClass
from training.participations.model import AlreadyEnrolled, Participation


async def enrol(work: Work, participation: Participation) -> Participation:
    """Raises NotFound, ClassIsOver, AlreadyEnrolled, DayInFuture."""
    training_class = await work.read(TrainingClass, participation.class_id)
    work.actor.must_be_organisation(training_class.organiser_id)
    training_class.must_not_be_over()
    participation.must_be_in_order(work.business_day, class_starts_on=training_class.starts_on)
    if await work.lock_by(Participation, verb="enrolled", person_id=participation.person_id, class_id=participation.class_id):
        raise AlreadyEnrolled
    return work.add(participation, verb="enrolled")


async def complete_participation(
    work: Work, participation_id: UUID, *, attended_share_bp: int, completed_on: date, result: ParticipationResult
) -> Participation:
    """Raises NotFound, ClassCancelled, AlreadyEnded, DayInFuture, CompletedBeforeEnrolled, CompletedBeforeClass."""
    training_class, participation = await _locked(work, participation_id, verb="completed")
    training_class.must_not_be_cancelled()
    participation.must_be_under_way()
    participation.attended_share_bp, participation.completed_on, participation.result = attended_share_bp, completed_on, result
    participation.must_be_in_order(work.business_day, class_starts_on=training_class.starts_on)
    return participation


async def drop_participation(work: Work, participation_id: UUID, *, dropped_on: date) -> Participation:
    """Raises NotFound, AlreadyEnded, DayInFuture, CompletedBeforeEnrolled."""
    training_class, participation = await _locked(work, participation_id, verb="dropped")
    participation.must_be_under_way()
    participation.dropped_on = dropped_on
    participation.must_be_in_order(work.business_day, class_starts_on=training_class.starts_on)
    return participation


async def correct_participation(
    work: Work,
    participation_id: UUID,
    *,
    attended_share_bp: int | None,
    completed_on: date | None,
    result: ParticipationResult | None,
    charged_fen: int,
    refunded_fen: int,
    dropped_on: date | None,
) -> Participation:
    """Everything of it as it should read. Raises NotFound, ClassCancelled, DayInFuture, CompletedBeforeEnrolled, CompletedBeforeClass, RefundedMoreThanCharged."""
    training_class, participation = await _locked(work, participation_id, verb="corrected")
    if completed_on is not None:
        training_class.must_not_be_cancelled()
    participation.attended_share_bp, participation.completed_on, participation.result = attended_share_bp, completed_on, result
    participation.charged_fen, participation.refunded_fen, participation.dropped_on = charged_fen, refunded_fen, dropped_on
    participation.must_be_in_order(work.business_day, class_starts_on=training_class.starts_on)
    return participation


async def _locked(work: Work, participation_id: UUID, *, verb: str) -> tuple[TrainingClass, Participation]:
    """Whose it is comes before which version it has: others learn nothing of either. Raises NotFound, PreconditionFailed."""
    held = await work.read(Participation, participation_id)
    training_class = await work.read(TrainingClass, held.class_id)
    work.actor.must_be_organisation(training_class.organiser_id)
    return training_class, await work.lock(Participation, participation_id, verb=verb)
