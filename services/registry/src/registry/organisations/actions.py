"""What can be done to an organisation's entry."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from common.work import Work
from registry.organisations.model import Organisation, OrganisationAlreadyRegistered


async def register_organisation(work: Work, *, uscc: str, name: str, spans: list[dict[str, Any]]) -> Organisation:
    """Enter an organisation. Raises OrganisationAlreadyRegistered, OrganisationSpanReversed, OrganisationSpansOverlap."""
    if await work.lock_by(Organisation, verb="registered", uscc=uscc):
        raise OrganisationAlreadyRegistered
    organisation = work.add(Organisation(uscc=uscc, name=name, spans=[]), verb="registered")
    organisation.be(name=name, spans=spans)
    return organisation


async def change_organisation(work: Work, organisation_id: UUID, *, name: str, spans: list[dict[str, Any]]) -> Organisation:
    """Change its name or what it was when. Raises NotFound, OrganisationClosed, OrganisationSpanReversed, OrganisationSpansOverlap."""
    organisation = await work.lock(Organisation, organisation_id, verb="changed")
    organisation.be(name=name, spans=spans)
    return organisation


async def close_organisation(work: Work, organisation_id: UUID, *, closed_on: date) -> Organisation:
    """It is no more. Raises NotFound, OrganisationClosed."""
    organisation = await work.lock(Organisation, organisation_id, verb="closed")
    organisation.close(closed_on)
    return organisation


async def ids_by_uscc(session: AsyncSession, codes: Collection[str]) -> dict[str, UUID]:
    """USCC → id, for those that are entered."""
    found = await session.execute(select(col(Organisation.uscc), col(Organisation.id)).where(col(Organisation.uscc).in_(codes)))
    return {row[0]: row[1] for row in found}
