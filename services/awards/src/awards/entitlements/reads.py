"""What pages ask about entitlements."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, column, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from awards import replicas
from awards.entitlements.model import Decision, Entitlement
from common.refusal import NotFound
from common.security.principal import Principal, Role


def visible_to(caller: Principal) -> Select[Entitlement]:
    """A person sees what is owed for him or to him, an organisation what is owed to it, the others all."""
    rows = select(Entitlement)
    if caller.role is Role.PERSON:
        ids: Select[Any] = select(column("id")).select_from(_IDS.bindparams(person_id=caller.person_id).columns(column("id")).subquery())
        return rows.where(or_(col(Entitlement.person_id).in_(ids), col(Entitlement.payee_id).in_(ids)))
    if caller.role is Role.ORGANISATION:
        return rows.where(col(Entitlement.payee_id) == caller.organisation_id)
    return rows


_IDS = text(f"""
    SELECT CAST(:person_id AS uuid) AS id
    UNION ALL SELECT CAST(state ->> 'merged_into' AS uuid) FROM {replicas.persons.table}
    WHERE id = :person_id AND state ->> 'merged_into' IS NOT NULL
""")  # noqa: S608 - a declared name
"""Whoever was found to be another sees what is owed under the id by which he now goes."""


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
