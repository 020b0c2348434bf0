"""What others have paid, over REST."""

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
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode, OccupationKey
from contracts.registry import OtherBenefitScheme
from registry.access import ACCESS
from registry.other_benefits import model
from registry.other_benefits.actions import correct_other_benefit, report_other_benefit, withdraw_other_benefit
from registry.other_benefits.model import OtherBenefit
from registry.people.merging import all_that_he_is, must_be_his

router = APIRouter(prefix="/other-benefits", tags=["其他补贴"])


class Amount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: Money = Field(description="已发放的金额", examples=[{"amount": "2000.00", "currency": "CNY"}])


class NewOtherBenefit(Amount):
    person_id: UUID
    scheme: OtherBenefitScheme = Field(
        examples=[OtherBenefitScheme.UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY], description="失业保险技能提升补贴，或其他培训补贴"
    )
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[3])
    paid_on: date = Field(examples=["2018-05-10"], description="发放日")

    def row(self) -> OtherBenefit:
        return OtherBenefit(**self.model_dump(exclude={"amount"}), amount_fen=self.amount.fen)


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date | None = Field(examples=["2018-05-20"], description="退回日，自该日起视为没有发放；填 null 撤回")


class OtherBenefitView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    scheme: OtherBenefitScheme
    occupation: str
    level_code: int
    amount: Money
    paid_on: date
    withdrawn_on: date | None

    @classmethod
    def of(cls, benefit: OtherBenefit) -> Self:
        return cls.model_validate(benefit.row() | {"amount": Money.of(benefit.amount_fen)})


@router.post("", status_code=201, summary="登记其他补贴", operation_id="report_other_benefit",
             description="失业保险基金等已为同一证书发放的补贴；本市不再重复发放。", dependencies=[ACCESS.requires("other-benefit:write")],
             responses=refusals(NotFound, model.PaidInFuture, model.NothingPaid, model.OtherBenefitAlreadyReported))  # fmt: skip
async def post_other_benefit(body: NewOtherBenefit, act: Act) -> OtherBenefitView:
    return await act(report_other_benefit, OtherBenefitView.of, benefit=body.row())


@router.put("/{other_benefit_id}", summary="更正补贴金额", operation_id="correct_other_benefit",
            description="项目、职业、等级或发放日填错的，登记退回后另行登记。", dependencies=[ACCESS.requires("other-benefit:write")],
            responses=refusals(model.NothingPaid, model.OtherBenefitAlreadyWithdrawn))  # fmt: skip
async def put_other_benefit(other_benefit_id: UUID, body: Amount, act: MatchedAct) -> OtherBenefitView:
    return await act(correct_other_benefit, OtherBenefitView.of, other_benefit_id=other_benefit_id, amount_fen=body.amount.fen)


@router.post("/{other_benefit_id}:withdraw", summary="登记退回", operation_id="withdraw_other_benefit",
             description="已退回或误报的，自该日起视为没有发放，本市待遇随即复算；填错了可以撤回。",
             dependencies=[ACCESS.requires("other-benefit:withdraw")],
             responses=refusals(model.OtherBenefitAlreadyWithdrawn, model.OtherBenefitNotWithdrawn, model.WithdrawnBeforePaid))  # fmt: skip
async def post_withdrawal(other_benefit_id: UUID, body: Withdrawal, act: MatchedAct) -> OtherBenefitView:
    return await act(withdraw_other_benefit, OtherBenefitView.of, other_benefit_id=other_benefit_id, withdrawn_on=body.withdrawn_on)


@router.get("/{other_benefit_id}", summary="查看其他补贴", operation_id="read_other_benefit",
            description="个人看本人的。修改前先查看，页面记住看到的版本（ETag）。", dependencies=[ACCESS.requires("other-benefit:read")],
            responses=refusals(NotFound))  # fmt: skip
async def get_other_benefit(other_benefit_id: UUID, reading: Reading) -> OtherBenefitView:
    benefit = await reading.session.get(OtherBenefit, other_benefit_id)
    if benefit is None:
        raise NotFound("没有这笔补贴")
    await must_be_his(reading.session, reading.principal, benefit.person_id)
    reading.saw([benefit.person_id], purpose="view")
    reading.version(benefit.version)
    return OtherBenefitView.of(benefit)


@router.get(
    "",
    summary="其他补贴列表",
    operation_id="list_other_benefits",
    description="个人看本人的。",
    dependencies=[ACCESS.requires("other-benefit:read")],
)
async def get_other_benefits(
    reading: Reading, paging: Paging, person_id: Annotated[UUID | None, Query(description="人员")] = None
) -> Page[OtherBenefitView]:
    rows = select(OtherBenefit)
    if reading.principal.role is Role.PERSON:
        person_id = reading.principal.person_id
    if person_id is not None:
        rows = rows.where(among(col(OtherBenefit.person_id), await all_that_he_is(reading.session, person_id)))
    found = await page(reading.session, rows, OtherBenefit.id, paging, OtherBenefitView.of)
    reading.saw([benefit.person_id for benefit in found.items], purpose="list")
    return found
