"""Insurance months over REST: read only; they come by the bureau's file."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from common.refusal import NotFound
from common.web.etag import Version
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.made_up import EXAMPLE_IDS
from contracts.registry import InsuranceSpan
from registry.access import ACCESS
from registry.insurance.model import Insurance

router = APIRouter(prefix="/people/{person_id}/insurance", tags=["参保"])


class InsuranceView(BaseModel):
    person_id: UUID
    version: Version
    spans: list[InsuranceSpan] = Field(
        description="缴费月份，首尾两月都在内",
        examples=[
            [
                {
                    "kind": "FIVE_IN_ONE",
                    "organisation_id": EXAMPLE_IDS["organisation_id"],
                    "first_month": "2017-03",
                    "last_month": "2017-08",
                    "back_paid_on": None,
                }
            ]
        ],
    )

    @classmethod
    def of(cls, insurance: Insurance) -> Self:
        return cls.model_validate(insurance.row())


@router.get(
    "",
    summary="参保月份",
    operation_id="read_insurance",
    description="按险种和参保单位列出每一段缴费月份，补缴的注明补缴日期。",
    responses=refusals(NotFound),
    dependencies=[ACCESS.requires("insurance:read")],
)
async def get_insurance(person_id: UUID, reading: Reading) -> InsuranceView:
    reading.principal.must_be_person(person_id)
    found = await reading.session.execute(select(Insurance).where(col(Insurance.person_id) == person_id))
    insurance = found.scalar_one_or_none()
    if insurance is None:
        raise NotFound("没有参保记录")
    reading.saw([person_id], purpose="view")
    return InsuranceView.of(insurance)
