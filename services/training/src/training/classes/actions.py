"""What can be done to a class. An organisation acts only on its own."""

from uuid import UUID

from common.work import Work
from training.classes.model import ClassNumberTaken, TrainingClass


async def plan_class(work: Work, training_class: TrainingClass) -> TrainingClass:
    """Raises NotFound (another's), ClassReversed, EmployerMissing, ContractNumberMissing, ClassNumberTaken."""
    work.actor.must_be_organisation(training_class.organiser_id)
    training_class.must_be_in_order()
    if await work.lock_by(TrainingClass, verb="planned", number=training_class.number):
        raise ClassNumberTaken
    return work.add(training_class, verb="planned")


async def open_class(work: Work, class_id: UUID) -> TrainingClass:
    """Raises NotFound, ClassNotPlanned, ClassNotBegun."""
    training_class = await _locked(work, class_id, verb="opened")
    training_class.open(work.business_day)
    return training_class


async def complete_class(work: Work, class_id: UUID) -> TrainingClass:
    """Raises NotFound, ClassNotOpen, ClassStillRunning."""
    training_class = await _locked(work, class_id, verb="completed")
    training_class.complete(work.business_day)
    return training_class


async def cancel_class(work: Work, class_id: UUID) -> TrainingClass:
    """Raises NotFound, ClassIsOver."""
    training_class = await _locked(work, class_id, verb="cancelled")
    training_class.cancel()
    return training_class


async def _locked(work: Work, class_id: UUID, *, verb: str) -> TrainingClass:
    """Whose it is comes before which version it has: others learn nothing of either. Raises NotFound, PreconditionFailed."""
    work.actor.must_be_organisation((await work.read(TrainingClass, class_id)).organiser_id)
    return await work.lock(TrainingClass, class_id, verb=verb)
