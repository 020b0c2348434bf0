"""What can be done to a contest: plan, hold, cancel."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from certification.contests.model import Contest, ContestAlreadyPlanned, OccupationTwice
from certification.occupations.model import OccupationNotFound
from certification.occupations.reads import known_among
from common.work import Work
from contracts.certification import ContestState, ContestTier


async def plan_contest(work: Work, *, brand: str, tier: ContestTier, year: int, held_on: date, occupations: Sequence[str]) -> Contest:
    """Raises OccupationTwice, OccupationNotFound, ContestAlreadyPlanned."""
    if len(set(occupations)) < len(occupations):
        raise OccupationTwice
    if set(occupations) - await known_among(work.session, occupations):
        raise OccupationNotFound
    same = select(Contest.id).filter_by(brand=brand, tier=tier, held_on=held_on).where(col(Contest.state) != ContestState.CANCELLED)
    if await work.session.scalar(same):
        raise ContestAlreadyPlanned
    items = [{"occupation": each, "placed": []} for each in occupations]
    return work.add(Contest(brand=brand, tier=tier, year=year, held_on=held_on, items=items), verb="planned")


async def hold_contest(work: Work, contest_id: UUID, *, results: Sequence[tuple[str, Sequence[UUID]]]) -> Contest:
    """By occupation, who was placed. Raises NotFound, OccupationTwice, and what `Contest.hold` raises."""
    contest = await work.lock(Contest, contest_id, verb="held")
    placed = dict(results)
    if len(placed) < len(results):
        raise OccupationTwice
    contest.hold(placed, today=work.business_day)
    return contest


async def cancel_contest(work: Work, contest_id: UUID) -> Contest:
    """Raises NotFound, ContestAlreadyCancelled, ContestAlreadyHeld."""
    contest = await work.lock(Contest, contest_id, verb="cancelled")
    contest.cancel()
    return contest
