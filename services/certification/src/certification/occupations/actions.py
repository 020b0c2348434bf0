"""What can be done to the register of occupations."""

from uuid import UUID

from certification.occupations.model import Occupation, OccupationAlreadyPublished
from common.work import Work


async def publish_occupation(work: Work, occupation: Occupation) -> Occupation:
    """Enter an occupation of one edition. Raises OccupationAlreadyPublished."""
    if await work.lock_by(Occupation, verb="published", occupation=occupation.occupation):
        raise OccupationAlreadyPublished
    return work.add(occupation, verb="published")


async def change_occupation(
    work: Work, occupation_id: UUID, *, name: str, same_as: list[str], is_pilot: bool, appraisal_fee_fen: dict[str, int]
) -> Occupation:
    """Change its name, crosswalk or fees; edition and code never change. Raises NotFound."""
    occupation = await work.lock(Occupation, occupation_id, verb="changed")
    occupation.name, occupation.same_as, occupation.is_pilot, occupation.appraisal_fee_fen = name, same_as, is_pilot, appraisal_fee_fen
    return occupation
