"""What can be done to a placement. A partner reports only its own."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from common.work import Work
from contracts.matching import PlacementEvidence
from matching.placements.model import AlreadyReported, Placement, YearIsClosed
from matching.reporting_years.model import ReportingYear


async def closed_years(work: Work) -> frozenset[int]:
    """Years whose reporting has been closed."""
    rows = await work.session.execute(select(ReportingYear.year).where(col(ReportingYear.is_closed)))
    return frozenset(rows.scalars())


async def report_placement(
    work: Work, *, person_id: UUID, partner_id: UUID, employer_id: UUID, started_on: date, evidence: PlacementEvidence
) -> Placement:
    """Raises NotFound (another partner's), StartsInFuture, YearIsClosed, AlreadyReported."""
    work.actor.must_be_organisation(partner_id)
    placement = Placement(
        person_id=person_id,
        partner_id=partner_id,
        employer_id=employer_id,
        started_on=started_on,
        evidence=evidence,
        reported_on=work.business_day,
    )
    placement.must_not_start_after(work.business_day)
    if started_on.year in await closed_years(work):
        raise YearIsClosed
    key = {"person_id": person_id, "partner_id": partner_id, "employer_id": employer_id, "started_on": started_on}
    if await work.lock_by(Placement, verb="reported", **key):
        raise AlreadyReported
    return work.add(placement, verb="reported")


async def confirm_placement(work: Work, placement_id: UUID) -> Placement:
    """Raises NotFound, AlreadyConfirmed."""
    placement = await work.lock(Placement, placement_id, verb="confirmed")
    placement.confirm(work.business_day)
    return placement


async def confirm_placements(work: Work, placement_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Many at once: which were confirmed now; those that were confirmed or cancelled before or do not exist were not."""
    found = await work.lock_many(Placement, placement_ids, verb="confirmed")
    waiting = [each for each in found.values() if each.confirmed_on is None and each.cancelled_on is None]
    for each in waiting:
        each.confirm(work.business_day)
    confirmed = {each.id for each in waiting}
    return {id_: id_ in confirmed for id_ in placement_ids}


async def correct_placement(
    work: Work, placement_id: UUID, *, employer_id: UUID, started_on: date, evidence: PlacementEvidence
) -> Placement:
    """Everything of it as it should read. Raises NotFound, StartsInFuture, YearIsClosed, AlreadyReported."""
    placement = await work.lock(Placement, placement_id, verb="corrected")
    if {placement.started_on.year, started_on.year} & await closed_years(work):
        raise YearIsClosed
    same = select(Placement.id).filter_by(
        person_id=placement.person_id, partner_id=placement.partner_id, employer_id=employer_id, started_on=started_on
    )
    if await work.session.scalar(same.where(col(Placement.id) != placement_id)):
        raise AlreadyReported
    placement.employer_id, placement.started_on, placement.evidence = employer_id, started_on, evidence
    placement.must_not_start_after(work.business_day)
    return placement


async def cancel_placement(work: Work, placement_id: UUID, *, cancelled_on: date) -> Placement:
    """It turned out false. Raises NotFound, AlreadyCancelled, CancelledOutsideItsTime."""
    placement = await work.lock(Placement, placement_id, verb="cancelled")
    placement.cancel(cancelled_on, today=work.business_day)
    return placement
