"""Organisations over REST."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import select
from sqlmodel import col

from common.identifiers.uscc import parse_uscc
from common.refusal import NotFound, Refusal
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import AreaCode
from contracts.registry import OrganisationKind, OrganisationSize, OrganisationStatus
from registry.access import ACCESS
from registry.organisations.actions import change_organisation, close_organisation, register_organisation
from registry.organisations.model import (
    Organisation,
    OrganisationAlreadyRegistered,
    OrganisationClosed,
    OrganisationSpanReversed,
    OrganisationSpansOverlap,
)

router = APIRouter(prefix="/organisations", tags=["单位"])


def _checked(text: str) -> str:
    try:
        return parse_uscc(text)
    except Refusal as refusal:
        raise ValueError(refusal.code) from refusal


Uscc = Annotated[str, Field(min_length=18, max_length=18, examples=["91320599MA1N000183"]), AfterValidator(_checked)]


class SpanView(BaseModel):
    """What an organisation was during a time; both days inside, `last_on` null while it lasts."""

    model_config = ConfigDict(extra="forbid")

    kind: OrganisationKind = Field(examples=[OrganisationKind.ENTERPRISE])
    area_code: AreaCode = Field(examples=["320582103"])
    is_locally_registered: StrictBool = True
    industry_code: str | None = Field(default=None, max_length=5, examples=["C31"])
    industry_edition: int | None = Field(default=None, examples=[2017])
    size: OrganisationSize | None = None
    first_on: date = Field(examples=["2010-03-01"])
    last_on: date | None = None


class Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=120, examples=["示例机械有限公司"])
    spans: list[SpanView] = Field(min_length=1, max_length=50)

    def columns(self) -> dict[str, Any]:
        return {"name": self.name, "spans": [span.model_dump(mode="json") for span in self.spans]}


class NewOrganisation(Content):
    uscc: Uscc


class Closing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    closed_on: date = Field(examples=["2018-06-30"])


class OrganisationView(BaseModel):
    id: UUID
    version: Version
    uscc: str
    name: str = Field(examples=["示例机械有限公司"])
    spans: list[SpanView]
    status: OrganisationStatus
    closed_on: date | None

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        return cls.model_validate(organisation.row())


@router.post("", status_code=201, summary="登记单位", operation_id="register_organisation",
             description="按统一社会信用代码登记一次；各部门的文件都用这个代码找到单位。", dependencies=[ACCESS.requires("organisation:write")],
             responses=refusals(OrganisationAlreadyRegistered, OrganisationSpanReversed, OrganisationSpansOverlap))  # fmt: skip
async def post_organisation(body: NewOrganisation, act: Act) -> OrganisationView:
    return await act(register_organisation, OrganisationView.of, uscc=body.uscc, **body.columns())


@router.put("/{organisation_id}", summary="修改单位", operation_id="change_organisation",
             description="按应有的全部内容填写；代码不能修改。类别或地区变了，就加一段起止日期。", dependencies=[ACCESS.requires("organisation:write")],
            responses=refusals(OrganisationClosed, OrganisationSpanReversed, OrganisationSpansOverlap))  # fmt: skip
async def put_organisation(organisation_id: UUID, body: Content, act: MatchedAct) -> OrganisationView:
    return await act(change_organisation, OrganisationView.of, organisation_id=organisation_id, **body.columns())


@router.post("/{organisation_id}:close", summary="注销单位", operation_id="close_organisation",
             description="自注销日起不再有效，此前的记录保留。", dependencies=[ACCESS.requires("organisation:write")],
             responses=refusals(OrganisationClosed))  # fmt: skip
async def post_closing(organisation_id: UUID, body: Closing, act: MatchedAct) -> OrganisationView:
    return await act(close_organisation, OrganisationView.of, organisation_id=organisation_id, closed_on=body.closed_on)


@router.get("/{organisation_id}", summary="查看单位", operation_id="read_organisation",
             description="修改前先查看，页面记住看到的版本（ETag）。", dependencies=[ACCESS.requires("organisation:read")],
            responses=refusals(NotFound))  # fmt: skip
async def get_organisation(organisation_id: UUID, reading: Reading) -> OrganisationView:
    organisation = await reading.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound("没有这个单位")
    reading.version(organisation.version)
    return OrganisationView.of(organisation)


@router.get(
    "",
    summary="单位列表",
    operation_id="list_organisations",
    description="新登记的在前；可按统一社会信用代码查找。",
    dependencies=[ACCESS.requires("organisation:read")],
)
async def get_organisations(
    reading: Reading, paging: Paging, uscc: Annotated[str | None, Query(max_length=18, description="统一社会信用代码")] = None
) -> Page[OrganisationView]:
    rows = select(Organisation) if uscc is None else select(Organisation).where(col(Organisation.uscc) == uscc)
    return await page(reading.session, rows, Organisation.id, paging, OrganisationView.of)
