"""What comes between: sessions that end in the middle, marks that come while one computes, days that come for what fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from lending.app import READERS_OF_BOOK, reckon_readers
from lending.facts import LoanFact
from uuid_utils.compat import uuid7

from common.database.engine import Database, is_transient, raw
from common.reconciling.dossier import Dossier, Dossiers, FanOut
from common.reconciling.marks import Taken, Urgency
from common.reconciling.reconciler import Reconciler, _spread_chunk
from common.reconciling.reconciliation import Reconciliation

Held = Callable[..., Awaitable[Any]]
Marking = Callable[..., Awaitable[None]]


async def nothing(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
    return {}


def reconciler(database: Database, dossiers: Dossiers) -> Reconciler:
    return Reconciler(database, dossiers, wake=asyncio.Event())


def dossiers(reader: Any = reckon_readers, *, targets: str = READERS_OF_BOOK, chunk: int = 10) -> Dossiers:
    return Dossiers((FanOut("book", rank=10, to="reader", targets=targets, chunk=chunk), Dossier("reader", rank=20, reconcile=reader)))


async def ask(database: Database, query: str, *values: Any) -> Any:
    async with database.transaction() as session:
        return await (await raw(session)).fetchval(query, *values)


async def waiting(database: Database) -> list[str]:
    async with database.transaction() as session:
        rows = await (await raw(session)).fetch("SELECT id FROM dossier WHERE kind = 'reader' AND dirty > clean ORDER BY id")
    return [row["id"] for row in rows]


@pytest.fixture
async def atlas(database: Database, desk: Any) -> Callable[[int], Awaitable[Any]]:
    """So many readers of one book, all of them computed; gives the desk that told of them."""

    async def lend(readers: int) -> Any:
        told = desk(dossiers())
        await told.tell(*(LoanFact(id=uuid7(), reader=f"reader {nth:02}", book="atlas", days=1) for nth in range(readers)))
        await reconciler(database, dossiers()).until_clean()
        return told

    return lend


class Interrupted:
    """A computation that writes, says on which session, and goes on when it may."""

    def __init__(self) -> None:
        self.session: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.may_end = asyncio.Event()

    async def __call__(self, reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        if self.session.done():
            return await reckon_readers(reconciliation, taken)
        await reckon_readers(reconciliation, taken)
        self.session.set_result(await reconciliation.connection.fetchval("SELECT pg_backend_pid()"))
        await self.may_end.wait()
        return {}


async def test_a_session_that_ends_in_the_middle_gives_its_locks_back_and_leaves_nothing(
    database: Database, mark: Marking, held: Held
) -> None:
    computing = Interrupted()
    await mark(dossiers(), "reader", ["ann"])
    work = asyncio.create_task(reconciler(database, dossiers(computing)).round())
    session = await computing.session
    assert not await reconciler(database, dossiers()).round(), "it is being computed"

    assert await ask(database, "SELECT pg_terminate_backend($1, 5000)", session)
    await reconciler(database, dossiers()).until_clean()

    assert await held("reader", "ann") is False
    assert await ask(database, "SELECT times FROM reckoning") == 1
    computing.may_end.set()
    await asyncio.wait([work])
    assert is_transient(work.exception() or AssertionError())
    assert await ask(database, "SELECT times FROM reckoning") == 1


async def test_a_worker_goes_on_after_its_session_has_ended(database: Database, mark: Marking, held: Held) -> None:
    computing, done = Interrupted(), asyncio.Event()
    await mark(dossiers(), "reader", ["ann", "bob"])
    worker = Reconciler(database, dossiers(computing), wake=asyncio.Event(), finished=done.set)
    work = asyncio.create_task(worker.run())
    await ask(database, "SELECT pg_terminate_backend($1, 5000)", await computing.session)
    computing.may_end.set()
    async with asyncio.timeout(20):
        await done.wait()
    work.cancel()
    await asyncio.wait([work])

    assert await ask(database, "SELECT array_agg(times) FROM reckoning") == [1, 1]
    assert await held("reader", "ann", "failed_reason") is None, "the database failed, not the dossier"


async def test_a_fan_out_goes_on_where_a_dead_worker_left_it(database: Database, atlas: Any, mark: Marking, held: Held) -> None:
    await atlas(25)
    await mark(dossiers(), "book", ["atlas"])
    await reconciler(database, dossiers())._spread(dossiers().kinds[0])
    dying = dossiers(targets="SELECT pg_terminate_backend(pg_backend_pid())::text WHERE $1::text > $2 OR $3::int > 0")
    work = asyncio.create_task(reconciler(database, dying)._spread(dying.kinds[0]))
    await asyncio.wait([work])
    assert is_transient(work.exception() or AssertionError())
    assert (len(await waiting(database)), await held("book", "atlas", "cursor")) == (10, "reader 09")

    await ask(database, "UPDATE dossier SET clean = dirty WHERE kind = 'reader'")
    other = reconciler(database, dossiers())
    while await other._spread(dossiers().kinds[0]):
        pass

    assert await waiting(database) == [f"reader {nth}" for nth in range(10, 25)], "not from the beginning"
    assert (await held("book", "atlas"), await held("book", "atlas", "cursor")) == (False, None)


async def test_who_comes_to_know_the_book_during_the_fan_out_is_marked_by_his_own_loan(
    database: Database, atlas: Any, mark: Marking
) -> None:
    told = await atlas(15)
    await mark(dossiers(), "book", ["atlas"])
    spreading = reconciler(database, dossiers())
    await spreading._spread(dossiers().kinds[0])
    await told.tell(LoanFact(id=uuid7(), reader="reader 00 a", book="atlas", days=1))
    while await spreading._spread(dossiers().kinds[0]):
        pass

    assert len(await waiting(database)) == 16


async def test_a_mark_that_comes_while_the_last_chunk_is_written_is_answered_anew(database: Database, atlas: Any, mark: Marking) -> None:
    await atlas(3)
    await mark(dossiers(), "book", ["atlas"])
    spreading = reconciler(database, dossiers())
    async with spreading._begin(dossiers().kinds[0]) as reconciliation:
        seen = await reconciliation.connection.fetchval("SELECT dirty FROM dossier WHERE kind = 'book'")
        await mark(dossiers(), "book", ["atlas"])
        await _spread_chunk(dossiers().kinds[0], reconciliation, Taken("atlas", seen, Urgency.LIVE, "test"))  # type: ignore[arg-type]
        await reconciliation.finish()

    assert await spreading._spread(dossiers().kinds[0]), "the second mark has not been answered yet"
    assert not await spreading._spread(dossiers().kinds[0])


async def test_what_is_marked_again_while_it_fails_is_tried_at_once(database: Database, mark: Marking, held: Held) -> None:
    tries = 0

    async def fails_and_is_marked(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
        nonlocal tries
        tries += 1
        if tries > 2:
            return {}
        await mark(dossiers(), "reader", ["ann"])
        raise LookupError

    await mark(dossiers(), "reader", ["ann"])
    await reconciler(database, dossiers(fails_and_is_marked)).until_clean()

    assert (tries, await held("reader", "ann"), await held("reader", "ann", "failures")) == (3, False, 0)


async def test_what_another_worker_has_answered_meanwhile_has_not_failed(database: Database, mark: Marking, held: Held) -> None:
    async def fails(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
        raise LookupError

    await mark(dossiers(), "reader", ["ann"])
    taken = Taken("ann", 1, Urgency.LIVE, "test")
    await reconciler(database, dossiers()).until_clean()
    await reconciler(database, dossiers(fails))._each_alone(dossiers(fails).kinds[1], [taken])  # type: ignore[arg-type]

    assert [await held("reader", "ann", what) for what in ("is_dirty", "failed_reason", "failures")] == [False, None, 0]


async def test_the_longest_wait_is_an_hour(database: Database, mark: Marking, held: Held) -> None:
    async def fails(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
        raise LookupError

    await mark(dossiers(), "reader", ["ann"])
    await ask(database, "UPDATE dossier SET failures = 10000")
    await reconciler(database, dossiers(fails)).until_clean()

    assert round(await held("reader", "ann", "extract(epoch FROM try_again_at - now())")) == 3600


async def test_who_fails_on_the_day_that_wakes_him_waits_and_is_woken_again(
    database: Database, mark: Marking, held: Held, move_day: Callable[[date], Awaitable[None]]
) -> None:
    day, tries = date(2018, 6, 11), 0

    async def fails_on_that_day(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        nonlocal tries
        tries += 1
        if reconciliation.business_day == day and tries < 4:
            raise LookupError
        return {each.id: day for each in taken} if reconciliation.business_day < day else {}

    kinds = dossiers(fails_on_that_day)
    await mark(kinds, "reader", ["ann"])
    await reconciler(database, kinds).until_clean()
    await move_day(day)
    await reconciler(database, kinds).until_clean()
    assert [await held("reader", "ann", what) for what in ("is_dirty", "failed_reason", "is_waiting")] == [False, "LookupError", True]
    assert tries == 3, "in its batch and alone, and not again before its time"

    await ask(database, "UPDATE dossier SET try_again_at = now()")
    await reconciler(database, kinds).until_clean()
    assert [await held("reader", "ann", what) for what in ("failed_reason", "look_again_on")] == [None, None]
