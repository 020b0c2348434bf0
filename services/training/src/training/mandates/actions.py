"""What can be done to a mandate."""

from datetime import date
from uuid import UUID

from common.work import Work
from training.mandates.model import Mandate, MandateAlreadySigned


async def sign_mandate(work: Work, mandate: Mandate) -> Mandate:
    """Raises MandateReversed, MandateAlreadySigned."""
    mandate.must_be_in_order()
    known = await work.lock_by(
        Mandate, verb="signed", organisation_id=mandate.organisation_id, occupation=mandate.occupation, level_code=mandate.level_code,
        catalogue_year=mandate.catalogue_year,
    )  # fmt: skip
    if known is not None:
        raise MandateAlreadySigned
    return work.add(mandate, verb="signed")


async def end_mandate(work: Work, mandate_id: UUID, *, ended_on: date) -> Mandate:
    """From that day on it no longer counts. Raises NotFound, MandateAlreadyEnded, MandateReversed."""
    mandate = await work.lock(Mandate, mandate_id, verb="ended")
    mandate.end(ended_on)
    return mandate
