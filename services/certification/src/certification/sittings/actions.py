"""What can be done to a sitting."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from certification.certificates.model import Certificate
from certification.exam_entries.attempts import count_attempts, lock_persons
from certification.exam_entries.model import ExamEntry
from certification.occupations.reads import must_exist
from certification.sittings.model import Sitting
from common.work import Work
from contracts.certification import RevocationReason


async def plan_sitting(work: Work, sitting: Sitting) -> Sitting:
    """Plan a sitting. Raises OccupationNotFound."""
    await must_exist(work.session, sitting.occupation)
    return work.add(sitting, verb="planned")


async def complete_sitting(work: Work, sitting_id: UUID, *, entered_count: int, passed_count: int) -> Sitting:
    """Enter its result. Raises NotFound, SittingNotPlanned, MorePassedThanEntered, NotHeldYet."""
    sitting = await work.lock(Sitting, sitting_id, verb="completed")
    sitting.complete(entered_count=entered_count, passed_count=passed_count, today=work.business_day)
    return sitting


async def annul_sitting(work: Work, sitting_id: UUID) -> Sitting:
    """Annul it and revoke, as of today, every certificate that came of it and still stands. Who was in it has not tried.

    Raises NotFound, SittingAlreadyAnnulled.
    """
    sitting = await work.lock(Sitting, sitting_id, verb="annulled")
    sitting.annul()
    standing = select(col(Certificate.id)).where(col(Certificate.sitting_id) == sitting_id, col(Certificate.revoked_on).is_(None))
    ids = list((await work.session.execute(standing)).scalars())
    for certificate in (await work.lock_many(Certificate, ids, verb="revoked")).values():
        if certificate.revoked_on is None:  # somebody may have revoked it before the lock
            certificate.revoke(reason=RevocationReason.SITTING_ANNULLED, on=work.business_day, today=work.business_day)
    person_ids = list(
        (await work.session.execute(select(col(ExamEntry.person_id)).where(col(ExamEntry.sitting_id) == sitting_id))).scalars()
    )
    await lock_persons(work.session, person_ids)
    await count_attempts(work, person_ids)
    return sitting
