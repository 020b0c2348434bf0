"""Lists in pages: newest first, by cursor; what stood when the reader began is neither skipped nor seen twice."""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from common.refusal import Invalid, refuses

T = TypeVar("T")
V = TypeVar("V")


class CursorUnreadable(Invalid):
    title = "游标无效，请原样传回上一页的 next_cursor"


class Page(BaseModel, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = Field(default=None, examples=[None])


class PageAsked(BaseModel):
    """Which page the caller wants."""

    limit: int
    before: UUID | None


@refuses(CursorUnreadable)
def _asked(
    limit: Annotated[int, Query(ge=1, le=100, description="每页条数")] = 20,
    cursor: Annotated[str | None, Query(max_length=64, description="上一页的 next_cursor", examples=["AY88ehAJfD6aQVttLo8ACQ"])] = None,
) -> PageAsked:
    return PageAsked(limit=limit, before=None if cursor is None else place_of(cursor, _id))


Paging = Annotated[PageAsked, Depends(_asked)]


async def page(session: AsyncSession, rows: Select[Any], id_column: Any, asked: PageAsked, view: Callable[[Any], V]) -> Page[V]:
    """The rows of a select, by their UUIDv7 ids downwards, each through `view`."""
    if asked.before is not None:
        rows = rows.where(id_column < asked.before)
    found: Sequence[Any] = (await session.execute(rows.order_by(id_column.desc()).limit(asked.limit + 1))).scalars().all()
    return cut([view(row) for row in found[: asked.limit]], found[: asked.limit], has_more=len(found) > asked.limit)


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


def cut(items: list[V], rows: Sequence[HasId], *, has_more: bool) -> Page[V]:
    """A page of items that stand for these rows, newest first."""
    return Page(items=items, next_cursor=cursor_of(rows[-1].id.bytes) if has_more else None)


def cursor_of(place: bytes) -> str:
    """Where a page ends, in a form that nobody is tempted to write himself."""
    return base64.urlsafe_b64encode(place).rstrip(b"=").decode()


def place_of(cursor: str, read: Callable[[bytes], V]) -> V:
    """The place again, as `read` (which raises ValueError) makes it of the bytes. Raises CursorUnreadable."""
    try:
        return read(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:  # binascii's own is one
        raise CursorUnreadable from error


def _id(place: bytes) -> UUID:
    return UUID(bytes=place)
