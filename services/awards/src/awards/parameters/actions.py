"""What can be done about figures: propose, preview, decide, confirm, refuse. A decision takes effect with its commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from awards.brakes.actions import OF_PARAMETERS, released_before
from awards.equipment import alone
from awards.kernel.parameters import Parameters, as_known_at
from awards.parameters.history import entries, figures_known_at, keep
from awards.parameters.model import ParameterFigure
from awards.parameters.proposals import (
    ParameterProposal,
    Preview,
    PreviewState,
    ProposalIsClosed,
    ProposalState,
    entries_of,
    replaced_by,
    written,
)
from awards.parameters.refusals import NothingChanges, NothingToReplace, refused_by_name
from awards.policy.brake import Limits
from awards.policy.check import check_parameters
from awards.policy.grounds import BY_DOSSIER
from common.database.engine import raw
from common.reconciling.marks import Mark, Urgency, write_marks
from common.refusal import Conflict
from common.work import Work


class NotPreviewed(Conflict):
    title = "先看影响再决定：影响测算尚未完成"


class PreviewOutdated(Conflict):
    title = "测算之后标准或业务日已有变化，请重新测算"


async def propose(work: Work, *, figures: Sequence[dict[str, Any]], reason: str) -> ParameterProposal:
    """Its preview begins at once. Raises what `supposed` raises; NothingChanges."""
    after = await supposed(work.session, figures)
    if after.hash == (await figures_known_at(work.session)).hash:
        raise NothingChanges
    proposal = ParameterProposal(
        figures=list(figures),
        reason=reason,
        proposed_by=work.actor.subject,
        proposed_at=datetime.now(UTC),
        proposed_on=work.business_day,
    )
    work.session.add(Preview(proposal_id=proposal.id))
    return work.add(proposal, verb="proposed")


async def supposed(session: AsyncSession, figures: Sequence[dict[str, Any]]) -> Parameters:
    """All figures, were these decided now.

    Raises NothingToReplace, NoSuchParameter, FigureBelowFloor, FiguresOverlap, WrongShape, WrongUnit, UnknownLevel, UnknownChoice,
    FigureUnreadable.
    """
    with refused_by_name():
        replaced = replaced_by(figures)
        known = [entry for entry in await entries(session) if entry.until is None]
        stays = [entry for entry in known if (entry.parameter, entry.figure.effective_from) not in replaced]
        if len(known) - len(stays) != len(replaced):
            raise NothingToReplace
        parameters = as_known_at([*stays, *entries_of(figures, datetime.now(UTC))])
        check_parameters(parameters)
    return parameters


async def preview_anew(work: Work, proposal_id: UUID) -> ParameterProposal:
    """Work out again what it would move. Raises NotFound, ProposalIsClosed."""
    proposal = await work.lock(ParameterProposal, proposal_id, verb="previewed")
    if proposal.state in (ProposalState.IN_FORCE, ProposalState.REFUSED):
        raise ProposalIsClosed
    preview = await work.session.get_one(Preview, proposal_id, with_for_update=True)
    if preview.state is not PreviewState.RUNNING:
        preview.state = PreviewState.WAITING
    return proposal


async def decide(work: Work, proposal_id: UUID) -> ParameterProposal:
    """In force with this commit; beyond the brake's limits only with a third's confirmation.

    Raises NotFound, ProposalIsClosed, AwaitsConfirmation, DecidedByItsProposer, NotPreviewed, PreviewOutdated; what `supposed` raises.
    """
    proposal = await work.lock(ParameterProposal, proposal_id, verb="decided")
    proposal.approve(work.actor.subject)
    preview = await _current_preview(work, proposal)
    assert preview.summary is not None
    limits = Limits.on(work.business_day, await figures_known_at(work.session))
    total = preview.summary["total"]
    if limits.are_passed_by(total["entitlements"], total["up_fen"] + total["down_fen"]):
        proposal.brake()
    else:
        await _put_in_force(work, proposal, preview)
    return proposal


async def confirm(work: Work, proposal_id: UUID) -> ParameterProposal:
    """The third person releases the brake.

    Raises NotFound, NothingToConfirm, ConfirmedByTheSame, NotPreviewed, PreviewOutdated; what `supposed` raises.
    """
    proposal = await work.lock(ParameterProposal, proposal_id, verb="confirmed")
    proposal.confirm(work.actor.subject)
    preview = await _current_preview(work, proposal)
    released_before(work, cause_of(proposal))
    await _put_in_force(work, proposal, preview)
    return proposal


async def refuse(work: Work, proposal_id: UUID, *, because: str) -> ParameterProposal:
    """Nothing of it comes in force. Raises NotFound, ProposalIsClosed."""
    proposal = await work.lock(ParameterProposal, proposal_id, verb="refused")
    proposal.refuse(work.actor.subject, because)
    return proposal


async def _current_preview(work: Work, proposal: ParameterProposal) -> Preview:
    """What was shown holds still. Raises NotPreviewed, PreviewOutdated."""
    preview = await work.session.get_one(Preview, proposal.id)
    if preview.state is not PreviewState.DONE:
        raise NotPreviewed
    in_force = (await figures_known_at(work.session)).hash
    if (preview.figures_before, preview.business_day) != (in_force, work.business_day):
        raise PreviewOutdated
    return preview


def cause_of(proposal: ParameterProposal) -> str:
    """By which name its moves are counted and decided."""
    return f"{OF_PARAMETERS}{proposal.id}"


async def _put_in_force(work: Work, proposal: ParameterProposal, preview: Preview) -> None:
    """Whoever computes from now on does so by the new figures; the dossiers that they concern are found behind this commit.

    Raises PreviewOutdated when somebody else was quicker; what `supposed` raises.
    """
    connection = await raw(work.session)
    await alone(connection)
    before, now = await figures_known_at(work.session), datetime.now(UTC)
    if before.hash != preview.figures_before:
        raise PreviewOutdated
    after = await supposed(work.session, proposal.figures)
    for parameter, effective_from in sorted(replaced_by(proposal.figures)):
        replaced = await work.lock_by(
            ParameterFigure, verb="replaced", parameter=parameter, effective_from=effective_from, known_until=None
        )
        assert replaced is not None
        replaced.known_until = now
    await work.session.flush()
    for entry, figure in zip(entries_of(proposal.figures, now), proposal.figures, strict=True):
        work.add(
            ParameterFigure(
                parameter=entry.parameter, value=written(figure)["value"], effective_from=entry.figure.effective_from,
                valid_to=entry.figure.valid_to, published_on=entry.figure.published_on, reviewed_until=entry.figure.reviewed_until,
                paper_number=entry.figure.paper, known_since=now, proposal_id=proposal.id,
            ),
            verb="decided",
        )  # fmt: skip
    for parameters in (before, after):
        await keep(work.session, parameters)
    await connection.execute("UPDATE in_force SET figures = $1", after.hash)
    proposal.take_effect(now, before.hash, after.hash)
    cause = cause_of(proposal)
    await write_marks(connection, [Mark(0, f"figures-{kind}", str(proposal.id), Urgency.WIDE, cause) for kind in BY_DOSSIER])
