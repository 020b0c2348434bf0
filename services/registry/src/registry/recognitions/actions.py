"""What can be done to a recognition."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.refusal import NotFound
from common.work import Work
from registry.organisations.model import Organisation
from registry.people.model import Person
from registry.recognitions.model import RecognisedAfterClosing, Recognition, RecognitionOverlaps


async def recognise(work: Work, recognition: Recognition) -> Recognition:
    """Enter a recognition.

    Raises NotFound (organisation or master), RecognitionReversed, StudioWithoutMaster, MasterWithoutStudio, RecognisedAfterClosing,
    RecognitionOverlaps.
    """
    recognition.be(
        paper_number=recognition.paper_number,
        valid_from=recognition.valid_from,
        valid_to=recognition.valid_to,
        master_id=recognition.master_id,
    )
    await _must_stand_alone(work, recognition)
    return work.add(recognition, verb="recognised")


async def change_recognition(
    work: Work, recognition_id: UUID, *, paper_number: str, valid_from: date, valid_to: date | None, master_id: UUID | None
) -> Recognition:
    """Change its paper, its validity or its master.

    Raises NotFound, RecognitionReversed, StudioWithoutMaster, MasterWithoutStudio, AcceptedAfterValidity, AssessedOutsideValidity,
    RecognitionAlreadyWithdrawn, WithdrawnBeforeRecognised, RecognisedAfterClosing, RecognitionOverlaps.
    """
    recognition = await work.lock(Recognition, recognition_id, verb="changed")
    recognition.be(paper_number=paper_number, valid_from=valid_from, valid_to=valid_to, master_id=master_id)
    recognition.must_not_begin_after_its_end()
    await _must_stand_alone(work, recognition)
    return recognition


async def accept_recognition(work: Work, recognition_id: UUID, *, accepted_on: date, investment_fen: int) -> Recognition:
    """A demonstration base is built as planned. Raises NotFound, NotAcceptedAtAll, AcceptedInFuture, AcceptedAfterValidity."""
    recognition = await work.lock(Recognition, recognition_id, verb="changed")
    recognition.accept(accepted_on, investment_fen=investment_fen, today=work.business_day)
    return recognition


async def assess_recognition(work: Work, recognition_id: UUID, *, year: int, assessed_on: date, is_passed: bool) -> Recognition:
    """What a year's assessment found.

    Raises NotFound, NotAssessedYearly, AssessedInFuture, AssessedBeforeItsYear, AssessedOutsideValidity.
    """
    recognition = await work.lock(Recognition, recognition_id, verb="changed")
    recognition.assess(year, on=assessed_on, is_passed=is_passed, today=work.business_day)
    return recognition


async def withdraw_recognition(work: Work, recognition_id: UUID, *, withdrawn_on: date | None) -> Recognition:
    """From that day on it no longer counts; None takes that back.

    Raises NotFound, RecognitionAlreadyWithdrawn, RecognitionNotWithdrawn, WithdrawnBeforeRecognised, RecognisedAfterClosing,
    RecognitionOverlaps.
    """
    recognition = await work.lock(Recognition, recognition_id, verb="withdrawn" if withdrawn_on else "changed")
    recognition.withdraw(withdrawn_on)
    if withdrawn_on is None:
        await _must_stand_alone(work, recognition)
    return recognition


async def _must_stand_alone(work: Work, recognition: Recognition) -> None:
    """No day on which the same organisation is recognised as the same thing twice: what is owed for it would be owed twice."""
    # Its row is held, not changed: two recognitions of one organisation at the same time come one after the other.
    organisation = await work.lock_by(Organisation, verb="changed", id=recognition.organisation_id)
    if organisation is None:
        raise NotFound("没有这个单位")
    if organisation.closed_on is not None and recognition.valid_from >= organisation.closed_on:
        raise RecognisedAfterClosing
    if recognition.master_id is not None:
        await work.read(Person, recognition.master_id)
    alike = await work.session.execute(
        select(Recognition).where(
            col(Recognition.organisation_id) == recognition.organisation_id,
            col(Recognition.kind) == recognition.kind,
            col(Recognition.master_id).is_not_distinct_from(recognition.master_id),
            col(Recognition.id) != recognition.id,
        )
    )
    if any(other.counts_beside(recognition) for other in alike.scalars()):
        raise RecognitionOverlaps
