"""Agreements over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlmodel import col, select

from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.matching import AgreementKind
from matching.access import ACCESS
from matching.agreements.actions import end_agreement, renew_agreement, sign_agreement
from matching.agreements.model import Agreement, AgreementAlreadyEnded, AgreementNumberTaken, AgreementReversed, NotLonger

router = APIRouter(prefix="/agreements", tags=["合作协议"])
_WRITE = [ACCESS.requires("agreement:write")]


class NewAgreement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60, examples=["HZ2018-07"], description="协议编号")
    partner_id: UUID = Field(description="合作单位")
    kind: AgreementKind = AgreementKind.DELIVERY
    is_outside_province: StrictBool = False
    signed_on: date = Field(examples=["2018-01-15"])
    expires_on: date = Field(examples=["2020-12-31"])


class Renewal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expires_on: date = Field(examples=["2021-12-31"])


class Ending(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ended_on: date = Field(examples=["2018-09-01"], description="自该日起不再有效")


class AgreementView(BaseModel):
    id: UUID
    version: Version
    number: str
    partner_id: UUID
    kind: AgreementKind
    is_outside_province: bool
    signed_on: date
    expires_on: date
    ended_on: date | None

    @classmethod
    def of(cls, agreement: Agreement) -> Self:
        return cls.model_validate(agreement.row())


@router.post("", status_code=201, summary="登记协议", operation_id="sign_agreement",
             description="协议有效期内输送的人员才计入合作单位。", dependencies=_WRITE,
             responses=refusals(AgreementNumberTaken, AgreementReversed))  # fmt: skip
async def post_agreement(body: NewAgreement, act: Act) -> AgreementView:
    return await act(sign_agreement, AgreementView.of, agreement=Agreement(**body.model_dump()))


@router.post("/{agreement_id}:renew", summary="续签协议", operation_id="renew_agreement",
             description="新的到期日必须晚于原到期日。", dependencies=_WRITE,
             responses=refusals(AgreementAlreadyEnded, NotLonger))  # fmt: skip
async def post_renewal(agreement_id: UUID, body: Renewal, act: MatchedAct) -> AgreementView:
    return await act(renew_agreement, AgreementView.of, agreement_id=agreement_id, **body.model_dump())


@router.post("/{agreement_id}:end", summary="终止协议", operation_id="end_agreement",
             description="自该日起不再有效；此前输送的不受影响。", dependencies=_WRITE,
             responses=refusals(AgreementAlreadyEnded, AgreementReversed))  # fmt: skip
async def post_ending(agreement_id: UUID, body: Ending, act: MatchedAct) -> AgreementView:
    return await act(end_agreement, AgreementView.of, agreement_id=agreement_id, **body.model_dump())


@router.get("/{agreement_id}", summary="查看协议", operation_id="read_agreement",
             description="续签、终止前先查看，页面记住看到的版本（ETag）。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("agreement:read")])  # fmt: skip
async def get_agreement(agreement_id: UUID, reading: Reading) -> AgreementView:
    agreement = await reading.session.get(Agreement, agreement_id)
    if agreement is None:
        raise NotFound("没有这个合作协议")
    reading.principal.must_be_organisation(agreement.partner_id)
    reading.version(agreement.version)
    return AgreementView.of(agreement)


@router.get(
    "",
    summary="协议列表",
    operation_id="list_agreements",
    description="可按合作单位筛选；单位只看本单位的。",
    dependencies=[ACCESS.requires("agreement:read")],
)
async def get_agreements(
    reading: Reading, paging: Paging, partner_id: Annotated[UUID | None, Query(description="合作单位")] = None
) -> Page[AgreementView]:
    rows = select(Agreement)
    if partner_id is not None:
        rows = rows.where(col(Agreement.partner_id) == partner_id)
    if reading.principal.role is Role.ORGANISATION:
        rows = rows.where(col(Agreement.partner_id) == reading.principal.organisation_id)
    return await page(reading.session, rows, Agreement.id, paging, AgreementView.of)
