"""Dead letters over REST: seen by those who watch, put right, replayed or discarded by officers."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from common.bus import dead_letters, replaying
from common.bus.dead_letters import DeadLetterEnded, Selection
from common.bus.replaying import StillUnreadable
from common.database.engine import raw
from common.observability.redaction import redact_text
from common.refusal import NotFound
from common.web.operators import TASK, Operator, Operator_, watcher
from common.web.pages import Page, Paging, cut
from common.web.problems import refusals
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Service

DEAD_LETTER_ID = "018f3c7a-1031-7c3e-9a41-5b6d2e8f0031"
"""Of the examples."""


State = Literal["WAITING", "REPLAYED", "DISCARDED", "OVERTAKEN"]
TopicFilter = Annotated[str | None, Query(max_length=100, description="只看这个主题")]
ReasonFilter = Annotated[str | None, Query(max_length=500, description="只看这个原因，须完全相同")]
StateFilter = Annotated[
    State, Query(description="WAITING 等待处理，REPLAYED 已重放，DISCARDED 已作废，OVERTAKEN 已有同样新或更新的版本到达，无须处理")
]


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
    ended_reason: str | None = Field(description="如何了结", examples=[None])
    aggregate_id: UUID | None = Field(description="关于哪一条记录；信封无法读取的为空")
    version: int | None = Field(description="那条记录的第几版", examples=[2])


class DeadLetterContent(DeadLetterView):
    """One of them with its content: fields of the contract only, and no value that could name a person."""

    content: Any = Field(
        description="内容，遮去可能指明个人的部分；不是 JSON 的为空",
        examples=[{"level_code": "（文字，3 字）", "issued_on": "2018-03-09", "status": "ISSUED"}],
    )


class GroupView(BaseModel):
    """Those that wait with one reason on one topic."""

    topic: str = Field(examples=["certification.certificate"])
    reason: str = Field(examples=["level_code: less_than_equal"])
    letters: int = Field(description="条数", examples=[3])
    first_seen_at: datetime = Field(examples=["2018-06-01T09:30:00+08:00"])
    last_seen_at: datetime = Field(examples=["2018-06-01T09:31:00+08:00"])


class Groups(BaseModel):
    items: list[GroupView] = Field(description="最多一百类")


class Discard(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=4, max_length=500, examples=["发送方已确认该消息作废"])


class Fix(BaseModel):
    model_config = ConfigDict(extra="forbid")
    changes: dict[str, Any] | None = Field(default=None, description="只更正这些字段，其余照旧", examples=[{"level_code": "3"}])
    data: dict[str, Any] | None = Field(default=None, description="更正后的完整内容，代替原内容；与 changes 只填其一", examples=[None])

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.changes is None) == (self.data is None):
            raise ValueError("changes 与 data 须填其一")
        return self


def router(service: "Service") -> APIRouter:
    """The routes under `/operations/dead-letters`."""
    routes = APIRouter(prefix="/operations/dead-letters", tags=[TASK.name])
    name = service.name

    @routes.get(
        "", summary="死信列表", operation_id=f"{name}_list_dead_letters", dependencies=[Depends(watcher)],
        description="无法读取的消息，新的在前。只显示位置与原因，不显示内容。",
    )  # fmt: skip
    async def letters(
        reading: Reading, paging: Paging, state: StateFilter = "WAITING", topic: TopicFilter = None, reason: ReasonFilter = None
    ) -> Page[DeadLetterView]:
        chosen = Selection(state, topic, reason)
        found = await dead_letters.select(await raw(reading.session), chosen, before=paging.before, limit=paging.limit + 1)
        shown = found[: paging.limit]
        return cut([_view(letter) for letter in shown], shown, has_more=len(found) > paging.limit)

    @routes.get(
        "/groups", summary="死信归类", operation_id=f"{name}_group_dead_letters", dependencies=[Depends(watcher)],
        description="等待处理的死信，按主题和原因归类，多的在前。同一原因的可以一并重放或作废。",
    )  # fmt: skip
    async def groups(reading: Reading) -> Groups:
        found = await dead_letters.groups(await raw(reading.session))
        return Groups(items=[GroupView(**group._asdict()) for group in found])

    @routes.get(
        "/{dead_letter_id}", summary="死信内容", operation_id=f"{name}_read_dead_letter", dependencies=[Depends(watcher)],
        responses=refusals(NotFound), description="位置、原因与内容。姓名、证件号码之类的文字只显示字数。",
    )  # fmt: skip
    async def letter(dead_letter_id: UUID, reading: Reading) -> DeadLetterContent:
        connection = await raw(reading.session)
        found = _view(await dead_letters.read(connection, dead_letter_id))
        message = await dead_letters.message(connection, dead_letter_id)
        return DeadLetterContent(**found.model_dump(), content=reading.running.facts.shown(message))

    @routes.post(
        "/{dead_letter_id}:replay", summary="重放死信", operation_id=f"{name}_replay_dead_letter",
        responses=refusals(NotFound, DeadLetterEnded, StillUnreadable),
        description="按刚刚收到处理。仍然无法读取的，记一次尝试并写明新的原因。",
    )  # fmt: skip
    async def replay_one(dead_letter_id: UUID, operator: Operator) -> DeadLetterView:
        return _view(await replay(operator, dead_letter_id))

    @routes.post(
        "/{dead_letter_id}:fix", summary="更正死信", operation_id=f"{name}_fix_dead_letter",
        responses=refusals(NotFound, DeadLetterEnded, StillUnreadable),
        description="更正个别字段，或以更正后的内容代替原内容，之后再重放。更正后仍无法读取的不予保存。",
    )  # fmt: skip
    async def fix(dead_letter_id: UUID, body: Fix, operator: Operator) -> DeadLetterView:
        async with operator.transaction() as session:
            connection, facts = await raw(session), operator.running.facts
            if body.data is not None:
                await replaying.fix(connection, facts, dead_letter_id, body.data)
            else:
                await replaying.change(connection, facts, dead_letter_id, body.changes or {})
            await _audit(operator, connection, "fixed", dead_letter_id, {"value": None})
            return _view(await dead_letters.read(connection, dead_letter_id))

    @routes.post(
        "/{dead_letter_id}:discard", summary="作废死信", operation_id=f"{name}_discard_dead_letter",
        responses=refusals(NotFound, DeadLetterEnded),
        description="写明理由，不再处理。收发对账时计入作废。",
    )  # fmt: skip
    async def discard_one(dead_letter_id: UUID, body: Discard, operator: Operator) -> DeadLetterView:
        return _view(await discard(operator, dead_letter_id, body.reason))

    return routes


async def replay(operator: Operator_, id: UUID) -> dead_letters.DeadLetter:
    """Raises NotFound, DeadLetterEnded; StillUnreadable when that try is counted."""
    try:
        async with operator.transaction() as session:
            connection = await raw(session)
            await replaying.replay(connection, operator.running.facts, id)
            await _audit(operator, connection, "replayed", id, {"state": ["WAITING", "REPLAYED"]})
            return await dead_letters.read(connection, id)
    except StillUnreadable as refusal:
        await _count_try(operator, id, refusal.detail)
        raise


async def discard(operator: Operator_, id: UUID, reason: str) -> dead_letters.DeadLetter:
    """Raises NotFound, DeadLetterEnded."""
    async with operator.transaction() as session:
        connection = await raw(session)
        await dead_letters.end(connection, id, state="DISCARDED", reason=reason)
        await _audit(operator, connection, "discarded", id, {"state": ["WAITING", "DISCARDED"]})
        return await dead_letters.read(connection, id)


def _view(letter: dead_letters.DeadLetter) -> DeadLetterView:
    """What people gave as a reason is shown without numbers that name somebody."""
    ended = letter.ended_reason and redact_text(letter.ended_reason)
    return DeadLetterView(**letter._replace(ended_reason=ended)._asdict())


async def _count_try(operator: Operator_, id: UUID, reason: str) -> None:
    """In a transaction of its own: that of the replay is rolled back."""
    async with operator.transaction() as session:
        connection = await raw(session)
        tries = (await dead_letters.read(connection, id)).tries
        await dead_letters.try_failed(connection, id, reason=reason)
        await _audit(operator, connection, "tried", id, {"tries": [tries, tries + 1]})


async def _audit(operator: Operator_, connection: Any, verb: str, id: UUID, changes: Mapping[str, Any]) -> None:
    await operator.audit(connection, verb, subject="dead_letter", subject_id=id, changes=changes)
