"""Dossiers that wait or have failed, one by one; failing ones are taken up at once when what made them fail is mended."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.database.engine import raw
from common.identifiers.text import is_plain
from common.refusal import NotFound
from common.web.operators import TASK, Operator, watcher
from common.web.pages import CursorUnreadable, Page, cursor_of, place_of
from common.web.problems import refusals
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Service

_EXAMPLE_ID = "018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"
Kind = Annotated[str | None, Query(max_length=40, description="只看这一类卷宗")]
Cursor = Annotated[str | None, Query(max_length=400, description="上一页的 next_cursor", examples=["WyJwZXJzb24iLCAiMSJd"])]


class DossierState(BaseModel):
    """A dossier that is not settled."""

    kind: str = Field(examples=["person"])
    id: str = Field(examples=[_EXAMPLE_ID])
    is_dirty: bool = Field(description="有新情况，等候复算", examples=[True])
    look_again_on: date | None = Field(description="哪一天须再看一次", examples=[None])
    cause: str = Field(description="因何事等候", examples=["certification_issue_certificate:018f3c7a-1001-7c3e-9a41-5b6d2e8f0002"])
    failures: int = Field(description="连续失败几次", examples=[1])
    reason: str | None = Field(description="失败原因", examples=["TimeoutError"])
    try_again_at: datetime | None = Field(description="何时自动再试", examples=["2018-06-01T09:31:00+08:00"])


class Retry(BaseModel):
    """Which failed dossiers."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=40, examples=["person"])
    id: str | None = Field(default=None, max_length=200, description="只重试这一个", examples=[None])
    reason: str | None = Field(default=None, max_length=500, description="只重试因此失败的，须完全相同", examples=["TimeoutError"])


class Retried(BaseModel):
    dossiers: int = Field(description="随即复算的卷宗数", examples=[3])


def router(service: Service) -> APIRouter:
    """`/operations/dossiers`."""
    routes = APIRouter(prefix="/operations", tags=[TASK.name])
    name = service.name

    @routes.get(
        "/dossiers", summary="卷宗列表", operation_id=f"{name}_list_dossiers", dependencies=[Depends(watcher)], responses=refusals(CursorUnreadable),
        description="复算失败的（FAILED，附原因）或所有等候复算的（WAITING）卷宗。",
    )  # fmt: skip
    async def dossiers(
        reading: Reading,
        state: Annotated[Literal["FAILED", "WAITING"], Query(description="FAILED 失败的，WAITING 所有等候复算的")] = "FAILED",
        kind: Kind = None,
        limit: Annotated[int, Query(ge=1, le=100, description="每页条数")] = 20,
        cursor: Cursor = None,
    ) -> Page[DossierState]:
        place = _Place("", "") if cursor is None else place_of(cursor, _place)
        rows = await (await raw(reading.session)).fetch(_LISTED[state], kind, *place, limit + 1)
        shown = [DossierState(**dict(row)) for row in rows[:limit]]
        return Page(
            items=shown, next_cursor=cursor_of(_PLACE.dump_json(_Place(shown[-1].kind, shown[-1].id))) if len(rows) > limit else None
        )

    @routes.post(
        "/dossiers:retry", summary="重试失败的卷宗", operation_id=f"{name}_retry_dossiers", responses=refusals(NotFound),
        description="失败的原因已经排除的，不等自动重试，随即复算。",
    )  # fmt: skip
    async def retry(body: Retry, operator: Operator) -> Retried:
        async with operator.transaction() as session:
            connection = await raw(session)
            status = await connection.execute(_RETRY, body.kind, body.id, body.reason)
            number = int(status.removeprefix("UPDATE "))
            if not number:
                raise NotFound("没有这样的失败卷宗")
            await operator.audit(connection, "retried", subject="dossier", changes={"kind": body.kind, "dossiers": number})
        return Retried(dossiers=number)

    return routes


class _Place(NamedTuple):
    """Behind which dossier a page begins."""

    kind: str
    id: str


_PLACE = TypeAdapter(_Place)


def _place(said: bytes) -> _Place:
    place = _PLACE.validate_json(said)
    if not is_plain("".join(place)):
        raise ValueError
    return place


def _listed(condition: str) -> str:
    return f"""
        SELECT kind, id, dirty > clean AS is_dirty, look_again_on, cause, failures, failed_reason AS reason, try_again_at FROM dossier
        WHERE ({condition}) AND ($1::text IS NULL OR kind = $1) AND (kind, id) > ($2, $3) ORDER BY kind, id LIMIT $4
    """  # noqa: S608 - no value of anybody stands in it


_LISTED = {
    "FAILED": _listed("failed_reason IS NOT NULL"),
    "WAITING": _listed("dirty > clean OR failed_reason IS NOT NULL OR look_again_on <= (SELECT day FROM business_day)"),
}
_RETRY = """
    UPDATE dossier SET try_again_at = now()
    WHERE kind = $1 AND failed_reason IS NOT NULL AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR failed_reason = $3)
"""
