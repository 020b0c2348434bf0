"""A proposal to set figures: made by one, decided by another, and beyond the brake's limits confirmed by a third."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field

from awards.kernel.parameters import Entry, read_figure
from awards.parameters.move_columns import MoveColumns
from awards.tables import Table
from common.database.columns import instant, json, one_of
from common.refusal import Conflict
from common.work import Aggregate


class ProposalIsClosed(Conflict):
    title = "该调整已生效或已被否决"


class DecidedByItsProposer(Conflict):
    title = "提出人不能自己决定：请另一位经办人审阅后决定"


class ConfirmedByTheSame(Conflict):
    title = "提出人、决定人都不能确认：超过限额的调整须由第三人确认"


class NothingToConfirm(Conflict):
    title = "该调整不在等待第三人确认"


class AwaitsConfirmation(Conflict):
    title = "该调整已决定，正等待第三人确认"


class ProposalState(StrEnum):
    PROPOSED = "PROPOSED"
    BRAKED = "BRAKED"
    """Decided, and it moves more than may be moved without a third."""
    IN_FORCE = "IN_FORCE"
    REFUSED = "REFUSED"


class ParameterProposal(Aggregate, Table, table=True):
    """One paper's figures, of one or several parameters, that come in force together."""

    __tablename__ = "parameter_proposal"
    title: ClassVar[str] = "标准调整"

    state: ProposalState = Field(default=ProposalState.PROPOSED, sa_type=one_of(ProposalState, "state"))
    figures: list[dict[str, Any]] = Field(sa_type=json)
    """As the seed files write them, each with its `parameter`, and `replaces`: since when the figure is in force whose place it takes."""
    reason: str
    proposed_by: str
    proposed_at: datetime = Field(sa_type=instant)
    proposed_on: date
    """The business day: figures in force from before it reach back."""
    decided_by: str | None = None
    confirmed_by: str | None = None
    refused_by: str | None = None
    refused_because: str | None = None
    in_force_since: datetime | None = Field(default=None, sa_type=instant)
    figures_before: str | None = None
    figures_after: str | None = None
    """The parameter sets between which this proposal lies, by content."""

    @property
    def reaches_back(self) -> bool:
        """Whether days are concerned that had gone by when it was proposed."""
        return any(
            date.fromisoformat(first) < self.proposed_on
            for each in self.figures
            for first in (each["effective_from"], each.get("replaces"))
            if first
        )

    def approve(self, by: str) -> None:
        """Raises ProposalIsClosed, AwaitsConfirmation, DecidedByItsProposer."""
        self._must_be_open()
        if self.state is ProposalState.BRAKED:
            raise AwaitsConfirmation
        if by == self.proposed_by:
            raise DecidedByItsProposer
        self.decided_by = by

    def brake(self) -> None:
        """It is decided, and waits for a third."""
        self.state = ProposalState.BRAKED

    def confirm(self, by: str) -> None:
        """Raises NothingToConfirm, ConfirmedByTheSame."""
        if self.state is not ProposalState.BRAKED:
            raise NothingToConfirm
        if by in (self.proposed_by, self.decided_by):
            raise ConfirmedByTheSame
        self.confirmed_by = by

    def refuse(self, by: str, because: str) -> None:
        """Its proposer may take it back. Raises ProposalIsClosed."""
        self._must_be_open()
        self.state, self.refused_by, self.refused_because = ProposalState.REFUSED, by, because

    def take_effect(self, at: datetime, before: str, after: str) -> None:
        self.state, self.in_force_since, self.figures_before, self.figures_after = ProposalState.IN_FORCE, at, before, after

    def _must_be_open(self) -> None:
        if self.state in (ProposalState.IN_FORCE, ProposalState.REFUSED):
            raise ProposalIsClosed


class PreviewState(StrEnum):
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class Preview(Table, table=True):
    """What a proposal would move, as of one day and the figures in force when it was worked out; the last one counts."""

    __tablename__ = "parameter_preview"

    proposal_id: UUID = Field(primary_key=True)
    state: PreviewState = Field(default=PreviewState.WAITING, sa_type=one_of(PreviewState, "state"))
    business_day: date | None = None
    figures_before: str | None = None
    figures_after: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=instant)
    dossiers_found: int = 0
    dossiers_done: int = 0
    finished_at: datetime | None = Field(default=None, sa_type=instant)
    failed_reason: str | None = None
    summary: dict[str, Any] | None = Field(default=None, sa_type=json)


class PreviewMove(MoveColumns, Table, table=True):
    """One entitlement that would move."""

    __tablename__ = "parameter_preview_move"

    proposal_id: UUID = Field(primary_key=True)


def entries_of(figures: Sequence[dict[str, Any]], since: datetime) -> list[Entry]:
    """The proposed figures as entries known since then. Raises ParametersRefused."""
    return [Entry(each["parameter"], read_figure(each["parameter"], written(each)), since) for each in figures]


def written(figure: dict[str, Any]) -> dict[str, Any]:
    """Without what only a proposal says."""
    return {name: value for name, value in figure.items() if name not in ("parameter", "replaces")}


def replaced_by(figures: Iterable[dict[str, Any]]) -> set[tuple[str, date]]:
    """Parameter and first day of every figure that would be replaced."""
    return {(each["parameter"], date.fromisoformat(each["replaces"])) for each in figures if each.get("replaces")}
