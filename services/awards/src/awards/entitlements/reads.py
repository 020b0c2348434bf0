"""What pages ask about entitlements."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from awards.entitlements.model import Decision, Entitlement
from common.refusal import NotFound
from common.security.principal import Principal, Role


def visible_to(caller: Principal) -> Select[Entitlement]:
    """A person sees what is owed for him or to him, an organisation what is owed to it, the others all."""
    rows = select(Entitlement)
    if caller.role is Role.PERSON:
        return rows.where(or_(col(Entitlement.person_id) == caller.person_id, col(Entitlement.payee_id) == caller.person_id))
    if caller.role is Role.ORGANISATION:
        return rows.where(col(Entitlement.payee_id) == caller.organisation_id)
    return rows


def everything() -> Select[Any]:
    """Every entitlement's columns, in the order in which they came into being: for exports, which make no objects of them."""
    return select(*Entitlement.__table__.columns).order_by(col(Entitlement.id))  # type: ignore[attr-defined]


async def find(session: AsyncSession, caller: Principal, entitlement_id: UUID) -> Entitlement:
    """Raises NotFound, also for what is none of the caller's business."""
    found: Entitlement | None = await session.scalar(visible_to(caller).where(col(Entitlement.id) == entitlement_id))
    if found is None:
        raise NotFound("没有这项权益")
    return found


async def decision(session: AsyncSession, decision_id: UUID) -> Decision:
    """Raises NotFound."""
    found = await session.get(Decision, decision_id)
    if found is None:
        raise NotFound("没有这份认定记录")
    return found


async def totals(session: AsyncSession) -> list[Any]:
    """By scheme and state: how many, and the sums in fen."""
    rows = await session.execute(
        select(
            col(Entitlement.scheme),
            col(Entitlement.state),
            func.count().label("entitlements"),
            func.sum(col(Entitlement.due_fen)).label("due_fen"),
            func.sum(col(Entitlement.accruing_fen)).label("accruing_fen"),
            func.sum(col(Entitlement.would_be_fen)).label("would_be_fen"),
        )
        .group_by(col(Entitlement.scheme), col(Entitlement.state))
        .order_by(col(Entitlement.scheme), col(Entitlement.state))
    )
    return list(rows)
