"""What can be done to a designation."""

from datetime import date
from uuid import UUID

from common.work import Work
from training.designations.model import Designation, DesignationAlreadyAwarded


async def award_designation(work: Work, designation: Designation) -> Designation:
    """Enter a tender's result. Raises ValidityReversed, DesignationAlreadyAwarded."""
    designation.must_be_in_order()
    known = await work.lock_by(
        Designation, verb="awarded", tender_number=designation.tender_number, organisation_id=designation.organisation_id,
        occupation=designation.occupation, level_code=designation.level_code,
    )  # fmt: skip
    if known is not None:
        raise DesignationAlreadyAwarded
    return work.add(designation, verb="awarded")


async def withdraw_designation(work: Work, designation_id: UUID, *, withdrawn_on: date) -> Designation:
    """From that day on it no longer counts; classes begun before keep it (A19). Raises NotFound, DesignationAlreadyWithdrawn, WithdrawnBeforeValid."""
    designation = await work.lock(Designation, designation_id, verb="withdrawn")
    designation.withdraw(withdrawn_on)
    return designation
