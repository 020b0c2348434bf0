"""What pages ask about proposals and the history of figures."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from awards.parameters.history import figures_known_at
from awards.parameters.model import ParameterFigure
from awards.parameters.proposals import ParameterProposal, Preview, PreviewMove
from awards.policy.brake import Limits
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.refusal import NotFound

_LARGEST = 20


class FoundPreview(NamedTuple):
    """With whether it moves more than may be moved without a third; None while nobody knows."""

    preview: Preview
    needs_third: bool | None


async def proposal(session: AsyncSession, proposal_id: UUID) -> ParameterProposal:
    """Raises NotFound."""
    found = await session.get(ParameterProposal, proposal_id)
    if found is None:
        raise NotFound("没有这个标准调整")
    return found


async def preview(session: AsyncSession, proposal_id: UUID) -> FoundPreview:
    """Raises NotFound."""
    found = await session.get(Preview, proposal_id)
    if found is None:
        raise NotFound("没有这个标准调整")
    day, _ = await today_and_epoch(await raw(session))
    limits = Limits.on(day, await figures_known_at(session))
    total = found.summary["total"] if found.summary else None
    return FoundPreview(found, limits.are_passed_by(total["entitlements"], total["up_fen"] + total["down_fen"]) if total else None)


async def largest(session: AsyncSession, proposal_id: UUID) -> list[PreviewMove]:
    """The moves that move most."""
    rows = await session.scalars(
        select(PreviewMove)
        .where(col(PreviewMove.proposal_id) == proposal_id)
        .order_by(func.abs(col(PreviewMove.moved_fen)).desc(), col(PreviewMove.scheme), col(PreviewMove.entitlement_key))
        .limit(_LARGEST)
    )
    return list(rows)


async def history(session: AsyncSession, parameter: str) -> list[ParameterFigure]:
    """Every figure that it ever had, the first known first. Raises NotFound."""
    rows = await session.scalars(
        select(ParameterFigure)
        .where(col(ParameterFigure.parameter) == parameter)
        .order_by(col(ParameterFigure.known_since), col(ParameterFigure.effective_from))
    )
    if not (found := list(rows)):
        raise NotFound("没有这个标准")
    return found
