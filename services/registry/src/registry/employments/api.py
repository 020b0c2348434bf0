"""Employment over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from common.database.columns import among
from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode
from contracts.registry import EmploymentEvidence, EmploymentKind
from registry.access import ACCESS
from registry.employments.actions import end_employment, start_employment
from registry.employments.model import Employment, EmploymentAlreadyKnown, EndsBeforeItStarts, StartsInFuture
from registry.people.merging import all_that_he_is

router = APIRouter(prefix="/employments", tags=["就业"])


class NewEmployment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID
    organisation_id: UUID
    using_organisation_id: UUID | None = Field(default=None, description="劳务派遣的用工单位")
    kind: EmploymentKind = Field(examples=[EmploymentKind.CONTRACT])
    started_on: date = Field(examples=["2018-03-01"])
    ended_on: date | None = None
    evidence: EmploymentEvidence = Field(examples=[EmploymentEvidence.CONTRACT])
    engaged_level_code: LevelCode | None = None


class Ending(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ended_on: date | None = Field(examples=["2018-09-30"], description="最后一天；填 null 撤回")


class EmploymentView(NewEmployment):
    id: UUID
    version: Version

    @classmethod
    def of(cls, employment: Employment) -> Self:
        return cls.model_validate(employment.row())


@router.post("", status_code=201, summary="登记就业", operation_id="start_employment",
             description="首次来本市就业满一年的高技能人才，一次性奖励由此认定。", dependencies=[ACCESS.requires("employment:write")],
             responses=refusals(NotFound, EmploymentAlreadyKnown, EndsBeforeItStarts, StartsInFuture))  # fmt: skip
async def post_employment(body: NewEmployment, act: Act) -> EmploymentView:
    return await act(start_employment, EmploymentView.of, employment=Employment(**body.model_dump()))


@router.post("/{employment_id}:end", summary="登记终止", operation_id="end_employment",
             description="填最后一个工作日；填错了可以撤回。", dependencies=[ACCESS.requires("employment:write")],
             responses=refusals(EndsBeforeItStarts))  # fmt: skip
async def post_ending(employment_id: UUID, body: Ending, act: MatchedAct) -> EmploymentView:
    return await act(end_employment, EmploymentView.of, employment_id=employment_id, ended_on=body.ended_on)


@router.get(
    "",
    summary="就业记录列表",
    operation_id="list_employments",
    description="个人看本人的，单位看本单位的。",
    dependencies=[ACCESS.requires("employment:read")],
)
async def get_employments(
    reading: Reading,
    paging: Paging,
    person_id: Annotated[UUID | None, Query(description="人员")] = None,
    organisation_id: Annotated[UUID | None, Query(description="单位")] = None,
) -> Page[EmploymentView]:
    caller, rows = reading.principal, select(Employment)
    if caller.role is Role.PERSON:
        person_id = caller.person_id
    if caller.role is Role.ORGANISATION:
        organisation_id = caller.organisation_id
    if person_id is not None:
        rows = rows.where(among(col(Employment.person_id), await all_that_he_is(reading.session, person_id)))
    if organisation_id is not None:
        rows = rows.where(col(Employment.organisation_id) == organisation_id)
    found = await page(reading.session, rows, Employment.id, paging, EmploymentView.of)
    reading.saw([employment.person_id for employment in found.items], purpose="list")
    return found
