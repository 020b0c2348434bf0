"""Occupations over REST."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import select
from sqlmodel import col

from certification.access import ACCESS
from certification.occupations.actions import change_occupation, publish_occupation
from certification.occupations.model import Occupation, OccupationAlreadyPublished
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode, OccupationKey

router = APIRouter(prefix="/occupations", tags=["职业目录"])


class OccupationContent(BaseModel):
    """What of an occupation may change."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=60, examples=["焊工"])
    same_as: list[OccupationKey] = Field(default=[], max_length=10, examples=[["1999:6-04-02-05"]], description="其他版本中的同一职业")
    is_pilot: StrictBool = False
    appraisal_fees: dict[LevelCode, Money] = Field(
        default={}, examples=[{"3": {"amount": "260.00", "currency": "CNY"}}], description="各等级的鉴定费"
    )


class NewOccupation(OccupationContent):
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])


class OccupationView(BaseModel):
    id: UUID
    version: Version
    occupation: str = Field(examples=["2015:6-18-02-04"])
    name: str
    same_as: list[str]
    is_pilot: bool
    appraisal_fees: dict[int, Money]

    @classmethod
    def of(cls, occupation: Occupation) -> Self:
        fees = {level: Money.of(fee) for level, fee in occupation.appraisal_fee_fen.items()}
        return cls.model_validate(occupation.row() | {"appraisal_fees": fees})


def _columns(body: OccupationContent) -> dict[str, Any]:
    fees = {str(level): fee.fen for level, fee in body.appraisal_fees.items()}
    return body.model_dump(exclude={"appraisal_fees"}) | {"appraisal_fee_fen": fees}


@router.post("", status_code=201, summary="发布职业", operation_id="publish_occupation",
             description="按版本和编码登记一次；与旧版的对照写在 same_as。", responses=refusals(OccupationAlreadyPublished),
             dependencies=[ACCESS.requires("occupation:write")])  # fmt: skip
async def post_occupation(body: NewOccupation, act: Act) -> OccupationView:
    return await act(publish_occupation, OccupationView.of, occupation=Occupation(**_columns(body)))


@router.put("/{occupation_id}", summary="修改职业", operation_id="change_occupation",
             description="名称、对照和鉴定费可以修改；版本和编码不能。",
            dependencies=[ACCESS.requires("occupation:write")])  # fmt: skip
async def put_occupation(occupation_id: UUID, body: OccupationContent, act: MatchedAct) -> OccupationView:
    return await act(change_occupation, OccupationView.of, occupation_id=occupation_id, **_columns(body))


@router.get(
    "",
    summary="职业列表",
    operation_id="list_occupations",
    description="可按版本和编码查找。",
    dependencies=[ACCESS.requires("occupation:read")],
)
async def get_occupations(
    reading: Reading, paging: Paging, occupation: Annotated[OccupationKey | None, Query(description="版本和编码")] = None
) -> Page[OccupationView]:
    rows = select(Occupation)
    if occupation is not None:
        rows = rows.where(col(Occupation.occupation) == occupation)
    return await page(reading.session, rows, Occupation.id, paging, OccupationView.of)
