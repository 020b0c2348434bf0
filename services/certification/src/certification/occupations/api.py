"""Occupations over REST."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from certification.access import ACCESS
from certification.occupations.actions import change_occupation, publish_occupation
from certification.occupations.model import Occupation, OccupationAlreadyPublished
from common.web.acting import Act, MatchedAct
from common.web.pages import Page, Paging, page
from common.web.problems import MATCHED, refusals
from common.web.reading import Reading
from contracts.fact import Fen, LevelCode, OccupationKey

router = APIRouter(prefix="/occupations", tags=["职业目录"])


class OccupationContent(BaseModel):
    """What of an occupation may change."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=60, examples=["焊工"])
    same_as: list[OccupationKey] = Field(default=[], max_length=10, examples=[["1999:6-04-02-05"]], description="其他版本中的同一职业")
    is_pilot: bool = False
    appraisal_fee_fen: dict[LevelCode, Fen] = Field(default={}, examples=[{"3": 26000}], description="各等级鉴定费，单位为分")


class NewOccupation(OccupationContent):
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])


class OccupationView(BaseModel):
    id: UUID
    version: int
    occupation: str = Field(examples=["2015:6-18-02-04"])
    name: str
    same_as: list[str]
    is_pilot: bool
    appraisal_fee_fen: dict[int, int]

    @classmethod
    def of(cls, occupation: Occupation) -> Self:
        return cls.model_validate(occupation.row())


def _columns(body: OccupationContent) -> dict[str, Any]:
    return body.model_dump() | {"appraisal_fee_fen": {str(level): fee for level, fee in body.appraisal_fee_fen.items()}}


@router.post("", status_code=201, summary="发布职业", operation_id="publish_occupation", responses=refusals(OccupationAlreadyPublished),
             dependencies=[ACCESS.requires("occupation:write")])  # fmt: skip
async def post_occupation(body: NewOccupation, act: Act) -> OccupationView:
    return await act(publish_occupation, OccupationView.of, occupation=Occupation(**_columns(body)))


@router.put("/{occupation_id}", summary="修改职业", operation_id="change_occupation", responses=refusals(*MATCHED),
            dependencies=[ACCESS.requires("occupation:write")])  # fmt: skip
async def put_occupation(occupation_id: UUID, body: OccupationContent, act: MatchedAct) -> OccupationView:
    return await act(change_occupation, OccupationView.of, occupation_id=occupation_id, **_columns(body))


@router.get(
    "", summary="职业列表", operation_id="list_occupations", responses=refusals(), dependencies=[ACCESS.requires("occupation:read")]
)
async def get_occupations(
    reading: Reading, paging: Paging, occupation: Annotated[OccupationKey | None, Query(description="版本和编码")] = None
) -> Page[OccupationView]:
    rows = select(Occupation)
    if occupation is not None:
        rows = rows.where(col(Occupation.occupation) == occupation)
    return await page(reading.session, rows, Occupation.id, paging, OccupationView.of)
