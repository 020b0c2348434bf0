"""Dead letters of one topic, and one reason where it is given, dealt with together: a few hundred need not be clicked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from common.bus import dead_letters
from common.bus.dead_letters import DeadLetterEnded, Selection
from common.bus.replaying import StillUnreadable
from common.database.engine import raw
from common.web.dead_letters import discard, replay
from common.web.operators import TASK, Operator, Operator_

if TYPE_CHECKING:
    from common.service import Service


class Chosen(BaseModel):
    """Which dead letters, and how many at most, those that came first before the others."""

    model_config = ConfigDict(extra="forbid")
    topic: str = Field(max_length=100, examples=["certification.certificate"])
    reason: str | None = Field(
        default=None, max_length=500, description="只处理这个原因的，须完全相同", examples=["level_code: less_than_equal"]
    )
    limit: int = Field(default=100, ge=1, le=500, description="本次最多处理几条")

    def selection(self) -> Selection:
        return Selection(topic=self.topic, reason=self.reason)


class ChosenForDiscard(Chosen):
    because: str = Field(min_length=4, max_length=500, description="为何作废", examples=["发送方已确认这批消息作废"])


class Dealt(BaseModel):
    """What became of them, and how many of the kind still wait."""

    done: int = Field(description="已处理", examples=[98])
    still_unreadable: int = Field(description="仍然无法读取，已记下新的原因", examples=[2])
    left: int = Field(description="同类中仍在等待的", examples=[2])


def router(service: Service) -> APIRouter:
    """The two verbs on `/operations/dead-letters`."""
    routes = APIRouter(prefix="/operations", tags=[TASK.name])
    name = service.name

    @routes.post(
        "/dead-letters:replay", summary="一并重放死信", operation_id=f"{name}_replay_dead_letters",
        description="按先后逐条重放，每条单独记录；仍然无法读取的留下并写明新的原因。还有剩余时再次提交即可。",
    )  # fmt: skip
    async def replay_many(body: Chosen, operator: Operator) -> Dealt:
        done = unreadable = 0
        for each in await _ids(operator, body):
            try:
                await replay(operator, each)
                done += 1
            except StillUnreadable:
                unreadable += 1
            except DeadLetterEnded:
                continue  # somebody else was quicker
        return Dealt(done=done, still_unreadable=unreadable, left=await _left(operator, body))

    @routes.post(
        "/dead-letters:discard", summary="一并作废死信", operation_id=f"{name}_discard_dead_letters",
        description="写明理由，按先后逐条作废，每条单独记录。还有剩余时再次提交即可。",
    )  # fmt: skip
    async def discard_many(body: ChosenForDiscard, operator: Operator) -> Dealt:
        done = 0
        for each in await _ids(operator, body):
            try:
                await discard(operator, each, body.because)
                done += 1
            except DeadLetterEnded:
                continue
        return Dealt(done=done, still_unreadable=0, left=await _left(operator, body))

    return routes


async def _ids(operator: Operator_, chosen: Chosen) -> list[UUID]:
    async with operator.transaction() as session:
        return await dead_letters.oldest(await raw(session), chosen.selection(), limit=chosen.limit)


async def _left(operator: Operator_, chosen: Chosen) -> int:
    async with operator.transaction() as session:
        return await dead_letters.count(await raw(session), chosen.selection())
