"""What operators of every service see and do: backlog, dossiers that wait or fail, dead letters, the business day."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from common.bus import dead_letters
from common.bus.protocol import Message
from common.database.engine import raw
from common.refusal import Conflict, Forbidden, NotFound
from common.security.access import principal
from common.security.principal import Principal, Role
from common.web.problems import refusals
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Service


class OnlyOfficers(Forbidden):
    title = "只有负责人可以进行运维操作"


class StillUnreadable(Conflict):
    title = "这条消息仍然无法读取"


async def _officer(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    if caller.role is not Role.OFFICER:
        raise OnlyOfficers
    return caller


async def watcher(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    if caller.role not in (Role.OFFICER, Role.AUDITOR, Role.CLERK):
        raise OnlyOfficers
    return caller


class TopicView(BaseModel):
    """What became of a topic's messages here: applied + superseded + dead + discarded are the distinct versions heard."""

    topic: str
    applied: int
    superseded: int
    duplicate: int
    dead: int
    discarded: int


class DossierView(BaseModel):
    """How many dossiers of a kind wait, and how many of them have failed."""

    kind: str
    waiting: int
    failed: int


class FailedDossier(BaseModel):
    kind: str
    id: str
    failures: int
    reason: str
    try_again_at: datetime


class State(BaseModel):
    """The service's state at one glance."""

    business_day: date
    outbox: int
    published: dict[str, int]
    topics: list[TopicView]
    dossiers: list[DossierView]
    failed: list[FailedDossier]
    stopped: dict[str, str]
    backlog: dict[str, int]


class DeadLetterView(BaseModel):
    id: UUID
    topic: str
    partition: int
    offset: int
    reason: str
    first_seen_at: datetime
    tries: int
    state: str


class DeadLetters(BaseModel):
    items: list[DeadLetterView]


class Discard(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=4, max_length=500, examples=["发送方已确认该消息作废"])


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    day: date = Field(examples=["2018-03-01"])


class Today(BaseModel):
    day: date


def router(service: "Service") -> APIRouter:
    """The routes under `/operations`."""
    routes = APIRouter(prefix="/operations", tags=["运维"])
    name = service.name

    @routes.get("/state", summary="运行状况", operation_id=f"{name}_read_state", responses=refusals(), dependencies=[Depends(watcher)])
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

    @routes.get("/business-day", summary="业务日期", operation_id=f"{name}_read_business_day", responses=refusals())
    async def read_day(reading: Reading) -> Today:
        return Today(day=await (await raw(reading.session)).fetchval("SELECT day FROM business_day"))

    @routes.post(
        "/business-day:advance", summary="推进业务日期", operation_id=f"{name}_advance_business_day", responses=refusals(Conflict),
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
        responses=refusals(),
        dependencies=[Depends(watcher)],
    )
    async def letters(reading: Reading) -> DeadLetters:
        waiting = await dead_letters.waiting(await raw(reading.session), after=None, limit=100)
        return DeadLetters(items=[DeadLetterView(**{k: v for k, v in row._asdict().items() if k != "ended_reason"}) for row in waiting])

    @routes.post(
        "/dead-letters/{dead_letter_id}:replay", summary="重放死信", operation_id=f"{name}_replay_dead_letter",
        responses=refusals(NotFound, Conflict), dependencies=[Depends(_officer)],
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
        responses=refusals(NotFound, Conflict), dependencies=[Depends(_officer)],
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
