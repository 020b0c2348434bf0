"""What operators of every service see and do: backlog, dossiers that wait or fail, dead letters, the business day."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from common.bus import dead_letters
from common.bus.dead_letters import DeadLetterEnded
from common.bus.protocol import Message
from common.calendar.business_day import BusinessDayGoesBack
from common.database.engine import raw
from common.refusal import Conflict, Forbidden, NotFound, refuses
from common.security.access import principal
from common.security.principal import Principal, Role
from common.web.problems import refusals
from common.web.reading import Reading
from common.web.tasks import Task

if TYPE_CHECKING:
    from common.service import Service

TASK = Task("运维", "运行状况、业务日期，以及没能读懂的消息")
DEAD_LETTER_ID = "018f3c7a-1031-7c3e-9a41-5b6d2e8f0031"
"""Of the examples."""
_DOSSIER_ID = "018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"


class OnlyOfficers(Forbidden):
    title = "只有负责人可以进行运维操作"


class StillUnreadable(Conflict):
    title = "这条消息仍然无法读取"


@refuses(OnlyOfficers)
async def _officer(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    if caller.role is not Role.OFFICER:
        raise OnlyOfficers
    return caller


@refuses(OnlyOfficers)
async def watcher(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    if caller.role not in (Role.OFFICER, Role.AUDITOR, Role.CLERK):
        raise OnlyOfficers
    return caller


class TopicView(BaseModel):
    """What became of a topic's messages here: applied + superseded + dead + discarded are the distinct versions heard."""

    topic: str = Field(examples=["certification.certificate"])
    applied: int = Field(examples=[1280])
    superseded: int = Field(examples=[12])
    duplicate: int = Field(examples=[3])
    dead: int = Field(examples=[0])
    discarded: int = Field(examples=[0])


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


class State(BaseModel):
    """The service's state at one glance."""

    business_day: date = Field(description="业务日期", examples=["2018-06-01"])
    outbox: int = Field(description="尚未发布的事件", examples=[0])
    published: dict[str, int] = Field(description="已发布的事件，按主题", examples=[{"certification.certificate": 1280}])
    topics: list[TopicView]
    dossiers: list[DossierView]
    failed: list[FailedDossier]
    stopped: dict[str, str] = Field(description="已停下的分区及原因", examples=[{}])
    backlog: dict[str, int] = Field(description="尚未处理的消息，按分区", examples=[{"certification.certificate/0": 0}])


class DeadLetterView(BaseModel):
    id: UUID
    topic: str = Field(examples=["certification.certificate"])
    partition: int = Field(examples=[0])
    offset: int = Field(examples=[1281])
    reason: str = Field(examples=["缺少 person_id"])
    first_seen_at: datetime = Field(examples=["2018-06-01T09:30:00+08:00"])
    tries: int = Field(examples=[1])
    state: str = Field(examples=["WAITING"])


class DeadLetters(BaseModel):
    items: list[DeadLetterView]


class Discard(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=4, max_length=500, examples=["发送方已确认该消息作废"])


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    day: date = Field(examples=["2018-03-01"], description="推进到哪一天")


class Today(BaseModel):
    day: date = Field(examples=["2018-03-01"], description="业务日期")


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
        connection = await raw(reading.session)
        consumption = reading.running.consumer.consumption if reading.running.consumer else None
        backlog = await consumption.backlog() if consumption else {}
        return State(
            business_day=await connection.fetchval("SELECT day FROM business_day"),
            outbox=await connection.fetchval("SELECT count(*) FROM outbox"),
            published={row["topic"]: row["events"] for row in await connection.fetch("SELECT topic, events FROM published ORDER BY topic")},
            topics=[TopicView(**dict(row)) for row in await connection.fetch("SELECT * FROM fact_count ORDER BY topic")],
            dossiers=[DossierView(**dict(row)) for row in await connection.fetch(_WAITING)],
            failed=[FailedDossier(**dict(row)) for row in await connection.fetch(_FAILED)],
            stopped={f"{p.topic}/{p.number}": why for p, why in (consumption.stopped if consumption else {}).items()},
            backlog={f"{p.topic}/{p.number}": count for p, count in sorted(backlog.items())},
        )

    @routes.get("/business-day", summary="业务日期", operation_id=f"{name}_read_business_day", description="本服务按哪一天办事。")
    async def read_day(reading: Reading) -> Today:
        return Today(day=await (await raw(reading.session)).fetchval("SELECT day FROM business_day"))

    @routes.post(
        "/business-day:advance", summary="推进业务日期", operation_id=f"{name}_advance_business_day", responses=refusals(BusinessDayGoesBack),
        description="只能向前。到期的事项随即复算。", dependencies=[Depends(_officer)],
    )  # fmt: skip
    async def advance(body: Advance, request: Request) -> Today:
        running = request.app.state.running
        await running.business_day.advance(body.day)
        if service.new_day is not None:
            await service.new_day(running, body.day)
        return Today(day=body.day)

    @routes.get(
        "/dead-letters",
        summary="死信列表",
        operation_id=f"{name}_list_dead_letters",
        description="没能读懂或存下的消息，先到先列，至多一百条。",
        dependencies=[Depends(watcher)],
    )
    async def letters(reading: Reading) -> DeadLetters:
        waiting = await dead_letters.waiting(await raw(reading.session), after=None, limit=100)
        return DeadLetters(items=[DeadLetterView(**{k: v for k, v in row._asdict().items() if k != "ended_reason"}) for row in waiting])

    @routes.post(
        "/dead-letters/{dead_letter_id}:replay", summary="重放死信", operation_id=f"{name}_replay_dead_letter",
        description="原因消除后再处理一次；仍读不懂的会被拒绝并保留。",
        responses=refusals(NotFound, DeadLetterEnded, StillUnreadable), dependencies=[Depends(_officer)],
    )  # fmt: skip
    async def replay(dead_letter_id: UUID, request: Request) -> DeadLetters:
        running = request.app.state.running
        async with running.database.transaction() as session:
            connection = await raw(session)
            message: Message = await dead_letters.take_for_replay(connection, dead_letter_id)
            batch = running.facts.sort_out((message,))
            if batch.unreadable:
                raise StillUnreadable(batch.unreadable[0][1])
            await dead_letters.end(connection, dead_letter_id, state="REPLAYED", reason="replayed")
            await running.facts.keep(connection, batch.heard)
        running.committed.ring()
        return DeadLetters(items=[])

    @routes.post(
        "/dead-letters/{dead_letter_id}:discard", summary="作废死信", operation_id=f"{name}_discard_dead_letter",
        description="确认不再需要，并写明理由。",
        responses=refusals(NotFound, DeadLetterEnded), dependencies=[Depends(_officer)],
    )  # fmt: skip
    async def discard(dead_letter_id: UUID, body: Discard, request: Request) -> DeadLetters:
        async with request.app.state.running.database.transaction() as session:
            await dead_letters.end(await raw(session), dead_letter_id, state="DISCARDED", reason=body.reason)
        return DeadLetters(items=[])

    return routes


_WAITING = """
    SELECT kind, count(*) AS waiting, count(*) FILTER (WHERE failed_reason IS NOT NULL) AS failed FROM dossier
    WHERE dirty > clean OR failed_reason IS NOT NULL OR look_again_on <= (SELECT day FROM business_day) GROUP BY kind ORDER BY kind
"""
_FAILED = """
    SELECT kind, id, failures, failed_reason AS reason, try_again_at FROM dossier
    WHERE failed_reason IS NOT NULL ORDER BY kind, id LIMIT 100
"""
