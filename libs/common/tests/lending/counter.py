"""What tests of the web layer add to lending: routes that fail or wait, a file of books, and somebody who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.files.cells import Cells, RowFault
from common.files.importing import Column, FileImport, ReadRow
from common.refusal import Conflict, Fault, Forbidden, Invalid, NotFound, Unavailable
from common.testing.at_work import AtWork
from common.web.acting import Act
from common.web.problems import refusals
from common.web.reading import Reading
from common.work import Work
from lending.app import ACCESS, BookView, enter_book
from lending.model import Book, BookIsChained

SECRET = "320599199001011233"


@dataclass
class Gate:
    """Holds an act inside its transaction until it is opened."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


gates: dict[str, Gate] = {}
trying = APIRouter(prefix="/trying", tags=["书"])


async def enter_slowly(work: Work, *, name: str) -> Book:
    book = await enter_book(work, name=name, shelf="A1")
    gates[name].entered.set()
    await gates[name].opened.wait()
    return book


@trying.post(
    "/{name}/slowly",
    operation_id="enter_slowly",
    status_code=201,
    dependencies=[ACCESS.requires("book:write")],
    responses=refusals(BookIsChained),
)
async def post_slowly(name: str, act: Act) -> BookView:
    return await act(enter_slowly, BookView.of, name=name)


@trying.get("/refusals/{kind}", operation_id="refuse", dependencies=[ACCESS.requires("book:read")])
async def get_refusal(kind: str, reading: Reading) -> BookView:
    match kind:
        case "not-found":
            raise NotFound("没有这本书")
        case "conflict":
            raise Conflict
        case "invalid":
            raise Invalid(faults=[Fault("/body/name", "太短")])
        case "forbidden":
            raise Forbidden
        case "unavailable":
            raise Unavailable(retry_after_seconds=7)
        case "refused":
            raise ConnectionRefusedError
        case "cut":
            raise asyncpg.InternalClientError
        case "used up":
            raise PoolTimeout
        case "database":
            await reading.session.execute(_broken(SECRET))
    raise RuntimeError(f"of {SECRET}")


def _broken(value: str) -> Any:
    return text("SELECT CAST(:value AS integer) / 0").bindparams(value=value)


def _read(cells: Cells) -> tuple[str, str]:
    return cells.text("书名"), cells.text("书架")


async def _apply(work: Work, _: Any, rows: Sequence[ReadRow[tuple[str, str]]]) -> Mapping[int, Sequence[RowFault]]:
    refused = {row.number: (RowFault("书名", BookIsChained.code, BookIsChained.title),) for row in rows if row.value[0] == "chained"}
    books = [Book(name=row.value[0], shelf=row.value[1]) for row in rows if row.number not in refused]
    await work.add_many(books, verb="entered")
    return refused


books_import = FileImport(
    kind="books", title="书目", requires="book:write", columns=(Column("书名"), Column("书架")), natural_key=("书名",), read=_read, apply=_apply, chunk=10
)  # fmt: skip


@dataclass
class Asking:
    """A client to whom an error of ours is an answer, as it is over the network."""

    at: AtWork
    client: httpx2.AsyncClient

    async def __call__(
        self, method: str, path: str, *, who: str = "clerk", headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx2.Response:
        token = self.at.issuer.token(who)
        return await self.client.request(
            method, f"/lending/v1{path}", headers={"Authorization": f"Bearer {token}"} | dict(headers or {}), **more
        )

    async def enter(self, name: str = "某书", shelf: str = "A1", *, key: str, who: str = "clerk") -> httpx2.Response:
        return await self("POST", "/books", json={"name": name, "shelf": shelf}, who=who, headers={"Idempotency-Key": key})

    async def count(self, name: str) -> int:
        async with self.at.running.database.transaction() as session:
            found: int = (await session.execute(text("SELECT count(*) FROM book WHERE name = :name"), {"name": name})).scalar_one()
        return found


def ids(answer: httpx2.Response) -> list[UUID]:
    return [UUID(item["id"]) for item in answer.json()["items"]]
