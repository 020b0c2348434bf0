"""What if, over REST: other figures over the whole city or a part of it, and the list of all that would be others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from awards.access import ACCESS
from awards.equipment import Equipment
from awards.kernel.kinds import LEVEL_NAMES, Unit
from awards.kernel.parameters import Parameters
from awards.parameters.api import UNFIT, FigureValue
from awards.parameters.refusals import refused_by_name
from awards.policy.check import declared
from awards.policy.schemes import BY_ID
from awards.policy.stacking import HIGHER_LEVEL_MAY_BE_PAID
from awards.population.columns import LoadedCity, numbers_of
from awards.whatif.comparison import Comparison, Mover, Payee, Sums, compare
from awards.whatif.proposal import Proposal, Slice
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.files.exporting import BYTE_ORDER_MARK, csv_lines
from common.refusal import Invalid
from common.web import exports
from common.web.money import Money, yuan
from common.web.problems import refusals
from common.web.reading import Reading, Reading_
from contracts.awards import PayeeKind
from contracts.fact import AreaCode, OccupationKey

router = APIRouter(prefix="/what-ifs", tags=["测算"])
_LARGEST = 20
_LINES_AT_ONCE = 500
_HEADERS = (
    "待遇项目",
    "事项",
    "当事人编号",
    "原收款方",
    "原收款方编号",
    "原应付（元）",
    "新收款方",
    "新收款方编号",
    "新应付（元）",
    "相差（元）",
)
_KINDS = {PayeeKind.PERSON: "个人", PayeeKind.ORGANISATION: "单位"}


class NotForColumns(Invalid):
    title = "这项标准要逐人复算才知道结果，不能在这里测算；决定之前请用标准的预览"


_UNFIT = (*UNFIT, NotForColumns)


class SupposedFigure(BaseModel):
    """One figure, as it is supposed to be."""

    model_config = ConfigDict(extra="forbid")

    parameter: str = Field(max_length=100, examples=["newcomer.amount"])
    value: FigureValue = Field(examples=[250000], description="金额为分，比例为万分之几；分等级的写成等级代码对数值；空为停用")


class Asked(BaseModel):
    """Other figures, from a day on, for a part of the city."""

    model_config = ConfigDict(extra="forbid")

    figures: list[SupposedFigure] = Field(min_length=1, max_length=50)
    effective_from: date | None = Field(default=None, description="自哪一天起；不填即全部日期", examples=["2018-07-01"])
    area_code: AreaCode | None = Field(default=None, description="只看收款方在这个县或镇的", examples=["320582"])
    occupation: OccupationKey | None = Field(default=None, description="只看这个职业（工种）的", examples=[None])
    year: int | None = Field(default=None, ge=2000, le=2100, description="只看按这一年标准认定的", examples=[2018])


class SumsView(BaseModel):
    """Now, then, and what lies between."""

    name: str = Field(examples=["newcomer"])
    title: str = Field(examples=["高技能人才初次来本市工作奖励"])
    entitlements_now: int = Field(examples=[128], description="现在应付的权益数")
    entitlements_then: int = Field(examples=[128])
    now: Money
    then: Money
    more: Money = Field(description="比现在多")
    less: Money = Field(description="比现在少")

    @classmethod
    def of(cls, name: object, title: str, sums: Sums) -> Self:
        return cls(
            name=str(name), title=title, entitlements_now=sums.now, entitlements_then=sums.then, now=Money.of(sums.now_fen),
            then=Money.of(sums.then_fen), **_change(sums.now_fen, sums.then_fen),
        )  # fmt: skip


class PayeeView(BaseModel):
    kind: PayeeKind
    id: UUID

    @classmethod
    def of(cls, payee: Payee | None) -> Self | None:
        return cls(kind=payee.kind, id=payee.id) if payee else None


class MoverView(BaseModel):
    """One entitlement that would be another."""

    scheme: str = Field(examples=["newcomer"])
    entitlement_key: str = Field(examples=["018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"])
    person_id: UUID | None
    now_payee: PayeeView | None
    then_payee: PayeeView | None
    now: Money
    then: Money
    more: Money = Field(description="比现在多")
    less: Money = Field(description="比现在少")

    @classmethod
    def of(cls, mover: Mover) -> Self:
        return cls(
            scheme=mover.scheme, entitlement_key=mover.key, person_id=mover.person_id, now_payee=PayeeView.of(mover.now_payee),
            then_payee=PayeeView.of(mover.then_payee), now=Money.of(mover.now_fen), then=Money.of(mover.then_fen),
            **_change(mover.now_fen, mover.then_fen),
        )  # fmt: skip


class WhatIf(BaseModel):
    """The whole answer. Nothing of it is stored."""

    as_of: datetime = Field(description="全市依据截至何时", examples=["2018-12-01T09:30:00+08:00"])
    business_day: date = Field(examples=["2018-12-01"])
    left_out: int = Field(
        examples=[0], description="没有计入测算的裁定、以前的支付和其他部门的补贴，共几件；为零时与实际认定逐分一致，否则测算可能偏高"
    )
    total: SumsView
    by_scheme: list[SumsView]
    by_fund: list[SumsView]
    by_area: list[SumsView] = Field(description="按收款方所在区域")
    by_level: list[SumsView]
    differing: int = Field(examples=[128], description="会变动的权益数")
    persons: int = Field(examples=[128], description="涉及人数")
    up: Money = Field(description="增加合计")
    down: Money = Field(description="减少合计")
    largest: list[MoverView] = Field(description="变动最大的二十项；全部名单用导出")

    @classmethod
    def of(cls, found: Comparison, city: LoadedCity, today: date) -> Self:
        return cls(
            as_of=city.as_of,
            left_out=city.left_out,
            business_day=today,
            total=SumsView.of("total", "合计", found.total),
            by_scheme=[SumsView.of(each, BY_ID[each].title, sums) for each, sums in found.by_scheme.items()],
            by_fund=[SumsView.of(each, each, sums) for each, sums in sorted(found.by_fund.items())],
            by_area=[SumsView.of(each or "unknown", str(each) if each else "不明", sums) for each, sums in sorted(found.by_area.items())],
            by_level=[SumsView.of(each, LEVEL_NAMES.get(each, "不分等级"), sums) for each, sums in sorted(found.by_level.items())],
            differing=found.differing,
            persons=found.persons,
            up=Money.of(found.up_fen),
            down=Money.of(found.down_fen),
            largest=[MoverView.of(each) for each in islice(found.movers(), _LARGEST)],
        )


@router.post("", summary="测算", operation_id="what_if", dependencies=[ACCESS.requires("what-if:read"), exports.IN_LINE],
             description="假定标准改为这些数值，全市（或一部分）应付多少、与现在相差多少，精确到分，已扣除不重复补贴；什么也不会改变。",
             responses=refusals(*_UNFIT))  # fmt: skip
async def post_what_if(body: Asked, reading: Reading) -> WhatIf:
    found, city, today = await _compared(body, reading)
    answer = WhatIf.of(found, city, today)
    reading.saw([each.person_id for each in answer.largest if each.person_id], purpose="what-if")
    return answer


@router.post("/export", summary="导出测算名单", operation_id="export_what_if", response_class=Response,
             responses=exports.ANSWER | refusals(*_UNFIT), dependencies=[ACCESS.requires("what-if:export"), exports.IN_LINE],
             description="会变动的每一项，变动大的在前。CSV，UTF-8 编码；导出了谁的数据均有记录。")  # fmt: skip
async def post_export(body: Asked, reading: Reading) -> Response:
    found, _, _ = await _compared(body, reading)
    headers = {"Content-Disposition": 'attachment; filename="what-if.csv"'}
    return StreamingResponse(_lines(found, reading), media_type=f"{exports.MEDIA_TYPE}; charset=utf-8", headers=headers)


async def _lines(found: Comparison, reading: Reading_) -> Any:
    await reading.saw_now([], purpose="what-if")
    yield BYTE_ORDER_MARK.encode() + csv_lines([_HEADERS])
    movers = found.movers()
    while part := await asyncio.to_thread(lambda: list(islice(movers, _LINES_AT_ONCE))):
        await reading.saw_now(sorted({each.person_id for each in part if each.person_id}), purpose="what-if")
        yield csv_lines([_cells(each) for each in part])


def _cells(mover: Mover) -> list[str | None]:
    def of(payee: Payee | None, fen: int) -> list[str | None]:
        return [*((_KINDS[payee.kind], str(payee.id)) if payee else (None, None)), yuan(fen)]

    person = str(mover.person_id) if mover.person_id else None
    # Two columns: a sum that begins with a minus would open as a text.
    change = _change(mover.now_fen, mover.then_fen)
    sums = [*of(mover.now_payee, mover.now_fen), *of(mover.then_payee, mover.then_fen), *(each.amount for each in change.values())]
    return [mover.scheme, mover.key, person, *sums]


async def _compared(body: Asked, reading: Reading_) -> tuple[Comparison, LoadedCity, date]:
    equipment: Equipment = reading.equipment
    connection = await raw(reading.session)
    in_force = await equipment.figures(connection)
    figures = {each.parameter: each.value for each in body.figures}
    if HIGHER_LEVEL_MAY_BE_PAID.name in figures:
        raise NotForColumns
    with refused_by_name():
        proposed = Proposal(figures, body.effective_from).put_into(in_force)
    today, _ = await today_and_epoch(connection)
    city = await equipment.kept_city.city(reading.running.database)
    words = {*_words(in_force), *_words(proposed), *([body.occupation] if body.occupation else [])} - city.words.keys()
    city.words.update(await numbers_of(connection, words))
    part = Slice(int(body.area_code) if body.area_code else None, body.occupation, body.year)
    found = await asyncio.to_thread(compare, city, in_force, proposed, today, part)
    return found, city, today


def _words(parameters: Parameters) -> Iterator[str]:
    """What figures name: who is paid, from which fund."""
    coded = {name for name, each in declared().items() if each.unit is Unit.CODE}
    for name in coded:
        for figure in parameters[name].figures:
            values = figure.value.values() if isinstance(figure.value, Mapping) else [figure.value]
            yield from (value for value in values if isinstance(value, str))


def _change(now_fen: int, then_fen: int) -> dict[str, Money]:
    return {"more": Money.of(max(then_fen - now_fen, 0)), "less": Money.of(max(now_fen - then_fen, 0))}
