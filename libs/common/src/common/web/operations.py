"""What operators of every service see and do: backlog, dossiers that wait or fail, partitions that stand still, the business day."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import asyncpg
import structlog
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from common.bus import dead_letters
from common.bus.backlog import Backlog, backlog, by_topic
from common.bus.offsets import resume_partition, stopped_partitions
from common.bus.protocol import Partition
from common.bus.rate import faded
from common.calendar.business_day import BusinessDayGoesBack
from common.database.engine import raw
from common.observability.figures import DOSSIERS, OUTBOX, UNSEALED
from common.refusal import NotFound
from common.web.operators import TASK, Operator, watcher
from common.web.problems import refusals
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Running, Service

_log = structlog.get_logger(__name__)
_BUS_SECONDS = 2.0
_DOSSIER_ID = "018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"


TopicName = Annotated[str, Path(max_length=100, description="主题", examples=["certification.certificate"])]
PartitionNumber = Annotated[int, Path(ge=0, lt=2**31, description="分区号", examples=[0])]


class TopicView(BaseModel):
    """What became of a topic's messages here: applied + superseded + dead + discarded are the distinct versions heard."""

    topic: str = Field(examples=["certification.certificate"])
    applied: int = Field(examples=[1280])
    superseded: int = Field(examples=[12])
    duplicate: int = Field(examples=[3])
    dead: int = Field(examples=[0])
    discarded: int = Field(examples=[0])
    unread: int | None = Field(description="尚未处理的消息；消息总线连不上时为空", examples=[0])
    behind_seconds: float | None = Field(
        description="已处理到几秒之前的消息；没有积压为 0，从未处理过或消息总线连不上时为空", examples=[0.0]
    )
    per_minute: float = Field(description="最近每分钟处理几条", examples=[42.0])


class DossierView(BaseModel):
    """How many dossiers of a kind wait, and how many of them have failed."""

    kind: str = Field(examples=["person"])
    waiting: int = Field(examples=[4])
    failed: int = Field(examples=[1])


class FailedDossier(BaseModel):
    kind: str = Field(examples=["person"])
    id: str = Field(examples=[_DOSSIER_ID])
    failures: int = Field(examples=[1])
    reason: str = Field(examples=["TimeoutError"])
    try_again_at: datetime = Field(examples=["2018-06-01T09:31:00+08:00"])


class RecomputedView(BaseModel):
    """Dossiers are recomputed as samples all the time, one after the other: how many so far, and what was not as it must be."""

    kind: str = Field(examples=["person"])
    looked_at: int = Field(description="累计抽样复算", examples=[28800])
    differing: int = Field(description="其中与所存不符的", examples=[0])
    last_at: datetime = Field(description="最近一次抽样", examples=["2018-06-01T09:31:00+08:00"])
    last_found: list[str] = Field(description="最近一次不符之处", examples=[[]])
    last_found_at: datetime | None = Field(examples=[None])


class State(BaseModel):
    """The service's state at one glance."""

    business_day: date = Field(description="业务日期", examples=["2018-06-01"])
    outbox: int = Field(description="尚未发布的事件", examples=[0])
    outbox_age_seconds: float = Field(description="其中最早的已等候几秒", examples=[0.0])
    published: dict[str, int] = Field(description="已发布的事件，按主题", examples=[{"certification.certificate": 1280}])
    topics: list[TopicView]
    dossiers: list[DossierView]
    failed: list[FailedDossier]
    stopped: dict[str, str] = Field(description="已停下的分区及原因", examples=[{}])
    backlog: dict[str, int] = Field(
        description="尚未处理的消息，按分区；消息总线连不上时为空", examples=[{"certification.certificate/0": 0}]
    )
    is_backlog_known: bool = Field(description="消息总线是否连得上：连不上时，积压为空不等于没有积压", examples=[True])
    audit_unsealed: int = Field(description="最近一枚封印之后、尚未封印的审计记录", examples=[0])
    audit_unsealed_age_seconds: float = Field(description="其中最早的已等候几秒", examples=[0.0])
    recomputed: list[RecomputedView] = Field(description="不间断的抽样复算")


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    day: date = Field(examples=["2018-03-01"], description="推进到哪一天")


class Today(BaseModel):
    day: date = Field(examples=["2018-03-01"], description="业务日期")


class Resumed(BaseModel):
    """The partition that is read on, and why it stood still."""

    topic: str = Field(examples=["certification.certificate"])
    partition: int = Field(examples=[0])
    reason: str = Field(examples=["more than 20 dead letters in five minutes"], description="此前停下的原因")


def router(service: "Service") -> APIRouter:
    """The routes under `/operations`."""
    routes = APIRouter(prefix="/operations", tags=[TASK.name])
    name = service.name

    @routes.get(
        "/state",
        summary="运行状况",
        operation_id=f"{name}_read_state",
        description="积压、等候复算的卷宗、失败的卷宗及原因、停下的分区。",
        dependencies=[Depends(watcher)],
    )
    async def state(reading: Reading) -> State:
        connection, running = await raw(reading.session), reading.running
        # In the order in which things happen: what has left one place is found in the next.
        outbox = await connection.fetchrow(OUTBOX)
        waiting = await _backlog(connection, running)
        stopped = await stopped_partitions(connection, running.facts.bus_id, running.facts.group)
        unsealed = await connection.fetchrow(UNSEALED)
        return State(
            business_day=await connection.fetchval("SELECT day FROM business_day"),
            outbox=outbox["depth"],
            outbox_age_seconds=max(0.0, outbox["age"]),
            published={row["topic"]: row["events"] for row in await connection.fetch("SELECT topic, events FROM published ORDER BY topic")},
            topics=await _topics(connection, by_topic(waiting or {}, datetime.now(UTC))),
            dossiers=[DossierView(**dict(row)) for row in await connection.fetch(DOSSIERS)],
            failed=[FailedDossier(**dict(row)) for row in await connection.fetch(FAILED)],
            stopped={f"{p.topic}/{p.number}": why for p, why in stopped.items()},
            backlog={f"{p.topic}/{p.number}": each.unread for p, each in sorted((waiting or {}).items())},
            is_backlog_known=waiting is not None,
            audit_unsealed=unsealed["rows"],
            audit_unsealed_age_seconds=max(0.0, unsealed["age"]),
            recomputed=[
                RecomputedView(**dict(row) | {"last_found": json.loads(row["last_found"])}) for row in await connection.fetch(_RECOMPUTED)
            ],
        )

    @routes.get("/business-day", summary="业务日期", operation_id=f"{name}_read_business_day", description="本服务按哪一天办事。")
    async def read_day(reading: Reading) -> Today:
        return Today(day=await (await raw(reading.session)).fetchval("SELECT day FROM business_day"))

    @routes.post(
        "/business-day:advance", summary="推进业务日期", operation_id=f"{name}_advance_business_day", responses=refusals(BusinessDayGoesBack),
        description="只能向前。到期的事项随即复算。",
    )  # fmt: skip
    async def advance(body: Advance, operator: Operator) -> Today:
        async with operator.transaction() as session:
            was = await operator.running.business_day.move(session, body.day)
            if was != body.day:
                changes = {"day": [was.isoformat(), body.day.isoformat()]}
                await operator.audit(await raw(session), "advanced", subject="business_day", changes=changes)
        return Today(day=body.day)

    @routes.post(
        "/partitions/{topic}/{number}:resume", summary="恢复读取", operation_id=f"{name}_resume_partition", responses=refusals(NotFound),
        description="停下的分区从停下之处继续读取；主题已重建的，从新日志开头读取。",
    )  # fmt: skip
    async def resume(topic: TopicName, number: PartitionNumber, operator: Operator) -> Resumed:
        async with operator.transaction() as session:
            connection = await raw(session)
            facts = operator.running.facts
            reasons = await resume_partition(connection, facts.bus_id, facts.group, topic, number)
            if not reasons:
                raise NotFound("这个分区没有停下")
            changes = {"topic": topic, "partition": number, "stopped_reason": [reasons[0], None]}
            await operator.audit(connection, "resumed", subject="consumer_offset", changes=changes)
        return Resumed(topic=topic, partition=number, reason=reasons[0])

    return routes


async def _backlog(connection: asyncpg.Connection, running: "Running") -> Mapping[Partition, Backlog] | None:
    """None when the bus is away: that is when operators look at the rest."""
    try:
        async with asyncio.timeout(_BUS_SECONDS):
            return await backlog(connection, running.bus, running.facts)
    except Exception as error:
        _log.warning("backlog_unknown", error=type(error).__name__)
        return None


async def _topics(connection: asyncpg.Connection, waiting: Mapping[str, tuple[int, float | None]]) -> list[TopicView]:
    rows = {row["topic"]: dict(row) for row in await connection.fetch(_COUNTS)}
    letters = await dead_letters.counts(connection)
    nothing = {"applied": 0, "superseded": 0, "duplicate": 0, "per_minute": 0.0}
    return [
        TopicView(
            **(nothing | {"topic": topic} | rows.get(topic, {})), dead=dead, discarded=discarded, unread=unread, behind_seconds=behind
        )
        for topic in sorted({*rows, *letters, *waiting})
        for (dead, discarded), (unread, behind) in ((letters.get(topic, (0, 0)), waiting.get(topic, (None, None))),)
    ]


_COUNTS = f"SELECT topic, applied, superseded, duplicate, round(({faded('c')})::numeric, 1)::float8 AS per_minute FROM fact_count AS c"  # noqa: S608 - no value of anybody


FAILED = """
    SELECT kind, id, failures, failed_reason AS reason, try_again_at FROM dossier
    WHERE failed_reason IS NOT NULL ORDER BY kind, id LIMIT 100
"""
_RECOMPUTED = "SELECT kind, looked_at, differing, last_at, last_found::text, last_found_at FROM recomputation ORDER BY kind"
