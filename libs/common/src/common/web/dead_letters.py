"""Dead letters over REST: seen by those who watch, put right, replayed or discarded by officers."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from common.bus import dead_letters, replaying
from common.bus.dead_letters import DeadLetterEnded
from common.bus.replaying import StillUnreadable
from common.database.engine import raw
from common.refusal import NotFound
from common.web.operators import TASK, Operator, Operator_, watcher
from common.web.pages import Page, Paging, cut
from common.web.problems import refusals
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Service

DEAD_LETTER_ID = "018f3c7a-1031-7c3e-9a41-5b6d2e8f0031"
"""Of the examples."""


class DeadLetterView(BaseModel):
    """Where it stands in the log and why it lies here; never what it says."""

    id: UUID
    topic: str = Field(examples=["certification.certificate"])
    partition: int = Field(examples=[0])
    offset: int = Field(examples=[230])
    reason: str = Field(examples=["level_code: less_than_equal"])
    first_seen_at: datetime = Field(examples=["2018-06-01T09:30:00+08:00"])
    tries: int = Field(examples=[1], description="已尝试处理几次")
    state: str = Field(examples=["WAITING"])


class Discard(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=4, max_length=500, examples=["发送方已确认该消息作废"])


class Fix(BaseModel):
    model_config = ConfigDict(extra="forbid")
    data: dict[str, Any] = Field(
        description="更正后的完整内容，须符合该主题的约定", examples=[{"id": "01890a5d-ac96-774b-bcce-b302099a8057"}]
    )


def router(service: "Service") -> APIRouter:
    """The routes under `/operations/dead-letters`."""
    routes = APIRouter(prefix="/operations/dead-letters", tags=[TASK.name])
    name = service.name

    @routes.get(
        "", summary="死信列表", operation_id=f"{name}_list_dead_letters", dependencies=[Depends(watcher)],
        description="无法读取、等待处理的消息，新的在前。只显示位置与原因，不显示内容。",
    )  # fmt: skip
    async def letters(reading: Reading, paging: Paging) -> Page[DeadLetterView]:
        found = await dead_letters.waiting(await raw(reading.session), before=paging.before, limit=paging.limit + 1)
        shown = found[: paging.limit]
        return cut([_view(letter) for letter in shown], shown, has_more=len(found) > paging.limit)

    @routes.post(
        "/{dead_letter_id}:replay", summary="重放死信", operation_id=f"{name}_replay_dead_letter",
        responses=refusals(NotFound, DeadLetterEnded, StillUnreadable),
        description="按刚刚收到处理。仍然无法读取的，记一次尝试并写明新的原因。",
    )  # fmt: skip
    async def replay(dead_letter_id: UUID, operator: Operator) -> DeadLetterView:
        try:
            async with operator.transaction() as session:
                connection = await raw(session)
                await replaying.replay(connection, operator.running.facts, dead_letter_id)
                await _audit(operator, connection, "replayed", dead_letter_id, {"state": ["WAITING", "REPLAYED"]})
                return _view(await dead_letters.read(connection, dead_letter_id))
        except StillUnreadable as refusal:
            await _count_try(operator, dead_letter_id, refusal.detail)
            raise

    @routes.post(
        "/{dead_letter_id}:fix", summary="更正死信", operation_id=f"{name}_fix_dead_letter",
        responses=refusals(NotFound, DeadLetterEnded, StillUnreadable),
        description="以更正后的内容代替原内容，之后再重放。更正后仍无法读取的不予保存。",
    )  # fmt: skip
    async def fix(dead_letter_id: UUID, body: Fix, operator: Operator) -> DeadLetterView:
        async with operator.transaction() as session:
            connection = await raw(session)
            await replaying.fix(connection, operator.running.facts, dead_letter_id, body.data)
            await _audit(operator, connection, "fixed", dead_letter_id, {"value": None})
            return _view(await dead_letters.read(connection, dead_letter_id))

    @routes.post(
        "/{dead_letter_id}:discard", summary="作废死信", operation_id=f"{name}_discard_dead_letter",
        responses=refusals(NotFound, DeadLetterEnded),
        description="写明理由，不再处理。收发对账时计入作废。",
    )  # fmt: skip
    async def discard(dead_letter_id: UUID, body: Discard, operator: Operator) -> DeadLetterView:
        async with operator.transaction() as session:
            connection = await raw(session)
            await dead_letters.end(connection, dead_letter_id, state="DISCARDED", reason=body.reason)
            await _audit(operator, connection, "discarded", dead_letter_id, {"state": ["WAITING", "DISCARDED"]})
            return _view(await dead_letters.read(connection, dead_letter_id))

    return routes


def _view(letter: dead_letters.DeadLetter) -> DeadLetterView:
    return DeadLetterView(**{field: value for field, value in letter._asdict().items() if field in DeadLetterView.model_fields})


async def _count_try(operator: Operator_, id: UUID, reason: str) -> None:
    """In a transaction of its own: that of the replay is rolled back."""
    async with operator.transaction() as session:
        connection = await raw(session)
        tries = (await dead_letters.read(connection, id)).tries
        await dead_letters.try_failed(connection, id, reason=reason)
        await _audit(operator, connection, "tried", id, {"tries": [tries, tries + 1]})


async def _audit(operator: Operator_, connection: Any, verb: str, id: UUID, changes: Mapping[str, Any]) -> None:
    await operator.audit(connection, verb, subject="dead_letter", subject_id=id, changes=changes)
