"""What can be done to an exam entry: enter, settle, withdraw."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from certification.exam_entries.attempts import count_attempts, lock_persons
from certification.exam_entries.model import ExamEntry, FeeUnknown
from certification.occupations.reads import appraisal_fees
from certification.sittings.model import Sitting
from common.refusal import NotFound
from common.work import Work


async def enter_for_sitting(work: Work, *, person_id: UUID, sitting_id: UUID, school_id: UUID | None, registered_on: date) -> ExamEntry:
    """A school enters its students, a body whoever comes to its own sittings.

    Raises NotFound, SittingNotPlanned, RegisteredInFuture, RegisteredAfterSitting, FeeUnknown, AlreadyEntered, WithdrawnSince.
    """
    # Locked for the while: a result or an annulment at the same time comes before or after, never between.
    sitting: Sitting | None = await work.session.get(Sitting, sitting_id, with_for_update={"read": True})
    if sitting is None:
        raise NotFound("没有这个鉴定批次")
    work.actor.must_be_organisation(school_id or sitting.body_id)
    fee_fen = (await appraisal_fees(work.session, {sitting.occupation})).get((sitting.occupation, sitting.level_code))
    if fee_fen is None:
        raise FeeUnknown
    entry = ExamEntry(person_id=person_id, sitting_id=sitting_id, school_id=school_id, registered_on=registered_on, fee_fen=fee_fen)
    entry.must_be_in_time(sitting, today=work.business_day)
    await lock_persons(work.session, [person_id])
    earlier = select(ExamEntry).where(col(ExamEntry.person_id) == person_id, col(ExamEntry.sitting_id) == sitting_id)
    entry.must_not_repeat((await work.session.execute(earlier)).scalars())
    await count_attempts(work, [person_id], entering=[(entry, sitting)])
    return work.add(entry, verb="entered")


async def settle_entry(work: Work, exam_entry_id: UUID, *, took_part: bool, charged_fen: int) -> ExamEntry:
    """Whether he took part, and what he was charged. Raises NotFound, EntryWithdrawn, NotHeldYet, ChargedAboveFee."""
    entry = await _locked(work, exam_entry_id, verb="settled")
    sitting = await work.read(Sitting, entry.sitting_id)
    entry.settle(sitting, took_part=took_part, charged_fen=charged_fen, today=work.business_day)
    await count_attempts(work, [entry.person_id])
    return entry


async def withdraw_entry(work: Work, exam_entry_id: UUID, *, withdrawn_on: date) -> ExamEntry:
    """Raises NotFound, EntryWithdrawn, TookPart, WithdrawnOutsideItsTime."""
    entry = await _locked(work, exam_entry_id, verb="withdrawn")
    entry.withdraw(withdrawn_on, today=work.business_day)
    await count_attempts(work, [entry.person_id])
    return entry


async def _locked(work: Work, exam_entry_id: UUID, *, verb: str) -> ExamEntry:
    """His other entries too: their numbers may change. Raises NotFound, PreconditionFailed."""
    await lock_persons(work.session, [(await work.read(ExamEntry, exam_entry_id)).person_id])
    return await work.lock(ExamEntry, exam_entry_id, verb=verb)
