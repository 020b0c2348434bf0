"""Selections over REST: officers name, record failed checks and withdraw."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from awards.access import ACCESS
from awards.honours.actions import fail_check, name_honour, withdraw_honour
from awards.honours.model import (
    MANAGED_YEARS,
    AlreadyChiefTechnician,
    CheckAlreadyFailed,
    EnterpriseOfChiefTechnician,
    Honour,
    HonourAlreadyWithdrawn,
    NamedInFuture,
    NamedWithinThreeYears,
    NoYearOfTheTerm,
    TwentyAlreadyNamed,
    WithdrawalReason,
    WithdrawnOutsideTime,
)
from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.awards import HonourKind

router = APIRouter(prefix="/honours", tags=["评选命名"])
_WRITE = [ACCESS.requires("honour:write")]
_READ = [ACCESS.requires("honour:read")]


class NewHonour(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: HonourKind
    person_id: UUID = Field(description="被命名人")
    named_on: date = Field(examples=["2018-05-04"], description="命名文件的日期；名额按其年份计算")
    organisation_id: UUID | None = Field(default=None, examples=[None], description="企业首席技师所在企业；优秀高技能人才不填")
    term_years: int | None = Field(
        default=None, ge=1, le=10, examples=[None], description="企业首席技师的任期（年）；优秀高技能人才不填，为三年"
    )
    paper_number: str = Field(min_length=1, max_length=60, examples=["张人社发〔2018〕31号"], description="命名文件文号")

    def honour(self) -> Honour:
        """Raises EnterpriseOfChiefTechnician."""
        is_chief = self.kind is HonourKind.CHIEF_TECHNICIAN
        if (self.organisation_id is not None, self.term_years is not None) != (is_chief, is_chief):
            raise EnterpriseOfChiefTechnician
        told = self.model_dump() | {"term_years": self.term_years or MANAGED_YEARS}
        return Honour(**told, year=self.named_on.year, rank=0)


class FailedCheck(BaseModel):
    model_config = ConfigDict(extra="forbid")

    year: int = Field(ge=2000, le=2100, examples=[2018], description="考核不合格的年度")


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    withdrawn_on: date = Field(examples=["2018-11-30"], description="自该日起不再发放；命名有误的，填命名日")
    reason: WithdrawalReason


class HonourView(BaseModel):
    id: UUID
    version: Version
    kind: HonourKind
    person_id: UUID
    year: int
    rank: int = Field(examples=[3], description="当年第几名（撤销的也计入）")
    named_on: date
    organisation_id: UUID | None = Field(examples=[None])
    term_years: int = Field(examples=[3])
    failed_checks: list[int] = Field(examples=[[]], description="考核不合格的年度")
    paper_number: str
    withdrawn_on: date | None
    withdrawal_reason: WithdrawalReason | None

    @classmethod
    def of(cls, honour: Honour) -> Self:
        return cls.model_validate(honour.row())


@router.post("", status_code=201, summary="命名", operation_id="name_honour",
             description="优秀高技能人才每年二十名，撤销的不递补，三年管理期内不重复评选；企业首席技师按企业和任期命名。", dependencies=_WRITE,
             responses=refusals(EnterpriseOfChiefTechnician, NamedInFuture, TwentyAlreadyNamed, NamedWithinThreeYears, AlreadyChiefTechnician))  # fmt: skip
async def post_honour(body: NewHonour, act: Act) -> HonourView:
    return await act(name_honour, HonourView.of, honour=body.honour())


@router.post("/{honour_id}:fail-check", summary="登记考核不合格", operation_id="fail_honour_check",
             description="年度考核不合格的，以后各期不再发放（允许的次数见参数）。", dependencies=_WRITE,
             responses=refusals(HonourAlreadyWithdrawn, NoYearOfTheTerm, CheckAlreadyFailed))  # fmt: skip
async def post_failed_check(honour_id: UUID, body: FailedCheck, act: MatchedAct) -> HonourView:
    return await act(fail_check, HonourView.of, honour_id=honour_id, **body.model_dump())


@router.post("/{honour_id}:withdraw", summary="撤销命名", operation_id="withdraw_honour",
             description="自该日起不再发放；此前应付的各期不受影响。名额不再递补。", dependencies=_WRITE,
             responses=refusals(HonourAlreadyWithdrawn, WithdrawnOutsideTime))  # fmt: skip
async def post_withdrawal(honour_id: UUID, body: Withdrawal, act: MatchedAct) -> HonourView:
    return await act(withdraw_honour, HonourView.of, honour_id=honour_id, **body.model_dump())


@router.get("/{honour_id}", summary="查看命名", operation_id="read_honour",
            description="登记考核、撤销前先查看，页面记住看到的版本（ETag）。", responses=refusals(NotFound), dependencies=_READ)  # fmt: skip
async def get_honour(honour_id: UUID, reading: Reading) -> HonourView:
    honour = await reading.session.get(Honour, honour_id)
    if honour is None:
        raise NotFound("没有这个命名")
    reading.version(honour.version)
    return HonourView.of(honour)


@router.get("", summary="命名列表", operation_id="list_honours", description="可按类别、年度、人员筛选。", dependencies=_READ)
async def get_honours(
    reading: Reading,
    paging: Paging,
    kind: Annotated[HonourKind | None, Query(description="类别")] = None,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="年度")] = None,
    person_id: Annotated[UUID | None, Query(description="被命名人")] = None,
) -> Page[HonourView]:
    rows = select(Honour)
    for column, wanted in ((Honour.kind, kind), (Honour.year, year), (Honour.person_id, person_id)):
        if wanted is not None:
            rows = rows.where(col(column) == wanted)
    return await page(reading.session, rows, Honour.id, paging, HonourView.of)
