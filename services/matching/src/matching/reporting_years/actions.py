"""What can be done to a reporting year."""

from datetime import date
from uuid import UUID

from common.work import Work
from matching.reporting_years.model import ReportingYear, YearAlreadyAnnounced


async def announce_year(work: Work, year: ReportingYear) -> ReportingYear:
    """Raises ClosesBeforeYearEnds, YearAlreadyAnnounced."""
    year.close_on(year.closes_on)
    if await work.lock_by(ReportingYear, verb="announced", year=year.year):
        raise YearAlreadyAnnounced
    return work.add(year, verb="announced")


async def move_closing(work: Work, reporting_year_id: UUID, *, closes_on: date) -> ReportingYear:
    """Raises NotFound, YearAlreadyClosed, ClosesBeforeYearEnds."""
    year = await work.lock(ReportingYear, reporting_year_id, verb="announced")
    year.close_on(closes_on)
    return year


async def close_year(work: Work, reporting_year_id: UUID) -> ReportingYear:
    """Raises NotFound, YearAlreadyClosed, YearStillOpen."""
    year = await work.lock(ReportingYear, reporting_year_id, verb="closed")
    year.close(work.business_day)
    return year
