"""What can be done to a title: award, correct, withdraw."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from certification.contests.model import Contest
from certification.occupations.reads import must_exist
from certification.titles.model import ContestNotHeld, NotPlaced, Title, TitleAlreadyAwarded
from common.work import Work
from contracts.certification import ContestState, TitleKind


async def award_title(work: Work, title: Title) -> Title:
    """Raises AwardedInFuture, OccupationNotFound, NotFound (the contest), ContestNotHeld, NotPlaced, TitleAlreadyAwarded."""
    await _must_be_right(work, title)
    return work.add(title, verb="awarded")


async def correct_title(
    work: Work, title_id: UUID, *, kind: TitleKind, occupation: str | None, awarded_on: date, paper_number: str, contest_id: UUID | None
) -> Title:
    """Everything of it as it should read; whoever holds it stays. Raises NotFound, TitleWithdrawn, and what `award_title` raises."""
    title = await work.lock(Title, title_id, verb="corrected")
    title.must_stand()
    title.kind, title.occupation, title.awarded_on, title.paper_number, title.contest_id = (
        kind, occupation, awarded_on, paper_number, contest_id,
    )  # fmt: skip
    await _must_be_right(work, title)
    return title


async def withdraw_title(work: Work, title_id: UUID, *, withdrawn_on: date) -> Title:
    """From that day on it counts for nothing. Raises NotFound, TitleWithdrawn, TitleWithdrawnOutsideItsTime."""
    title = await work.lock(Title, title_id, verb="withdrawn")
    title.withdraw(withdrawn_on, today=work.business_day)
    return title


async def _must_be_right(work: Work, title: Title) -> None:
    title.must_not_be_awarded_after(work.business_day)
    if title.occupation is not None:
        await must_exist(work.session, title.occupation)
    if title.contest_id is not None:
        await _must_be_won(work, title, title.contest_id)
    same = select(Title.id).filter_by(person_id=title.person_id, kind=title.kind, paper_number=title.paper_number, withdrawn_on=None)
    if await work.session.scalar(same.where(col(Title.id) != title.id)):
        raise TitleAlreadyAwarded


async def _must_be_won(work: Work, title: Title, contest_id: UUID) -> None:
    """Raises NotFound, ContestNotHeld, NotPlaced."""
    contest = await work.read(Contest, contest_id)
    if contest.state is not ContestState.HELD:
        raise ContestNotHeld
    if not contest.has_placed(title.person_id, title.occupation):
        raise NotPlaced
