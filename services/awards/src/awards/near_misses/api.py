"""Who could get what, over REST: how many miss exactly one condition, by scheme, condition and town, and the list of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from awards.access import ACCESS
from awards.equipment import Equipment
from awards.kernel.parameters import Parameters
from awards.near_misses.finding import Missed, NearMiss, missed, told
from awards.policy.schemes import BY_ID
from awards.population.columns import LoadedCity, begins_with
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.files.exporting import BYTE_ORDER_MARK, csv_lines
from common.refusal import NotFound
from common.web import exports
from common.web.problems import refusals
from common.web.reading import Reading, Reading_
from contracts.awards import PayeeKind
from contracts.fact import AreaCode

router = APIRouter(prefix="/near-misses", tags=["说明"])
_LINES_AT_ONCE = 100
"""Each is explained: a slice of some milliseconds."""
_HEADERS = ("待遇项目", "只差的条件", "区域", "当事人编号", "收款方", "收款方编号", "现在的情况", "怎样可以得到", "今后怎样可以得到")
_KINDS = {PayeeKind.PERSON: "个人", PayeeKind.ORGANISATION: "单位"}

SchemeId = Annotated[str | None, Query(description="待遇项目", examples=["universal-training"])]
Area = Annotated[AreaCode | None, Query(description="收款方所在的县或镇", examples=["320582"])]


class NearMissCount(BaseModel):
    scheme: str = Field(examples=["universal-training"])
    title: str = Field(examples=["普惠制职业技能培训补贴"])
    condition: str = Field(examples=["出勤达到要求"])
    area_code: str | None = Field(description="收款方所在区域；空：不明", examples=["320582103"])
    count: int = Field(examples=[12], description="只差这一项的事项数")


class NearMissCounts(BaseModel):
    """As of a moment a short while ago."""

    as_of: datetime = Field(examples=["2018-12-01T09:30:00+08:00"])
    business_day: date = Field(examples=["2018-12-01"])
    items: list[NearMissCount]


@router.get("", summary="只差一项的", operation_id="count_near_misses", dependencies=[ACCESS.requires("near-miss:read"), exports.IN_LINE],
            description="其他条件都满足、只差一项的，按待遇项目、条件和区域计数：窗口据此逐个提醒。名单用导出。", responses=refusals(NotFound))  # fmt: skip
async def get_near_misses(reading: Reading, scheme: SchemeId = None, area_code: Area = None) -> NearMissCounts:
    city, parameters, today = await _at_hand(reading, scheme)
    found = await asyncio.to_thread(missed, city, parameters, today, scheme)
    counts = Counter((each.scheme.id, each.condition, area) for each in found for area in _within(each, area_code))
    items = [
        NearMissCount(
            scheme=id_,
            title=BY_ID[id_].title,
            condition=BY_ID[id_].conditions[nth].title,
            area_code=str(area) if area else None,
            count=count,
        )
        for (id_, nth, area), count in counts.items()
    ]
    return NearMissCounts(as_of=city.as_of, business_day=today, items=items)


@router.get("/export", summary="导出只差一项的名单", operation_id="export_near_misses", response_class=Response,
            responses=exports.ANSWER | refusals(NotFound), dependencies=[ACCESS.requires("near-miss:export"), exports.IN_LINE],
            description="一行一项：差哪一项、现在怎样、怎样可以得到。默认只列还来得及的。CSV，UTF-8 编码；导出了谁的数据均有记录。")  # fmt: skip
async def export_near_misses(
    reading: Reading, scheme: SchemeId = None, area_code: Area = None, *,
    with_gone: Annotated[bool, Query(description="已无法改变的也列出")] = False,
) -> Response:  # fmt: skip
    city, parameters, today = await _at_hand(reading, scheme)
    found = await asyncio.to_thread(missed, city, parameters, today, scheme)
    headers = {"Content-Disposition": 'attachment; filename="near-misses.csv"'}
    lines = _lines(found, city, parameters, today, area_code, reading, with_gone=with_gone)
    return StreamingResponse(lines, media_type=f"{exports.MEDIA_TYPE}; charset=utf-8", headers=headers)


async def _at_hand(reading: Reading_, scheme: str | None) -> tuple[LoadedCity, Parameters, date]:
    if scheme is not None and scheme not in BY_ID:
        raise NotFound("没有这个待遇项目")
    equipment: Equipment = reading.equipment
    connection = await raw(reading.session)
    today, _ = await today_and_epoch(connection)
    return await equipment.kept_city.city(reading.running.database), await equipment.figures(connection), today


def _within(each: Missed, area_code: str | None) -> list[int]:
    areas = each.area if area_code is None else each.area[begins_with(each.area, int(area_code))]
    return [int(area) for area in areas]


async def _lines(
    found: list[Missed], city: LoadedCity, parameters: Parameters, today: date, area_code: str | None, reading: Reading_, *, with_gone: bool
) -> AsyncIterator[bytes]:  # fmt: skip
    await reading.saw_now([], purpose="near-misses")
    yield BYTE_ORDER_MARK.encode() + csv_lines([_HEADERS])
    for each in found:
        places = range(len(each.rows)) if area_code is None else begins_with(each.area, int(area_code)).nonzero()[0].tolist()
        for first in range(0, len(places), _LINES_AT_ONCE):
            part = await asyncio.to_thread(
                lambda each=each, part=places[first : first + _LINES_AT_ONCE]: [told(each, city, parameters, today, nth) for nth in part]  # type: ignore[misc]
            )
            part = [line for line in part if with_gone or line.would_help or line.anew]
            await reading.saw_now(sorted({line.person_id for line in part if line.person_id}), purpose="near-misses")
            yield csv_lines([_cells(line) for line in part])


def _cells(line: NearMiss) -> list[str | None]:
    return [
        line.scheme, line.condition, str(line.area) if line.area else None, str(line.person_id) if line.person_id else None,
        _KINDS[line.payee_kind], str(line.payee_id), line.seen, line.would_help or "已无法改变", line.anew or None,
    ]  # fmt: skip
