"""What others ask the register of occupations."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from certification.occupations.model import Occupation, OccupationNotFound


async def known_among(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Which of these keys the register has."""
    found = await session.execute(select(col(Occupation.occupation)).where(col(Occupation.occupation).in_(keys)))
    return set(found.scalars())


async def appraisal_fees(session: AsyncSession, keys: Collection[str]) -> dict[tuple[str, int], int]:
    """(Occupation, level) → the fee in force in fen, of these occupations where one is known."""
    found = await session.execute(
        select(col(Occupation.occupation), col(Occupation.appraisal_fee_fen)).where(col(Occupation.occupation).in_(keys))
    )
    return {(key, int(level)): int(fee) for key, fees in found for level, fee in fees.items()}


async def must_exist(session: AsyncSession, key: str) -> None:
    """Raises OccupationNotFound."""
    if not await known_among(session, {key}):
        raise OccupationNotFound
