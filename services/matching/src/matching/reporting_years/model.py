"""A reporting year: announced, its last day perhaps moved, then closed."""

from datetime import date
from typing import ClassVar

from sqlmodel import Field

from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import matching as published
from matching.tables import Table


class YearAlreadyAnnounced(Conflict):
    title = "该年度的申报截止日已公布"


class YearAlreadyClosed(Conflict):
    title = "该年度申报已截止"


class YearStillOpen(Conflict):
    title = "申报截止日未过，不能截止"


class ClosesBeforeYearEnds(Invalid):
    title = "申报截止日不能早于当年年末"


class ReportingYear(Aggregate, Table, table=True):
    """`closes_on` is the last day on which placements of the year may be reported."""

    __tablename__ = "reporting_year"
    title: ClassVar[str] = "申报年度"
    publishes = published.ReportingYear

    year: int = Field(unique=True)
    closes_on: date
    is_closed: bool = False

    def close_on(self, closes_on: date) -> None:
        """Raises YearAlreadyClosed, ClosesBeforeYearEnds."""
        if self.is_closed:
            raise YearAlreadyClosed
        if closes_on < date(self.year, 12, 31):
            raise ClosesBeforeYearEnds
        self.closes_on = closes_on

    def close(self, today: date) -> None:
        """Raises YearAlreadyClosed, YearStillOpen."""
        if self.is_closed:
            raise YearAlreadyClosed
        if today <= self.closes_on:
            raise YearStillOpen
        self.is_closed = True
