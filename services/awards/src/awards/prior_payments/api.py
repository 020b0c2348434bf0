"""Earlier payments over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from awards.access import ACCESS
from awards.prior_payments.actions import load_prior_payment, withdraw_prior_payment
from awards.prior_payments.model import AlreadyLoaded, AlreadyWithdrawn, PaidInFuture, PriorPayment, SchemeNotTold, TooLittleTold
from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.awards import PayeeKind
from contracts.fact import LevelCode, OccupationKey

router = APIRouter(prefix="/prior-payments", tags=["既往支付"])


class NewPriorPayment(BaseModel):
    """What was paid on paper, and for what: each scheme needs what tells one of its matters from another."""

    model_config = ConfigDict(extra="forbid")

    scheme: str = Field(max_length=100, examples=["newcomer"], description="待遇项目")
    beneficiary_kind: PayeeKind = Field(examples=[PayeeKind.PERSON])
    beneficiary_id: UUID = Field(description="收款方")
    person_id: UUID | None = Field(default=None, description="为谁的培训、证书支付；付给本人的可以不填", examples=[None])
    occupation: OccupationKey | None = Field(default=None, examples=[None])
    level_code: LevelCode | None = Field(default=None, examples=[None])
    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(default=None, description="按年支付的，为哪一年", examples=[None])
    amount: Money
    paid_on: date = Field(examples=["2017-06-30"], description="支付日期")
    paper_number: str = Field(min_length=1, max_length=100, examples=["张人社发〔2017〕12号"], description="文号或凭证号")


class PriorPaymentView(BaseModel):
    id: UUID
    version: Version
    scheme: str = Field(examples=["newcomer"])
    beneficiary_kind: PayeeKind
    beneficiary_id: UUID
    person_id: UUID | None
    occupation: str | None = Field(examples=["2015:6-18-02-04"])
    level_code: int | None = Field(examples=[3])
    year: int | None
    amount: Money
    paid_on: date = Field(examples=["2017-06-30"])
    paper_number: str = Field(examples=["张人社发〔2017〕12号"])
    withdrawn_on: date | None

    @classmethod
    def of(cls, payment: PriorPayment) -> Self:
        return cls.model_validate(payment.row() | {"amount": Money.of(payment.amount_fen)})


@router.post("", status_code=201, summary="录入既往支付", operation_id="load_prior_payment",
             description="系统启用前已按纸质手续支付的，录入后视同已得：同一事项不再支付，收款方相同且不足的补足差额（批量请用导入）。",
             responses=refusals(SchemeNotTold, TooLittleTold, PaidInFuture, AlreadyLoaded),
             dependencies=[ACCESS.requires("prior-payment:load")])  # fmt: skip
async def post_prior_payment(body: NewPriorPayment, act: Act) -> PriorPaymentView:
    return await act(load_prior_payment, PriorPaymentView.of, **body.model_dump(exclude={"amount"}), amount_fen=body.amount.fen)


@router.post("/{prior_payment_id}:withdraw", summary="作废既往支付", operation_id="withdraw_prior_payment",
             description="录入有误的作废，自当日起视同从未支付，有关权益随即复算。", responses=refusals(NotFound, AlreadyWithdrawn),
             dependencies=[ACCESS.requires("prior-payment:withdraw")])  # fmt: skip
async def post_withdrawal(prior_payment_id: UUID, act: MatchedAct) -> PriorPaymentView:
    return await act(withdraw_prior_payment, PriorPaymentView.of, prior_payment_id=prior_payment_id)


@router.get("/{prior_payment_id}", summary="查看既往支付", operation_id="read_prior_payment",
            description="为何事、付给谁、多少。", responses=refusals(NotFound), dependencies=[ACCESS.requires("prior-payment:read")])  # fmt: skip
async def get_prior_payment(prior_payment_id: UUID, reading: Reading) -> PriorPaymentView:
    payment = await reading.session.get(PriorPayment, prior_payment_id)
    if payment is None:
        raise NotFound("没有这笔既往支付")
    reading.saw([payment.person_id] if payment.person_id else [], purpose="prior-payment")
    reading.version(payment.version)
    return PriorPaymentView.of(payment)


@router.get("", summary="既往支付列表", operation_id="list_prior_payments", description="可按收款方、当事人和待遇项目筛选。",
            dependencies=[ACCESS.requires("prior-payment:read")])  # fmt: skip
async def get_prior_payments(
    reading: Reading, paging: Paging,
    beneficiary_id: Annotated[UUID | None, Query(description="收款方")] = None,
    person_id: Annotated[UUID | None, Query(description="当事人")] = None,
    scheme: Annotated[str | None, Query(description="待遇项目", examples=["newcomer"])] = None,
) -> Page[PriorPaymentView]:  # fmt: skip
    asked = {"beneficiary_id": beneficiary_id, "person_id": person_id, "scheme": scheme}
    rows = select(PriorPayment).filter_by(**{name: value for name, value in asked.items() if value is not None})
    found = await page(reading.session, rows, PriorPayment.id, paging, PriorPaymentView.of)
    reading.saw([each.person_id for each in found.items if each.person_id], purpose="list")
    return found
