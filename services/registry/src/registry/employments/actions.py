"""What can be done to an employment."""

from datetime import date
from uuid import UUID

from common.work import Work
from registry.employments.model import Employment, EmploymentAlreadyKnown
from registry.organisations.model import Organisation
from registry.people.model import Person


async def start_employment(work: Work, employment: Employment) -> Employment:
    """Enter an employment. Raises NotFound (person or organisation), EmploymentAlreadyKnown, EndsBeforeItStarts, StartsInFuture."""
    await work.read(Person, employment.person_id)
    await work.read(Organisation, employment.organisation_id)
    known = await work.lock_by(
        Employment,
        verb="started",
        person_id=employment.person_id,
        organisation_id=employment.organisation_id,
        started_on=employment.started_on,
    )
    if known is not None:
        raise EmploymentAlreadyKnown
    employment.must_not_start_after(work.business_day)
    employment.last_until(employment.ended_on)
    return work.add(employment, verb="started")


async def end_employment(work: Work, employment_id: UUID, *, ended_on: date | None) -> Employment:
    """Set its last day, or take it back. Raises NotFound, EndsBeforeItStarts."""
    employment = await work.lock(Employment, employment_id, verb="ended" if ended_on else "corrected")
    employment.last_until(ended_on)
    return employment
