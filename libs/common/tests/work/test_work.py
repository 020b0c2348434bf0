"""A work: one act that is versioned, audited, published and marked whole, or leaves nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from lending.app import TODAY, dossiers, own_facts
from lending.model import Book, BookIsChained
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from common.bus.envelope import LARGEST_BYTES, EventTooLarge
from common.database.engine import Database, raw
from common.reconciling.dossier import Dossiers
from common.reconciling.marks import Urgency
from common.refusal import NotFound, PreconditionFailed
from common.security.principal import Principal, Role
from common.waking import Bell
from common.work import Work, Works
from common.work.own import OwnMarks

CLERK = Principal("clerk-7", Role.CLERK, frozenset())
Rows = Callable[[str], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def committed() -> Bell:
    return Bell()


@pytest.fixture
def works(database: Database, committed: Bell) -> Works:
    return Works(database, OwnMarks(own_facts, Dossiers(dossiers)), committed=committed)


@pytest.fixture
def rows(database: Database) -> Rows:
    async def look(query: str) -> list[dict[str, Any]]:
        async with database.transaction() as session:
            return [dict(row) for row in await (await raw(session)).fetch(query)]

    return look


async def entered(works: Works, **columns: Any) -> Book:
    async with works.begin(CLERK, operation="enter_book") as work:
        return work.add(Book(**{"name": "first", "shelf": "A1"} | columns), verb="entered")


async def test_a_new_row_is_versioned_audited_and_published(works: Works, rows: Rows) -> None:
    async with works.begin(CLERK, operation="enter_book", cause="test:1", request_id="r-1", trace_parent="00-aa-bb-01") as work:
        assert work.business_day == TODAY
        book = work.add(Book(name="first", shelf="A1"), verb="entered")

    assert book.version == 1
    (audit,) = await rows("SELECT *, changes::text AS changes FROM audit")
    assert (audit["actor"], audit["role"], audit["operation"], audit["subject"]) == ("clerk-7", "CLERK", "enter_book", "book")
    assert (audit["subject_id"], audit["version"], audit["verb"], audit["changes"]) == (book.id, 1, "entered", "{}")
    assert (audit["cause"], audit["request_id"]) == ("test:1", "r-1")
    (event,) = await rows("SELECT * FROM outbox")
    assert (event["topic"], event["type"], event["key"]) == ("lending.book", "craftport.lending.book.entered.v1", str(book.id))
    assert (event["aggregate_id"], event["epoch"], event["version"], event["bulk"]) == (book.id, 1, 1, False)
    assert (event["cause"], event["trace_parent"], json.loads(event["data"])) == (
        "test:1", "00-aa-bb-01", {"id": str(book.id), "name": "first", "shelf": "A1"},
    )  # fmt: skip
    assert [(seen.topic, seen.id, seen.epoch, seen.version) for seen in work.written] == [("lending.book", book.id, 1, 1)]


async def test_what_changed_under_its_lock_is_published_although_nobody_says_so(works: Works, rows: Rows) -> None:
    book = await entered(works)

    async with works.begin(CLERK, operation="move_book") as work:
        locked = await work.lock(Book, book.id, verb="moved")
        locked.shelf = "B2"

    assert locked.version == 2
    assert [event["version"] for event in await rows("SELECT version FROM outbox ORDER BY id")] == [1, 2]
    audit = (await rows("SELECT verb, version, changes::text FROM audit ORDER BY id"))[-1]
    assert (audit["verb"], audit["version"], json.loads(audit["changes"])) == ("moved", 2, {"shelf": ["A1", "B2"]})
    assert await rows("SELECT version, shelf FROM book") == [{"version": 2, "shelf": "B2"}]


async def test_nothing_is_said_when_nothing_changed(works: Works, rows: Rows) -> None:
    book = await entered(works)

    async with works.begin(CLERK, operation="move_book") as work:
        locked = await work.lock(Book, book.id, verb="moved")
        locked.shelf = "Z9"
        locked.shelf = "A1"

    assert (locked.version, work.written) == (1, [])
    assert [await rows(f"SELECT version FROM {table}") for table in ("book", "audit", "outbox")] == [[{"version": 1}]] * 3


async def test_a_dry_run_does_everything_and_leaves_nothing(works: Works, rows: Rows, committed: Bell) -> None:
    book = await entered(works)
    tables, rung = ("book", "audit", "outbox", "dossier"), committed.listen()
    before = [await rows(f"SELECT {table}::text FROM {table} ORDER BY 1") for table in tables]

    async with works.begin(CLERK, operation="move_book", dry_run=True) as work:
        assert work.dry_run
        (await work.lock(Book, book.id, verb="moved")).shelf = "B2"
        work.add(Book(name="second", shelf="A1"), verb="entered")
        await work.add_many([Book(name="third", shelf="A1")], verb="entered")

    assert [await rows(f"SELECT {table}::text FROM {table} ORDER BY 1") for table in tables] == before
    assert (work.written, rung.is_set()) == ([], False)


async def test_a_dry_run_meets_what_the_database_forbids(works: Works) -> None:
    book = await entered(works)

    with pytest.raises(IntegrityError):
        async with works.begin(CLERK, operation="enter_book", dry_run=True) as work:
            work.add(Book(id=book.id, name="again", shelf="A1"), verb="entered")


async def test_a_second_lock_of_a_row_keeps_what_the_act_has_changed(works: Works, rows: Rows) -> None:
    """However it is locked again."""
    ways: list[Callable[[Work, Book], Awaitable[Any]]] = [
        lambda work, book: work.lock(Book, book.id, verb="moved"),
        lambda work, book: work.lock_by(Book, verb="moved", name=book.name),
        lambda work, book: work.lock_many(Book, [book.id], verb="moved"),
    ]
    kept = []
    for nth, again in enumerate(ways):
        book = await entered(works, name=f"book {nth}")
        async with works.begin(CLERK, operation="move_book") as work:
            (await work.lock(Book, book.id, verb="moved")).shelf = "B2"
            await again(work, book)
        kept.append(await rows(f"SELECT version, shelf FROM book WHERE id = '{book.id}'"))

    assert kept == [[{"version": 2, "shelf": "B2"}]] * len(ways)


async def test_a_lock_shows_a_row_as_it_now_stands_although_it_was_read_before(works: Works) -> None:
    one, two = await entered(works, name="one"), await entered(works, name="two")

    async with works.begin(CLERK, operation="look") as work:
        read = [await work.read(Book, book.id) for book in (one, two)]
        async with works.begin(CLERK, operation="move_book") as other:
            for book in (await other.lock_many(Book, [one.id, two.id], verb="moved")).values():
                book.shelf = "B2"
        by_name, many = await work.lock_by(Book, verb="moved", name="one"), await work.lock_many(Book, [two.id], verb="moved")

        assert by_name is read[0]
        assert [book.shelf for book in (read[0], many[two.id])] == ["B2", "B2"]


async def test_what_was_only_read_is_not_published(works: Works, rows: Rows) -> None:
    book = await entered(works)

    async with works.begin(CLERK, operation="look") as work:
        await work.read(Book, book.id)

    assert len(await rows("SELECT FROM audit")) == len(await rows("SELECT FROM outbox")) == 1


async def test_of_a_private_column_the_audit_says_only_that_it_changed(works: Works, rows: Rows) -> None:
    book = await entered(works, note="a secret of the reader")

    async with works.begin(CLERK, operation="annotate") as work:
        (await work.lock(Book, book.id, verb="moved")).note = "another secret"

    assert json.loads((await rows("SELECT changes::text FROM audit ORDER BY id"))[-1]["changes"]) == {"note": None}
    everything = str(await rows("SELECT audit::text FROM audit")) + str(await rows("SELECT convert_from(data, 'UTF8') FROM outbox"))
    assert "secret" not in everything


async def test_a_row_of_which_nobody_need_know_is_audited_and_not_published(works: Works, rows: Rows) -> None:
    book = await entered(works, is_listed=False)

    assert (book.version, len(await rows("SELECT FROM audit")), await rows("SELECT FROM outbox")) == (1, 1, [])


async def test_a_refused_act_leaves_nothing(works: Works, rows: Rows, committed: Bell) -> None:
    book = await entered(works)
    bell = committed.listen()

    async def move_and_enter() -> None:
        async with works.begin(CLERK, operation="move_book") as work:
            (await work.lock(Book, book.id, verb="moved")).shelf = "B2"
            work.add(Book(name="chained", shelf="A1"), verb="entered").move("B2")

    with pytest.raises(BookIsChained):
        await move_and_enter()

    assert await rows("SELECT shelf, version FROM book") == [{"shelf": "A1", "version": 1}]
    assert [len(await rows(f"SELECT FROM {table}")) for table in ("audit", "outbox", "dossier")] == [1, 1, 1]
    assert not bell.is_set(), "nobody is woken for what did not happen"


async def test_the_waiting_are_woken_after_the_commit(works: Works, committed: Bell) -> None:
    bell = committed.listen()
    async with works.begin(CLERK, operation="enter_book") as work:
        work.add(Book(name="first", shelf="A1"), verb="entered")
        assert not bell.is_set()

    assert bell.is_set()


async def test_an_own_fact_marks_what_it_named_before_and_what_it_names_now(works: Works, rows: Rows) -> None:
    book = await entered(works)
    assert await rows("SELECT kind, id, dirty FROM dossier") == [{"kind": "shelf", "id": "A1", "dirty": 1}]

    async with works.begin(CLERK, operation="move_book", cause="test:move", bulk=True) as work:
        (await work.lock(Book, book.id, verb="moved")).shelf = "B2"

    assert await rows("SELECT id, dirty, urgency, cause FROM dossier ORDER BY id") == [
        {"id": "A1", "dirty": 2, "urgency": Urgency.LIVE, "cause": (await rows("SELECT cause FROM audit ORDER BY id"))[0]["cause"]},
        {"id": "B2", "dirty": 1, "urgency": Urgency.BULK, "cause": "test:move"},
    ]


async def test_a_stale_if_match_is_refused_and_a_fresh_one_is_not(works: Works) -> None:
    book = await entered(works)

    async def move(expected: int, shelf: str) -> None:
        async with works.begin(CLERK, operation="move_book", expected_version=expected) as work:
            (await work.lock(Book, book.id, verb="moved")).shelf = shelf

    await move(1, "B2")
    with pytest.raises(PreconditionFailed):
        await move(1, "C3")
    await move(2, "C3")


async def test_if_match_speaks_of_the_first_row_locked_only(works: Works) -> None:
    book, other = await entered(works), await entered(works)
    async with works.begin(CLERK, operation="move_book") as work:
        (await work.lock(Book, other.id, verb="moved")).shelf = "B2"

    async with works.begin(CLERK, operation="move_book", expected_version=1) as work:
        await work.lock(Book, book.id, verb="moved")
        assert (await work.lock(Book, other.id, verb="moved")).version == 2


async def test_what_does_not_exist_cannot_be_locked_or_read(works: Works) -> None:
    async with works.begin(CLERK, operation="move_book") as work:
        with pytest.raises(NotFound, match="没有这个书"):
            await work.lock(Book, uuid7(), verb="moved")
        with pytest.raises(NotFound):
            await work.read(Book, uuid7())
        assert await work.lock_by(Book, verb="moved", name="nobody's") is None


async def test_two_acts_on_one_row_follow_each_other(works: Works, rows: Rows) -> None:
    book = await entered(works, name="")

    async def write(letter: str) -> None:
        async with works.begin(CLERK, operation="rename") as work:
            locked = await work.lock(Book, book.id, verb="moved")
            await asyncio.sleep(0)
            locked.name += letter

    await asyncio.gather(*(write(letter) for letter in "abcdefgh"))

    (held,) = await rows("SELECT name, version FROM book")
    assert (sorted(held["name"]), held["version"]) == (list("abcdefgh"), 9)
    assert [row["version"] for row in await rows("SELECT version FROM outbox ORDER BY id")] == list(range(1, 10))


async def test_a_lock_shows_the_row_as_it_now_is(works: Works) -> None:
    book = await entered(works)
    async with works.begin(CLERK, operation="slow") as slow:
        seen = await slow.read(Book, book.id)
        async with works.begin(CLERK, operation="quick") as quick:
            (await quick.lock(Book, book.id, verb="moved")).shelf = "B2"
        assert seen.shelf == "A1"
        assert (await slow.lock(Book, book.id, verb="moved")).shelf == "B2"


async def test_many_at_once_are_each_versioned_audited_and_published(works: Works, rows: Rows) -> None:
    async with works.begin(CLERK, operation="import", bulk=True) as work:
        await work.add_many([Book(name=f"book {nth}", shelf=f"S{nth % 7}", is_listed=nth % 2 == 0) for nth in range(500)], verb="entered")
        await work.add_many([], verb="entered")

    assert await rows("SELECT count(*) AS rows, min(version) AS least, max(version) AS most FROM book") == [
        {"rows": 500, "least": 1, "most": 1}
    ]
    assert len(await rows("SELECT FROM audit")) == 500
    assert await rows("SELECT count(*) AS events, bool_and(bulk) AS bulk FROM outbox") == [{"events": 250, "bulk": True}]
    assert len(await rows("SELECT FROM dossier")) == 7
    assert len(work.written) == 250


async def test_many_are_locked_and_changed_together(works: Works, rows: Rows) -> None:
    books = [await entered(works, name=f"book {nth}") for nth in range(3)]
    async with works.begin(CLERK, operation="move_all") as work:
        locked = await work.lock_many(Book, [*(book.id for book in books), uuid7()], verb="moved")
        for book in list(locked.values())[:2]:
            book.shelf = "B2"

    assert set(locked) == {book.id for book in books}
    assert sorted(row["version"] for row in await rows("SELECT version FROM book")) == [1, 2, 2]
    assert len(await rows("SELECT FROM outbox WHERE version = 2")) == 2


async def test_many_changed_in_one_act_are_as_if_each_had_been_changed_in_its_own(works: Works, rows: Rows) -> None:
    async def change(work: Work, ids: Sequence[UUID]) -> None:
        for book in (await work.lock_many(Book, ids, verb="moved")).values():
            match int(book.name) % 4:
                case 0:
                    book.shelf = f"S{book.name}"
                case 1:
                    book.note = "another secret"
                case 2:
                    book.is_listed, book.note = False, None

    async def left_behind(ids: Sequence[UUID]) -> list[list[tuple[Any, ...]]]:
        among = f"ANY('{{{','.join(map(str, ids))}}}')"
        queries = (
            f"SELECT name, version, shelf, note, is_listed FROM book WHERE id = {among} ORDER BY name",
            f"SELECT b.name, a.version, verb, changes::text FROM audit AS a JOIN book AS b ON b.id = subject_id WHERE b.id = {among} ORDER BY 1, 2",
            f"SELECT o.version, type, convert_from(data, 'UTF8')::jsonb - 'id' FROM outbox AS o WHERE aggregate_id = {among} ORDER BY 3, 1",
            f"SELECT replace(id, 'S', '') FROM dossier WHERE id IN (SELECT shelf FROM book WHERE id = {among}) ORDER BY 1",
        )
        return [[tuple(row.values()) for row in await rows(query)] for query in queries]

    apart, together = [[(await entered(works, name=str(nth), note="secret")).id for nth in range(60)] for _ in range(2)]
    for id_ in apart:
        async with works.begin(CLERK, operation="move_book") as work:
            await change(work, [id_])
    async with works.begin(CLERK, operation="move_all") as work:
        work.add(Book(name="new", shelf="A1"), verb="entered")
        await change(work, together)

    assert await left_behind(together) == await left_behind(apart)
    assert await rows("SELECT version FROM book WHERE name = 'new'") == [{"version": 1}]
    assert len(work.written) == 1 + 30, "those that nobody hears of, and those that did not change, are no versions that anybody waits for"

    async with works.begin(CLERK, operation="move_all") as work:
        held = await work.lock_many(Book, together, verb="moved")
        for book in held.values():
            book.shelf = "Z9"
    assert {(book.version, book.shelf) for book in held.values()} == {(2, "Z9"), (3, "Z9")}
    assert await rows(f"SELECT DISTINCT version FROM book WHERE id = ANY('{{{','.join(map(str, together))}}}') ORDER BY 1") == [
        {"version": 2}, {"version": 3},
    ]  # fmt: skip


async def test_a_row_locked_after_it_was_added_in_the_same_act_is_one_version(works: Works, rows: Rows) -> None:
    async with works.begin(CLERK, operation="enter_and_move") as work:
        book = work.add(Book(name="first", shelf="A1"), verb="entered")
        await work.session.flush()
        (await work.lock(Book, book.id, verb="moved")).shelf = "B2"

    assert [(row["version"], json.loads(row["data"])["shelf"]) for row in await rows("SELECT version, data FROM outbox")] == [(1, "B2")]


async def test_an_event_that_is_too_large_is_refused_before_it_is_written(works: Works, rows: Rows) -> None:
    with pytest.raises(EventTooLarge):
        await entered(works, name="x" * LARGEST_BYTES)

    assert [await rows(f"SELECT FROM {table}") for table in ("book", "audit", "outbox")] == [[], [], []]


async def test_the_day_of_an_act_is_the_services_own(works: Works, database: Database) -> None:
    async with database.transaction() as session:
        await (await raw(session)).execute("UPDATE business_day SET day = $1", date(2019, 1, 31))
    async with works.begin(CLERK, operation="look") as work:
        assert work.business_day == date(2019, 1, 31)


async def test_a_restored_service_speaks_in_a_new_epoch(works: Works, database: Database, rows: Rows) -> None:
    async with database.transaction() as session:
        await (await raw(session)).execute("UPDATE epoch SET number = 2")
    await entered(works)

    assert await rows("SELECT epoch FROM outbox") == [{"epoch": 2}]
