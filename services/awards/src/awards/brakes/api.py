"""Braked causes over REST: what each would move, and its release."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from awards.access import ACCESS
from awards.brakes.actions import release
from awards.brakes.model import AlreadyReleased, Brake, BrakeState, HeldBackChange
from awards.parameters.exporting import COLUMNS
from awards.parameters.proposals import ConfirmedByTheSame
from common.refusal import NotFound
from common.web import exports
from common.web.acting import MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading

router = APIRouter(prefix="/brakes", tags=["超限变动"])
_READ = [ACCESS.requires("parameter:read")]


class BrakeView(BaseModel):
    """One cause that moves more than may be moved at once."""

    id: UUID
    version: Version
    cause: str = Field(examples=["import:0168f3a4-6c3a-7d7b-9a52-0c7d5e1f2a3b"], description="由哪件事引起：导入、规则版本、标准调整")
    state: BrakeState = Field(description="HOLDS 超出限额的变动未写入，待放行；RELEASED 已放行")
    since: datetime = Field(examples=["2018-12-01T09:30:00+08:00"])
    released_by: str | None

    @classmethod
    def of(cls, brake: Brake) -> Self:
        return cls.model_validate({name: getattr(brake, name) for name in cls.model_fields})


class HeldBack(BrakeView):
    """With what it holds back now."""

    entitlements: int = Field(examples=[1280], description="未写入的变动项数")
    up: Money = Field(description="合计增加")
    down: Money = Field(description="合计减少")


@router.get("", summary="超限变动列表", operation_id="list_brakes", dependencies=_READ,
            description="一次导入、一个规则版本或一次标准调整的变动超过限额时，超出部分不写入，列在这里待放行。")  # fmt: skip
async def get_brakes(reading: Reading, paging: Paging) -> Page[BrakeView]:
    return await page(reading.session, select(Brake), Brake.id, paging, BrakeView.of)


@router.get("/{brake_id}", summary="查看超限变动", operation_id="read_brake", responses=refusals(NotFound), dependencies=_READ,
            description="有多少项变动未写入、合计多少；逐项名单请导出。")  # fmt: skip
async def get_brake(brake_id: UUID, reading: Reading) -> HeldBack:
    brake = await _find(reading.session, brake_id)
    moved = col(HeldBackChange.moved_fen)
    sums = select(func.count(), func.sum(moved).filter(moved > 0), -func.sum(moved).filter(moved < 0))
    number, up, down = (await reading.session.execute(sums.where(col(HeldBackChange.cause) == brake.cause))).one()
    reading.version(brake.version)
    told = BrakeView.of(brake).model_dump()
    return HeldBack(**told, entitlements=number, up=Money.of(int(up or 0)), down=Money.of(int(down or 0)))


@router.get("/{brake_id}/export", summary="导出超限名单", operation_id="export_brake", response_class=Response,
            responses=exports.ANSWER | refusals(NotFound), description="每项未写入的变动一行：变动前后的状态和金额。CSV，UTF-8 编码；导出了谁的数据均有记录。",
            dependencies=[ACCESS.requires("parameter:export"), exports.IN_LINE])  # fmt: skip
async def export_brake(brake_id: UUID, reading: Reading) -> Response:
    brake = await _find(reading.session, brake_id)
    table = HeldBackChange.__table__  # type: ignore[attr-defined]
    rows = select(*table.columns).where(table.c.cause == brake.cause).order_by(table.c.scheme, table.c.entitlement_key)
    return exports.exported(reading, rows, COLUMNS, person=lambda row: row.person_id, name="held-back")


@router.post("/{brake_id}:release", summary="放行超限变动", operation_id="release_brake", dependencies=[ACCESS.requires("parameter:decide")],
             responses=refusals(AlreadyReleased, ConfirmedByTheSame),
             description="放行后按现有事实重新计算并写入，该事由不再受限。认为有误的不要放行：更正事实或标准后，不再变动的会自行消失。")  # fmt: skip
async def post_release(brake_id: UUID, act: MatchedAct) -> BrakeView:
    return await act(release, BrakeView.of, brake_id=brake_id)


async def _find(session: AsyncSession, brake_id: UUID) -> Brake:
    """Raises NotFound."""
    found = await session.get(Brake, brake_id)
    if found is None:
        raise NotFound("没有这项超限变动")
    return found
