"""What can be done about a braked cause: release it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from awards.brakes.model import Brake, BrakeState
from awards.parameters.proposals import ConfirmedByTheSame, ParameterProposal
from awards.policy.grounds import BY_DOSSIER
from common.database.engine import raw
from common.reconciling.marks import Mark, Urgency, write_marks
from common.work import Work

OF_PARAMETERS = "parameters:"
"""How the causes of decided figures begin; the proposal's id follows."""


async def release(work: Work, brake_id: UUID) -> Brake:
    """Whatever its cause would move is computed anew and written. Raises NotFound, AlreadyReleased, ConfirmedByTheSame."""
    brake = await work.lock(Brake, brake_id, verb="released")
    brake.release(work.actor.subject)
    if brake.cause.startswith(OF_PARAMETERS):
        proposal = await work.session.get_one(ParameterProposal, UUID(brake.cause.removeprefix(OF_PARAMETERS)))
        if work.actor.subject in (proposal.proposed_by, proposal.decided_by):
            raise ConfirmedByTheSame
    marks = [Mark(0, f"held-back-{kind}", brake.cause, Urgency.WIDE, brake.cause) for kind in BY_DOSSIER]
    await write_marks(await raw(work.session), marks)
    return brake


def released_before(work: Work, cause: str) -> None:
    """A third has looked already: this cause is never braked."""
    work.add(Brake(cause=cause, state=BrakeState.RELEASED, since=datetime.now(UTC), released_by=work.actor.subject), verb="released")
