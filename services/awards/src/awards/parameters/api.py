"""Changing figures over REST: proposed by one, previewed, decided by another, beyond the brake confirmed by a third."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from awards.access import ACCESS
from awards.parameters import reads
from awards.parameters.actions import NotPreviewed, PreviewOutdated, confirm, decide, preview_anew, propose, refuse
from awards.parameters.exporting import COLUMNS
from awards.parameters.proposals import (
    AwaitsConfirmation,
    ConfirmedByTheSame,
    DecidedByItsProposer,
    NothingToConfirm,
    ParameterProposal,
    Preview,
    PreviewMove,
    PreviewState,
    ProposalIsClosed,
    ProposalState,
)
from awards.parameters.refusals import (
    FigureBelowFloor,
    FiguresOverlap,
    FigureUnreadable,
    NoSuchParameter,
    NothingChanges,
    NothingToReplace,
    UnknownChoice,
    UnknownLevel,
    WrongShape,
    WrongUnit,
)
from common.refusal import NotFound
from common.web import exports
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading

router = APIRouter(prefix="/parameter-proposals", tags=["标准调整"])
UNFIT = (
    NothingToReplace, NoSuchParameter, FigureBelowFloor, FiguresOverlap, WrongShape, WrongUnit, UnknownLevel, UnknownChoice, FigureUnreadable,
)  # fmt: skip
_READ, _DECIDE = [ACCESS.requires("parameter:read")], [ACCESS.requires("parameter:decide")]
Number = Annotated[int, Field(ge=0, le=10**12)]
Level = Annotated[str, Field(pattern="^[0-9]{1,2}$")]
FigureValue = bool | Number | Annotated[str, Field(max_length=100)] | dict[Level, bool | Number] | None
"""As figures are written: fen, shares of ten thousand, a word, yes or no, or a number by level; nothing: not set."""


class NewFigure(BaseModel):
    """One figure of one parameter, as it shall be in force."""

    model_config = ConfigDict(extra="forbid")

    parameter: str = Field(max_length=100, examples=["newcomer.amount"])
    value: FigureValue = Field(
        examples=[250000], description="金额为分，比例为万分之几；分等级的写成等级代码对数值；空为停用（标准未定，规则不执行）"
    )
    effective_from: date = Field(examples=["2019-01-01"], description="从这一天起发生的事项按此执行，可早于今天（追溯）")
    valid_to: date | None = Field(default=None, examples=[None], description="最后一天；空为直到下一个数值")
    published_on: date | None = Field(default=None, examples=["2018-11-20"])
    reviewed_until: date | None = Field(default=None, examples=["2021-12-31"], description="此日之后发生的事项暂缓，直到标准复核")
    paper: str = Field(min_length=1, max_length=200, examples=["张人社〔2018〕41号"])
    replaces: date | None = Field(default=None, examples=[None], description="更正：取代从这一天起执行的那个数值")


class NewProposal(BaseModel):
    """The figures of one paper; they come in force together."""

    model_config = ConfigDict(extra="forbid")

    figures: list[NewFigure] = Field(min_length=1, max_length=20)
    reason: str = Field(min_length=1, max_length=1000, examples=["按市政府常务会议纪要调整一次性奖励标准"])


class Refusing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    because: str = Field(min_length=1, max_length=1000, examples=["文号有误，请更正后重新提出"])


class ProposalView(BaseModel):
    id: UUID
    version: Version
    state: ProposalState = Field(description="PROPOSED 待决定，BRAKED 超过限额、待第三人确认，IN_FORCE 已生效，REFUSED 已否决")
    figures: list[dict[str, Any]] = Field(examples=[[{"parameter": "newcomer.amount", "value": 250000, "effective_from": "2019-01-01"}]])
    reaches_back: bool = Field(description="是否追溯：涉及提出之日以前发生的事项")
    reason: str
    proposed_by: str = Field(examples=["officer"])
    proposed_at: datetime = Field(examples=["2018-11-26T09:30:00+08:00"])
    decided_by: str | None
    confirmed_by: str | None
    refused_by: str | None
    refused_because: str | None
    in_force_since: datetime | None

    @classmethod
    def of(cls, proposal: ParameterProposal) -> Self:
        return cls.model_validate({name: getattr(proposal, name) for name in cls.model_fields})


class SumsView(BaseModel):
    """How many entitlements move, and how much."""

    entitlements: int = Field(examples=[1280], description="变动的权益数")
    up: Money = Field(description="合计增加（应付与预计）")
    down: Money = Field(description="合计减少")
    settled: int = Field(examples=[3], description="其中已付的权益数；已付金额不变")
    payable: Money = Field(description="已付的权益须补付")
    debt: Money = Field(description="已付的权益多付、须追回")

    @classmethod
    def of(cls, sums: dict[str, int]) -> Self:
        money = {name: Money.of(sums[f"{name}_fen"]) for name in ("up", "down", "payable", "debt")}
        return cls.model_validate({"entitlements": sums["entitlements"], "settled": sums["settled"]} | money)


class MoveView(BaseModel):
    """One entitlement, as it stands and as it would."""

    scheme: str = Field(examples=["newcomer"])
    entitlement_key: str
    person_id: UUID | None
    payee_id: UUID
    state_before: str | None = Field(examples=["DUE"], description="空：原来没有")
    state_after: str = Field(examples=["DUE"])
    due_before: Money
    due_after: Money
    accruing_before: Money
    accruing_after: Money
    settled: Money

    @classmethod
    def of(cls, move: PreviewMove) -> Self:
        money = ("due_before", "due_after", "accruing_before", "accruing_after", "settled")
        sums = {name: Money.of(getattr(move, f"{name}_fen")) for name in money}
        return cls.model_validate({name: getattr(move, name) for name in cls.model_fields if name not in sums} | sums)


class SchemeSums(BaseModel):
    scheme: str = Field(examples=["newcomer"])
    sums: SumsView


class PreviewView(BaseModel):
    """What it would move, to the fen: the same computation that follows the decision, taken back."""

    state: PreviewState = Field(description="WAITING 等候、RUNNING 测算中、DONE 完成、FAILED 失败（failed_reason 说明原因）")
    business_day: date | None = Field(examples=["2018-12-01"], description="按哪一天测算")
    dossiers_found: int = Field(examples=[2000], description="标准变动所涉及的卷宗数")
    dossiers_done: int = Field(examples=[2000], description="已测算的卷宗数")
    finished_at: datetime | None
    failed_reason: str | None
    total: SumsView | None
    needs_third: bool | None = Field(description="是否超过限额、须第三人确认", examples=[False])
    by_scheme: list[SchemeSums]
    largest: list[MoveView] = Field(description="变动最大的若干项；全部名单请导出")


@router.post("", status_code=201, summary="提出标准调整", operation_id="propose_parameters", responses=refusals(NothingChanges, *UNFIT),
             description="提出后即开始测算影响：涉及多少项权益、增减多少。测算不改变任何权益；须另一位经办人决定后才生效。",
             dependencies=[ACCESS.requires("parameter:propose")])  # fmt: skip
async def post_proposal(body: NewProposal, act: Act) -> ProposalView:
    figures = [each.model_dump(mode="json", exclude_none=True) | {"value": each.value} for each in body.figures]
    return await act(propose, ProposalView.of, figures=figures, reason=body.reason)


@router.get("", summary="标准调整列表", operation_id="list_parameter_proposals", dependencies=_READ,
            description="最近提出的在前。")  # fmt: skip
async def get_proposals(reading: Reading, paging: Paging) -> Page[ProposalView]:
    return await page(reading.session, select(ParameterProposal), ParameterProposal.id, paging, ProposalView.of)


@router.get("/{proposal_id}", summary="查看标准调整", operation_id="read_parameter_proposal", responses=refusals(NotFound),
            description="谁提出、谁决定、谁确认，何时生效。", dependencies=_READ)  # fmt: skip
async def get_proposal(proposal_id: UUID, reading: Reading) -> ProposalView:
    proposal = await reads.proposal(reading.session, proposal_id)
    reading.version(proposal.version)
    return ProposalView.of(proposal)


@router.get("/{proposal_id}/preview", summary="查看影响", operation_id="read_parameter_preview", responses=refusals(NotFound),
            description="测算的进度和结果：分项增减、是否涉及已付、变动最大的若干项。", dependencies=_READ)  # fmt: skip
async def get_preview(proposal_id: UUID, reading: Reading) -> PreviewView:
    found = await reads.preview(reading.session, proposal_id)
    largest = await reads.largest(reading.session, proposal_id) if found.preview.state is PreviewState.DONE else []
    reading.saw([move.person_id for move in largest if move.person_id], purpose="preview")
    return _preview(found.preview, largest, needs_third=found.needs_third)


def _preview(preview: Preview, largest: list[PreviewMove], *, needs_third: bool | None) -> PreviewView:
    summary = preview.summary or {"total": None, "by_scheme": {}}
    return PreviewView(
        **{
            name: getattr(preview, name)
            for name in ("state", "business_day", "dossiers_found", "dossiers_done", "finished_at", "failed_reason")
        },
        total=SumsView.of(summary["total"]) if summary["total"] else None,
        needs_third=needs_third,
        by_scheme=[SchemeSums(scheme=scheme, sums=SumsView.of(sums)) for scheme, sums in summary["by_scheme"].items()],
        largest=[MoveView.of(move) for move in largest],
    )


@router.get("/{proposal_id}/preview/export", summary="导出影响名单", operation_id="export_parameter_preview", response_class=Response,
            responses=exports.ANSWER | refusals(NotFound), description="每项变动的权益一行：变动前后的状态和金额。CSV，UTF-8 编码；导出了谁的数据均有记录。",
            dependencies=[ACCESS.requires("parameter:export"), exports.IN_LINE])  # fmt: skip
async def export_preview(proposal_id: UUID, reading: Reading) -> Response:
    await reads.proposal(reading.session, proposal_id)
    table = PreviewMove.__table__  # type: ignore[attr-defined]
    rows = select(*table.columns).where(col(PreviewMove.proposal_id) == proposal_id).order_by(table.c.scheme, table.c.entitlement_key)
    return exports.exported(reading, rows, COLUMNS, person=lambda row: row.person_id, name="preview")


@router.post("/{proposal_id}:preview", summary="重新测算影响", operation_id="preview_parameters", responses=refusals(ProposalIsClosed),
             description="标准或业务日已变时，决定之前须重新测算。", dependencies=[ACCESS.requires("parameter:propose")])  # fmt: skip
async def post_preview(proposal_id: UUID, act: MatchedAct) -> ProposalView:
    return await act(preview_anew, ProposalView.of, proposal_id=proposal_id)


@router.post("/{proposal_id}:decide", summary="决定标准调整", operation_id="decide_parameters", dependencies=_DECIDE,
             responses=refusals(ProposalIsClosed, AwaitsConfirmation, DecidedByItsProposer, NotPreviewed, PreviewOutdated, *UNFIT),
             description="由提出人以外的经办人决定，随即生效，只复算所涉及的卷宗；超过限额的，待第三人确认后才生效。")  # fmt: skip
async def post_decision(proposal_id: UUID, act: MatchedAct) -> ProposalView:
    return await act(decide, ProposalView.of, proposal_id=proposal_id)


@router.post("/{proposal_id}:confirm", summary="确认超限调整", operation_id="confirm_parameters", dependencies=_DECIDE,
             responses=refusals(NothingToConfirm, ConfirmedByTheSame, NotPreviewed, PreviewOutdated, *UNFIT),
             description="变动超过限额的调整，由提出人、决定人以外的第三人确认，随即生效。")  # fmt: skip
async def post_confirmation(proposal_id: UUID, act: MatchedAct) -> ProposalView:
    return await act(confirm, ProposalView.of, proposal_id=proposal_id)


@router.post("/{proposal_id}:refuse", summary="否决标准调整", operation_id="refuse_parameters", dependencies=_DECIDE,
             responses=refusals(ProposalIsClosed), description="尚未生效的调整可以否决，提出人也可撤回；不再生效。")  # fmt: skip
async def post_refusal(proposal_id: UUID, body: Refusing, act: MatchedAct) -> ProposalView:
    return await act(refuse, ProposalView.of, proposal_id=proposal_id, because=body.because)
