"""Entitlements, totals and decision records over REST: only read; what is owed follows from facts."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from awards.access import ACCESS
from awards.entitlements import reads
from awards.entitlements.exporting import COLUMNS
from awards.entitlements.model import Decision, Entitlement
from common.refusal import NotFound
from common.web import exports
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.awards import EntitlementState, PayeeKind

router = APIRouter(tags=["权益"])


class EntitlementView(BaseModel):
    """One entitlement as it stands."""

    id: UUID
    version: Version
    scheme: str = Field(examples=["universal-training"])
    entitlement_key: str = Field(
        description="同一事项只应付一次", examples=["018f3c7a-1001-7c3e-9a41-5b6d2e8f0001/018f3c7a-1007-7c3e-9a41-5b6d2e8f0007"]
    )
    payee_kind: PayeeKind
    payee_id: UUID
    person_id: UUID | None
    state: EntitlementState
    due: Money = Field(description="应付")
    accruing: Money = Field(description="截止日一过即应付")
    would_be: Money = Field(description="被另一项覆盖前的金额")
    settled: Money = Field(description="已付")
    displaced_by_scheme: str | None
    displaced_by_key: str | None
    decided_on: date = Field(examples=["2018-04-21"])
    decision_id: UUID

    @classmethod
    def of(cls, row: Entitlement) -> Self:
        sums = {name: Money.of(getattr(row, f"{name}_fen")) for name in ("due", "accruing", "would_be")}
        sums["settled"] = Money.of(row.settled_fen + row.carried_fen)
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields if name not in sums} | sums)


class TotalView(BaseModel):
    scheme: str = Field(examples=["universal-training"])
    state: EntitlementState
    entitlements: int = Field(examples=[128], description="权益数")
    due: Money
    accruing: Money
    would_be: Money


class Totals(BaseModel):
    """Sums by scheme and state."""

    items: list[TotalView]


class DecisionView(BaseModel):
    """Why an entitlement became what it is."""

    id: UUID
    entitlement_id: UUID
    entitlement_version: int = Field(examples=[1])
    recorded_at: datetime = Field(examples=["2018-04-21T09:30:00+08:00"])
    business_day: date = Field(examples=["2018-04-21"])
    ground_kind: str | None = Field(examples=["Participation"])
    ground: dict[str, Any] | None = Field(examples=[{"attended_share_bp": 9250}], description="认定时的事实")
    rule_hash: str = Field(examples=["3f0c9a52e1d7"])
    parameter_set_hash: str = Field(examples=["b81e44d09a67"])
    outcome: str = Field(examples=["GRANTED"])
    amount: Money
    state: EntitlementState
    cause: str = Field(examples=["import:0168f3a4-6c3a-7d7b-9a52-0c7d5e1f2a3b"], description="由哪件事引起")

    @classmethod
    def of(cls, row: Decision) -> Self:
        return cls.model_validate(
            {name: getattr(row, name) for name in cls.model_fields if name != "amount"} | {"amount": Money.of(row.amount_fen)}
        )


@router.get("/entitlements", summary="权益列表", operation_id="list_entitlements", dependencies=[ACCESS.requires("entitlement:read")],
            description="个人看本人的，单位看付给本单位的。列表不等待刚才的写入，单项读取可用 after 等待。")  # fmt: skip
async def get_entitlements(
    reading: Reading, paging: Paging,
    person_id: Annotated[UUID | None, Query(description="当事人")] = None,
    payee_id: Annotated[UUID | None, Query(description="收款方")] = None,
    scheme: Annotated[str | None, Query(description="待遇项目", examples=["newcomer"])] = None,
    state: Annotated[EntitlementState | None, Query(description="状态")] = None,
) -> Page[EntitlementView]:  # fmt: skip
    asked = {"person_id": person_id, "payee_id": payee_id, "scheme": scheme, "state": state}
    rows = reads.visible_to(reading.principal).filter_by(**{name: value for name, value in asked.items() if value is not None})
    if person_id is not None:
        await reading.settled("person", str(person_id))
    found = await page(reading.session, rows, Entitlement.id, paging, EntitlementView.of)
    reading.saw([row.person_id for row in found.items if row.person_id], purpose="list")
    return found


@router.get("/entitlements/export", summary="导出权益", operation_id="export_entitlements", response_class=Response, responses=exports.ANSWER,
            description="全部（或按条件的）权益，一行一项，为同一时刻的情况。CSV，UTF-8 编码，可直接用 Excel 或 WPS 打开；导出了谁的数据均有记录。传送中断的文件不完整，请重新导出。",
            dependencies=[ACCESS.requires("entitlement:export"), exports.IN_LINE])  # fmt: skip
async def export_entitlements(
    reading: Reading,
    scheme: Annotated[str | None, Query(description="待遇项目", examples=["newcomer"])] = None,
    state: Annotated[EntitlementState | None, Query(description="状态")] = None,
) -> Response:
    asked = {"scheme": scheme, "state": state}
    rows = reads.everything().filter_by(**{name: value for name, value in asked.items() if value is not None})
    return exports.exported(reading, rows, COLUMNS, person=lambda row: row.person_id, name="entitlements")


@router.get("/entitlements/{entitlement_id}", summary="查看权益", operation_id="read_entitlement",
             description="应付、待计、已付各多少，以及依据哪次认定。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("entitlement:read")])  # fmt: skip
async def get_entitlement(entitlement_id: UUID, reading: Reading) -> EntitlementView:
    row = await reads.find(reading.session, reading.principal, entitlement_id)
    reading.saw([row.person_id] if row.person_id else [], purpose="entitlement")
    reading.version(row.version)
    return EntitlementView.of(row)


@router.get("/entitlements/{entitlement_id}/decisions", summary="认定记录", operation_id="list_decisions",
             description="每一次变化都有一份认定记录，可以原样重演。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("decision:read")])  # fmt: skip
async def get_decisions(entitlement_id: UUID, reading: Reading, paging: Paging) -> Page[DecisionView]:
    row = await reads.find(reading.session, reading.principal, entitlement_id)
    reading.saw([row.person_id] if row.person_id else [], purpose="decisions")
    return await page(reading.session, select(Decision).where(col(Decision.entitlement_id) == row.id), Decision.id, paging, DecisionView.of)


@router.get(
    "/totals",
    summary="分项合计",
    operation_id="read_totals",
    description="按待遇项目和状态合计人数与金额。",
    dependencies=[ACCESS.requires("total:read")],
)
async def get_totals(reading: Reading) -> Totals:
    sums = ("due", "accruing", "would_be")
    return Totals(
        items=[
            TotalView(
                scheme=row.scheme,
                state=row.state,
                entitlements=row.entitlements,
                **{name: Money.of(int(getattr(row, f"{name}_fen"))) for name in sums},
            )
            for row in await reads.totals(reading.session)
        ]
    )
