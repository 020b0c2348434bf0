"""Lending as a service: two acts, some readings, and what is recomputed."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, text
from sqlmodel import col

from common.bus.fact import its
from common.reconciling.dossier import Dossier, FanOut
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation
from common.refusal import NotFound
from common.security.access import Access
from common.security.principal import Role
from common.service import Service
from common.web.acting import Act, MatchedAct
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from common.work import Work
from common.work.own import own
from lending.facts import BookFact
from lending.model import Book, BookIsChained, Table, loans

TODAY = date(2018, 6, 1)
MIGRATIONS = Path(__file__).parent / "migrations"
ACCESS = Access(
    "lending",
    {
        "book:write": frozenset({Role.CLERK}),
        "book:read": frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR}),
        "reader:read": frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.PERSON}),
    },
)
router = APIRouter(tags=["书"])
DAYS = text("SELECT days FROM reckoning WHERE kind = 'reader' AND id = :reader")


async def enter_book(work: Work, *, name: str, shelf: str, note: str | None = None) -> Book:
    """Raises BookIsChained."""
    book = work.add(Book(name=name, shelf=shelf, note=note), verb="entered")
    book.move(shelf)
    return book


async def move_book(work: Work, book_id: UUID, *, shelf: str) -> Book:
    """Raises NotFound, BookIsChained."""
    book = await work.lock(Book, book_id, verb="moved")
    book.move(shelf)
    return book


class NewBook(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=20)
    shelf: str = Field(pattern=r"^[A-Z]\d$")
    note: str | None = None
    bought_on: date | None = None


class Move(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shelf: str


class BookView(BaseModel):
    id: UUID
    version: int
    name: str
    shelf: str

    @classmethod
    def of(cls, book: Book) -> Self:
        return cls.model_validate(book.row())


class ReaderView(BaseModel):
    reader: str
    days: int


@router.post(
    "/books", status_code=201, operation_id="enter_book", dependencies=[ACCESS.requires("book:write")], responses=refusals(BookIsChained)
)
async def post_book(body: NewBook, act: Act) -> BookView:
    return await act(enter_book, BookView.of, name=body.name, shelf=body.shelf, note=body.note)


@router.put("/books/{book_id}", operation_id="move_book", dependencies=[ACCESS.requires("book:write")])
async def put_book(book_id: UUID, body: Move, act: MatchedAct) -> BookView:
    return await act(move_book, BookView.of, book_id=book_id, shelf=body.shelf)


@router.get("/books/{book_id}", operation_id="read_book", dependencies=[ACCESS.requires("book:read")], responses=refusals(NotFound))
async def get_book(book_id: UUID, reading: Reading) -> BookView:
    book = await reading.session.get(Book, book_id)
    if book is None:
        raise NotFound
    reading.version(book.version)
    return BookView.of(book)


@router.get("/books", operation_id="list_books", dependencies=[ACCESS.requires("book:read")])
async def get_books(reading: Reading, paging: Paging, shelf: str | None = None) -> Page[BookView]:
    rows = select(Book) if shelf is None else select(Book).where(col(Book.shelf) == shelf)
    return await page(reading.session, rows, Book.id, paging, BookView.of)


@router.get("/readers/{reader}", operation_id="read_reader", dependencies=[ACCESS.requires("reader:read")])
async def get_reader(reader: str, reading: Reading) -> ReaderView:
    await reading.settled("reader", reader)
    found = await reading.session.execute(DAYS, {"reader": reader})
    return ReaderView(reader=reader, days=found.scalar_one_or_none() or 0)


async def reckon_readers(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
    """The days of all of a reader's loans, summed up anew."""
    await reconciliation.connection.execute(_RECKON, [each.id for each in taken])
    return {}


async def count_shelves(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
    """Nothing follows from a shelf."""
    return {}


READERS_OF_BOOK = "SELECT DISTINCT reader FROM replica_desk_loan WHERE book = $1 AND reader > $2 ORDER BY reader LIMIT $3"
dossiers = (
    FanOut("book", rank=10, to="reader", targets=READERS_OF_BOOK),
    Dossier("shelf", rank=10, reconcile=count_shelves),
    Dossier("reader", rank=20, reconcile=reckon_readers),
)
own_facts = (own(BookFact, names={"shelf": its("shelf")}),)
replicas = (loans,)
_RECKON = """
    INSERT INTO reckoning AS r (kind, id, days, times)
    SELECT 'reader', t.id, coalesce((SELECT sum((state ->> 'days')::int) FROM replica_desk_loan WHERE reader = t.id), 0), 1
    FROM unnest($1::text[]) AS t(id)
    ON CONFLICT (kind, id) DO UPDATE SET days = excluded.days, times = r.times + 1
"""


def lending(**changed: Any) -> Service:
    """The service, or one that differs in something."""
    declared: dict[str, Any] = {
        "name": "lending", "title": "借书", "description": "书、书架与读者", "tables": Table.metadata, "migrations": MIGRATIONS, "access": ACCESS,
        "routers": (router,), "publishes": (Book,), "own_facts": own_facts, "replicas": replicas, "dossiers": dossiers,
    }  # fmt: skip
    return Service(**declared | changed)
