"""What can be done to a class. An organisation acts only on its own."""

from uuid import UUID

from common.work import Work
from training.classes.model import ClassNumberTaken, TrainingClass


async def plan_class(work: Work, training_class: TrainingClass) -> TrainingClass:
    """Raises NotFound (another's), ClassReversed, ClassNumberTaken."""
    work.actor.must_be_organisation(training_class.organiser_id)
    training_class.must_be_in_order()
    if await work.lock_by(TrainingClass, verb="planned", number=training_class.number):
        raise ClassNumberTaken
    return work.add(training_class, verb="planned")


async def open_class(work: Work, class_id: UUID) -> TrainingClass:
    """Raises NotFound, ClassNotPlanned, ClassNotBegun."""
    training_class = await work.lock(TrainingClass, class_id, verb="opened")
    work.actor.must_be_organisation(training_class.organiser_id)
    training_class.open(work.business_day)
    return training_class


async def complete_class(work: Work, class_id: UUID) -> TrainingClass:
    """Raises NotFound, ClassNotOpen, ClassStillRunning."""
    training_class = await work.lock(TrainingClass, class_id, verb="completed")
    work.actor.must_be_organisation(training_class.organiser_id)
    training_class.complete(work.business_day)
    return training_class


async def cancel_class(work: Work, class_id: UUID) -> TrainingClass:
    """Raises NotFound, ClassIsOver."""
    training_class = await work.lock(TrainingClass, class_id, verb="cancelled")
    work.actor.must_be_organisation(training_class.organiser_id)
    training_class.cancel()
    return training_class
