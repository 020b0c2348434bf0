"""Rulings over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from awards.access import ACCESS
from awards.rulings.actions import decide_ruling, decline_ruling, propose_ruling, reverse_ruling
from awards.rulings.model import (
    AlreadyRuled,
    EndsBeforeItBegins,
    OnlyBansEnd,
    Ruling,
    RulingConcernsNothing,
    RulingDecidedByItsProposer,
    RulingIsDecided,
    RulingNotInForce,
    RulingReversedByItsDecider,
    RulingState,
)
from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.awards import PayeeKind, RulingKind

router = APIRouter(prefix="/rulings", tags=["裁定"])
_DECIDE = [ACCESS.requires("ruling:decide")]


class NewRuling(BaseModel):
    """A finding about one entitlement (`entitlement_id`), or about everything of a beneficiary (a ban)."""

    model_config = ConfigDict(extra="forbid")

    kind: RulingKind = Field(
        examples=[RulingKind.BANNED], description="REMOVED 取消，RENOUNCED 放弃，DISCRETION_USED 动用裁量（可），BANNED 限制享受"
    )
    entitlement_id: UUID | None = Field(default=None, description="取消、放弃哪一项权益", examples=[None])
    beneficiary_kind: PayeeKind | None = Field(default=None, examples=[PayeeKind.PERSON], description="限制谁")
    beneficiary_id: UUID | None = Field(default=None, examples=["018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"])
    scheme: str | None = Field(default=None, examples=[None], description="动用裁量的待遇项目")
    entitlement_key: str | None = Field(default=None, examples=[None], description="动用裁量的事项")
    first_on: date = Field(examples=["2018-06-01"], description="自该日起")
    last_on: date | None = Field(default=None, examples=["2018-08-31"], description="限制期的最后一日；不填为无限期")
    paper_number: str = Field(min_length=1, max_length=100, examples=["张人社监〔2018〕7号"], description="文号")
    reason: str = Field(min_length=1, max_length=1000, examples=["弄虚作假，经查属实"], description="理由，不对外公布")


class RulingView(BaseModel):
    id: UUID
    version: Version
    kind: RulingKind
    state: RulingState
    beneficiary_kind: PayeeKind
    beneficiary_id: UUID
    scheme: str | None
    entitlement_key: str | None
    first_on: date = Field(examples=["2018-06-01"])
    last_on: date | None
    paper_number: str = Field(examples=["张人社监〔2018〕7号"])
    reason: str = Field(examples=["弄虚作假，经查属实"])
    proposed_by: str = Field(examples=["clerk"])
    decided_by: str | None = Field(examples=["officer"])
    reversed_by: str | None
    reversed_on: date | None

    @classmethod
    def of(cls, ruling: Ruling) -> Self:
        return cls.model_validate(ruling.row())


@router.post("", status_code=201, summary="提出裁定", operation_id="propose_ruling",
             description="由一人提出，另一人决定后才生效；生效后有关权益随即复算，复算不会推翻人的决定。",
             responses=refusals(NotFound, RulingConcernsNothing, OnlyBansEnd, EndsBeforeItBegins, AlreadyRuled),
             dependencies=[ACCESS.requires("ruling:propose")])  # fmt: skip
async def post_ruling(body: NewRuling, act: Act) -> RulingView:
    return await act(propose_ruling, RulingView.of, **body.model_dump())


@router.post("/{ruling_id}:decide", summary="作出裁定", operation_id="decide_ruling", dependencies=_DECIDE,
             description="提出人以外的人决定，自此生效。", responses=refusals(NotFound, RulingIsDecided, RulingDecidedByItsProposer))  # fmt: skip
async def post_decision(ruling_id: UUID, act: MatchedAct) -> RulingView:
    return await act(decide_ruling, RulingView.of, ruling_id=ruling_id)


@router.post("/{ruling_id}:decline", summary="不予裁定", operation_id="decline_ruling", dependencies=_DECIDE,
             description="提出的裁定不成立，什么也不变。", responses=refusals(NotFound, RulingIsDecided, RulingDecidedByItsProposer))  # fmt: skip
async def post_refusal(ruling_id: UUID, act: MatchedAct) -> RulingView:
    return await act(decline_ruling, RulingView.of, ruling_id=ruling_id)


@router.post("/{ruling_id}:reverse", summary="撤销裁定", operation_id="reverse_ruling", dependencies=_DECIDE,
             description="由作出裁定以外的人撤销，自当日起不再有效，有关权益随即复算。",
             responses=refusals(NotFound, RulingNotInForce, RulingReversedByItsDecider))  # fmt: skip
async def post_reversal(ruling_id: UUID, act: MatchedAct) -> RulingView:
    return await act(reverse_ruling, RulingView.of, ruling_id=ruling_id)


@router.get("/{ruling_id}", summary="查看裁定", operation_id="read_ruling", description="谁提出、谁决定、为什么、到何时。",
            responses=refusals(NotFound), dependencies=[ACCESS.requires("ruling:read")])  # fmt: skip
async def get_ruling(ruling_id: UUID, reading: Reading) -> RulingView:
    ruling = await reading.session.get(Ruling, ruling_id)
    if ruling is None:
        raise NotFound("没有这个裁定")
    reading.saw([ruling.beneficiary_id] if ruling.beneficiary_kind is PayeeKind.PERSON else [], purpose="ruling")
    reading.version(ruling.version)
    return RulingView.of(ruling)


@router.get("", summary="裁定列表", operation_id="list_rulings", description="可按当事人、种类和状态筛选。",
            dependencies=[ACCESS.requires("ruling:read")])  # fmt: skip
async def get_rulings(
    reading: Reading, paging: Paging,
    beneficiary_id: Annotated[UUID | None, Query(description="当事人")] = None,
    kind: Annotated[RulingKind | None, Query(description="种类")] = None,
    state: Annotated[RulingState | None, Query(description="状态")] = None,
) -> Page[RulingView]:  # fmt: skip
    asked = {"beneficiary_id": beneficiary_id, "kind": kind, "state": state}
    rows = select(Ruling).filter_by(**{name: value for name, value in asked.items() if value is not None})
    found = await page(reading.session, rows, Ruling.id, paging, RulingView.of)
    reading.saw([each.beneficiary_id for each in found.items if each.beneficiary_kind is PayeeKind.PERSON], purpose="list")
    return found
