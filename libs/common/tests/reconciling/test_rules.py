"""The four rules that make reconciling right (architecture §3); each test fails without its rule."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from lending.app import READERS_OF_BOOK, reckon_readers
from lending.facts import LoanFact
from uuid_utils.compat import uuid7

from common.database.engine import Database, raw
from common.reconciling.dossier import Dossier, Dossiers, FanOut
from common.reconciling.marks import Taken, Urgency
from common.reconciling.reconciler import Reconciler
from common.reconciling.reconciliation import Reconciliation

Held = Callable[..., Awaitable[Any]]
Marking = Callable[..., Awaitable[None]]
AT_ONCE_SECONDS = 3.0
"""Far more than a facts transaction takes, far less than anybody holds a lock here."""


async def nothing(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
    return {}


def reconciler(database: Database, dossiers: Dossiers) -> Reconciler:
    return Reconciler(database, dossiers, wake=asyncio.Event())


def dossiers(reader: Any = reckon_readers, *, chunk: int = 1000) -> Dossiers:
    return Dossiers(
        (FanOut("book", rank=10, to="reader", targets=READERS_OF_BOOK, chunk=chunk), Dossier("reader", rank=20, reconcile=reader))
    )


async def days(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        return {row["id"]: row["days"] for row in await (await raw(session)).fetch("SELECT id, days FROM reckoning WHERE kind = 'reader'")}


# Rule 1: a row marks what its own columns name, before and after; what is reached by a join is fanned out.


async def test_a_row_marks_what_it_named_before_and_what_it_names_now(database: Database, desk: Any, held: Held) -> None:
    kinds = dossiers()
    told, loan_id = desk(kinds), uuid7()
    await told.tell(LoanFact(id=loan_id, reader="ann", book="atlas", days=5))
    await reconciler(database, kinds).until_clean()

    await told.tell(LoanFact(id=loan_id, reader="bob", book="bible", days=5))

    assert [await held("reader", reader) for reader in ("ann", "bob")] == [True, True]
    assert [await held("book", book) for book in ("atlas", "bible")] == [True, True]
    await reconciler(database, kinds).until_clean()
    assert await days(database) == {"ann": 0, "bob": 5}


async def test_a_row_that_no_longer_names_anybody_marks_whom_it_named(database: Database, desk: Any, held: Held) -> None:
    kinds = dossiers()
    told, loan_id = desk(kinds), uuid7()
    await told.tell(LoanFact(id=loan_id, reader="ann", book="atlas", days=5))
    await reconciler(database, kinds).until_clean()

    await told.tell(LoanFact(id=loan_id, reader="ann", book=None, days=5))

    assert await held("book", "atlas") is True


async def test_what_is_reached_by_a_join_is_marked_in_chunks_after_the_commit(database: Database, desk: Any, mark: Marking) -> None:
    kinds = dossiers(chunk=10)
    await desk(kinds).tell(*(LoanFact(id=uuid7(), reader=f"reader {nth:02}", book="atlas", days=1) for nth in range(25)))
    await reconciler(database, kinds).until_clean()
    async with database.transaction() as session:
        await (await raw(session)).execute("UPDATE reckoning SET days = -1")

    await mark(kinds, "book", ["atlas"])
    spreading, waiting = reconciler(database, Dossiers((kinds.kinds[0], Dossier("reader", rank=20, reconcile=nothing)))), []
    while await spreading._spread(kinds.kinds[0]):
        async with database.transaction() as session:
            waiting.append(await (await raw(session)).fetchval("SELECT count(*) FROM dossier WHERE kind = 'reader' AND dirty > clean"))

    assert waiting == [10, 20, 25], "one transaction a chunk"
    await reconciler(database, kinds).until_clean()
    assert set((await days(database)).values()) == {1}


async def test_a_mark_that_comes_during_a_fan_out_begins_it_anew(database: Database, desk: Any, mark: Marking, held: Held) -> None:
    """Who joined behind the cursor would be missed otherwise."""
    kinds = dossiers(chunk=10)
    told = desk(kinds)
    await told.tell(*(LoanFact(id=uuid7(), reader=f"reader {nth:02}", book="atlas", days=1) for nth in range(15)))
    await reconciler(database, kinds).until_clean()
    await mark(kinds, "book", ["atlas"])
    spreading = reconciler(database, kinds)
    assert await spreading._spread(kinds.kinds[0])

    await mark(kinds, "book", ["atlas"])
    assert await spreading._spread(kinds.kinds[0]), "the last chunk of the first round"

    assert await held("book", "atlas") is True
    assert await held("book", "atlas", "cursor") is None
    await spreading.until_clean()
    assert await held("book", "atlas") is False


# Rule 2: kinds are ranked, and a dossier marks only kinds of higher rank.


def test_a_fan_out_to_no_higher_rank_is_refused_at_start_up() -> None:
    for rank in (10, 5):
        with pytest.raises(ValueError, match="may not mark reader"):
            Dossiers((FanOut("book", rank=10, to="reader", targets=""), Dossier("reader", rank=rank, reconcile=nothing)))


def test_two_kinds_of_one_name_are_refused_at_start_up() -> None:
    with pytest.raises(ValueError, match="one name"):
        Dossiers((Dossier("reader", rank=10, reconcile=nothing), Dossier("reader", rank=20, reconcile=nothing)))


def test_a_fan_out_to_nobody_is_refused_at_start_up() -> None:
    with pytest.raises(ValueError, match="there is no kind reader"):
        Dossiers((FanOut("book", rank=10, to="reader", targets=""),))


def test_a_replica_that_names_an_unknown_kind_is_refused_at_start_up(database: Database, desk: Any) -> None:
    with pytest.raises(ValueError, match="there is no kind book"):
        desk(Dossiers((Dossier("reader", rank=20, reconcile=nothing),)))


async def test_a_dossier_that_marks_downwards_is_set_aside_and_nothing_of_it_stays(database: Database, mark: Marking, held: Held) -> None:
    async def downwards(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        await reconciliation.connection.execute("INSERT INTO reckoning VALUES ('reader', 'ann', 1, 1)")
        reconciliation.mark("shelf", "A1", because=taken[0])
        return {}

    kinds = Dossiers((Dossier("shelf", rank=10, reconcile=nothing), Dossier("reader", rank=20, reconcile=downwards)))
    await mark(kinds, "reader", ["ann"])
    await reconciler(database, kinds).until_clean()

    assert (await held("reader", "ann", "failed_reason"), await held("shelf", "A1")) == ("ValueError", None)
    assert await days(database) == {}


async def test_a_mark_upwards_is_computed_in_the_same_calm(database: Database, mark: Marking) -> None:
    seen: list[tuple[str, Urgency, str]] = []

    async def upwards(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        for each in taken:
            reconciliation.mark("reader", f"reader of {each.id}", because=each)
        return {}

    async def note(_: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        seen.extend((each.id, each.urgency, each.cause) for each in taken)
        return {}

    kinds = Dossiers((Dossier("reader", rank=20, reconcile=note), Dossier("shelf", rank=10, reconcile=upwards)))
    await mark(kinds, "shelf", ["A1"], urgency=Urgency.BULK, cause="import:7")
    await reconciler(database, kinds).until_clean()

    assert seen == [("reader of A1", Urgency.BULK, "import:7")], "urgency and cause are carried on"


# Rule 3: a dossier that fails is set aside with its reason and a backoff; it stops nobody.


async def test_a_dossier_that_fails_waits_with_its_reason_and_the_others_go_on(database: Database, mark: Marking, held: Held) -> None:
    async def bob_fails(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        if any(each.id == "bob" for each in taken):
            raise LookupError("a value that must not be kept")
        return await reckon_readers(reconciliation, taken)

    kinds = dossiers(bob_fails)
    await mark(kinds, "reader", ["ann", "bob", "cyd"])
    await reconciler(database, kinds).until_clean()

    assert set(await days(database)) == {"ann", "cyd"}
    assert [await held("reader", reader) for reader in ("ann", "bob", "cyd")] == [False, True, False]
    assert [await held("reader", "bob", what) for what in ("failed_reason", "failures", "is_waiting")] == ["LookupError", 1, True]


async def test_who_fails_again_waits_longer_and_is_not_tried_before(database: Database, mark: Marking, held: Held) -> None:
    tries = 0

    async def fails(_: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        nonlocal tries
        tries += len(taken)
        raise LookupError

    kinds, waits = dossiers(fails), []
    await mark(kinds, "reader", ["bob"])
    for _ in range(4):
        await reconciler(database, kinds).until_clean()
        waits.append(round(await held("reader", "bob", "extract(epoch FROM try_again_at - now())")))
        async with database.transaction() as session:
            await (await raw(session)).execute("UPDATE dossier SET try_again_at = now()")

    assert waits == [1, 2, 4, 8]
    assert tries == 8, "each time in its batch and once alone"


async def test_a_new_mark_tries_a_failed_dossier_at_once(database: Database, mark: Marking, held: Held) -> None:
    broken = True

    async def sometimes(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
        if broken:
            raise LookupError
        return {}

    kinds = dossiers(sometimes)
    await mark(kinds, "reader", ["bob"])
    await reconciler(database, kinds).until_clean()
    broken = False
    await reconciler(database, kinds).until_clean()
    assert await held("reader", "bob") is True, "not before its time"

    await mark(kinds, "reader", ["bob"])
    await reconciler(database, kinds).until_clean()

    assert [await held("reader", "bob", what) for what in ("is_dirty", "failed_reason", "failures")] == [False, None, 0]


async def test_a_fan_out_that_fails_stops_nobody(database: Database, mark: Marking, held: Held) -> None:
    broken = FanOut("book", rank=10, to="reader", targets="SELECT ($1::text::int)::text WHERE $2::text IS NOT NULL AND $3::int > 0")
    kinds = Dossiers((broken, Dossier("reader", rank=20, reconcile=reckon_readers)))
    await mark(kinds, "book", ["1", "not a number", "zebra"])
    await mark(kinds, "reader", ["ann"])

    await reconciler(database, kinds).until_clean()

    assert set(await days(database)) == {"ann", "1"}
    assert [await held("book", book) for book in ("1", "not a number", "zebra")] == [False, True, True]
    assert await held("book", "zebra", "failures >= 1 AND try_again_at IS NOT NULL")  # on a slow day it has been tried again already


# Rule 4: the many never delay the one.


async def test_live_marks_go_before_an_import_and_an_import_before_the_calendar(database: Database, mark: Marking, held: Held) -> None:
    order: list[str] = []

    async def note(_: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        order.extend(each.id for each in taken)
        return {}

    kinds = Dossiers((Dossier("reader", rank=20, reconcile=note, batch=2),))
    async with database.transaction() as session:
        await (await raw(session)).execute(
            "INSERT INTO dossier (kind, id, dirty, clean, urgency, cause, look_again_on) VALUES ('reader', 'a calendar', 1, 1, 0, 'x', '2018-06-01')"
        )
    await mark(kinds, "reader", ["c bulk", "d bulk"], urgency=Urgency.BULK)
    await mark(kinds, "reader", ["b wide"], urgency=Urgency.WIDE)
    await mark(kinds, "reader", ["z live", "y live"])
    await reconciler(database, kinds).until_clean()

    assert order == ["y live", "z live", "c bulk", "d bulk", "b wide", "a calendar"]


async def test_a_live_mark_raises_a_dossier_that_waits(database: Database, mark: Marking, held: Held) -> None:
    kinds = dossiers()
    await mark(kinds, "reader", ["ann", "bob"], urgency=Urgency.BULK, cause="import:7")
    await mark(kinds, "reader", ["bob"], urgency=Urgency.LIVE, cause="act:8")
    await mark(kinds, "reader", ["bob"], urgency=Urgency.WIDE, cause="rule:9")

    assert (await held("reader", "ann", "urgency"), await held("reader", "ann", "cause")) == (Urgency.BULK, "import:7")
    assert (await held("reader", "bob", "urgency"), await held("reader", "bob", "cause")) == (Urgency.LIVE, "act:8")


async def test_a_wide_fan_out_gives_way_and_a_narrow_one_does_not(database: Database, desk: Any, mark: Marking, held: Held) -> None:
    kinds = dossiers(chunk=3)
    wide = [LoanFact(id=uuid7(), reader=f"w{nth}", book="atlas", days=1) for nth in range(4)]
    await desk(kinds).tell(*wide, LoanFact(id=uuid7(), reader="n0", book="novel", days=1))
    await reconciler(database, kinds).until_clean()

    await mark(kinds, "book", ["atlas", "novel"])
    spreading = reconciler(database, kinds)
    while await spreading._spread(kinds.kinds[0]):
        pass

    assert {await held("reader", reader, "urgency") for reader in ("w0", "w1", "w2", "w3")} == {Urgency.WIDE}
    assert await held("reader", "n0", "urgency") == Urgency.LIVE


async def test_an_imports_facts_mark_with_less_urgency_than_an_acts(database: Database, desk: Any, held: Held) -> None:
    told = desk(dossiers())
    await told.tell(LoanFact(id=uuid7(), reader="ann", days=1), bulk=True, cause="import:7")
    await told.tell(LoanFact(id=uuid7(), reader="bob", days=1))

    assert [await held("reader", reader, "urgency") for reader in ("ann", "bob")] == [Urgency.BULK, Urgency.LIVE]
    assert await held("reader", "ann", "cause") == "import:7"


# Beside the rules: facts never wait for a computation, and what comes during one is not lost.


async def test_facts_do_not_wait_for_a_computation_and_it_stays_dirty(database: Database, desk: Any, held: Held) -> None:
    computing, may_end = asyncio.Event(), asyncio.Event()

    async def slow(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        answer = await reckon_readers(reconciliation, taken)
        computing.set()
        await may_end.wait()
        return answer

    kinds = dossiers(slow)
    told = desk(kinds)
    await told.tell(LoanFact(id=uuid7(), reader="ann", days=5))
    work = asyncio.create_task(reconciler(database, kinds).round())
    await computing.wait()

    async with asyncio.timeout(AT_ONCE_SECONDS):
        await told.tell(LoanFact(id=uuid7(), reader="ann", days=7))
    may_end.set()
    await work

    assert await days(database) == {"ann": 5}, "it has not seen the loan that came meanwhile"
    assert await held("reader", "ann") is True
    await reconciler(database, kinds).until_clean()
    assert (await days(database), await held("reader", "ann")) == ({"ann": 12}, False)


async def test_a_dossier_is_computed_by_one_at_a_time_and_the_next_worker_gets_the_next(database: Database, mark: Marking) -> None:
    under_way: list[set[str]] = []
    clashes: list[str] = []
    both, go_on = asyncio.Barrier(2), asyncio.Event()

    async def slow(_: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        own = {each.id for each in taken}
        clashes.extend(id_ for others in under_way for id_ in others & own)
        under_way.append(own)
        await both.wait()
        go_on.set()
        return {}

    kinds = Dossiers((Dossier("reader", rank=20, reconcile=slow, batch=10),))
    await mark(kinds, "reader", [f"reader {nth:02}" for nth in range(20)])
    async with asyncio.timeout(AT_ONCE_SECONDS):
        assert await asyncio.gather(*(reconciler(database, kinds).round() for _ in range(2))) == [True, True]

    assert (clashes, sorted(map(len, under_way))) == ([], [10, 10])


async def test_nothing_is_taken_while_another_computes_it(database: Database, mark: Marking) -> None:
    computing, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
        computing.set()
        await may_end.wait()
        return {}

    kinds = dossiers(slow)
    await mark(kinds, "reader", ["ann"])
    work = asyncio.create_task(reconciler(database, kinds).round())
    await computing.wait()
    await mark(kinds, "reader", ["ann"])

    async with asyncio.timeout(AT_ONCE_SECONDS):
        assert await reconciler(database, kinds).round() is False
    may_end.set()
    assert await work is True


async def test_until_clean_also_waits_for_what_another_computes(database: Database, mark: Marking, held: Held) -> None:
    computing, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: Reconciliation, __: Sequence[Taken]) -> Mapping[str, date | None]:
        computing.set()
        await may_end.wait()
        return {}

    await mark(dossiers(slow), "reader", ["ann"])
    work = asyncio.create_task(reconciler(database, dossiers(slow)).round())
    await computing.wait()
    waiting = asyncio.create_task(reconciler(database, dossiers()).until_clean())
    await reconciler(database, dossiers()).round()
    assert not waiting.done()

    may_end.set()
    await asyncio.gather(work, waiting)
    assert await held("reader", "ann") is False


@pytest.mark.usefixtures("impatient")
async def test_a_worker_that_dies_in_a_computation_leaves_the_dossier_to_the_next(database: Database, mark: Marking, held: Held) -> None:
    computing = asyncio.Event()

    async def never_ends(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        await reckon_readers(reconciliation, taken)
        computing.set()
        await asyncio.Event().wait()
        return {}

    await mark(dossiers(), "reader", ["ann"])
    work = asyncio.create_task(reconciler(database, dossiers(never_ends)).round())
    await computing.wait()
    work.cancel()
    await asyncio.wait([work])

    assert (await held("reader", "ann"), await days(database)) == (True, {})
    await reconciler(database, dossiers()).until_clean()
    assert (await held("reader", "ann"), await days(database)) == (False, {"ann": 0})


# Time wakes.


async def test_a_dossier_wakes_when_its_day_has_come_and_not_before(
    database: Database, mark: Marking, held: Held, move_day: Callable[[date], Awaitable[None]]
) -> None:
    causes: list[str] = []

    async def ten_days_later(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        causes.extend(each.cause for each in taken)
        return {each.id: date(2018, 6, 11) if reconciliation.business_day < date(2018, 6, 11) else None for each in taken}

    kinds = dossiers(ten_days_later)
    await mark(kinds, "reader", ["ann"], cause="act:1")
    await reconciler(database, kinds).until_clean()
    assert await held("reader", "ann", "look_again_on") == date(2018, 6, 11)

    await move_day(date(2018, 6, 10))
    assert await reconciler(database, kinds).round() is False
    await move_day(date(2018, 6, 12))
    await reconciler(database, kinds).until_clean()

    assert causes == ["act:1", "calendar:2018-06-12"]
    assert await held("reader", "ann", "look_again_on") is None


async def test_who_would_look_again_on_a_day_that_has_come_is_set_aside(database: Database, mark: Marking, held: Held) -> None:
    """It would be taken again and again, for ever."""

    async def today(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        return {each.id: reconciliation.business_day for each in taken if each.id == "ann"}

    kinds = dossiers(today)
    await mark(kinds, "reader", ["ann", "bob"])
    async with asyncio.timeout(AT_ONCE_SECONDS):
        await reconciler(database, kinds).until_clean()

    assert (await held("reader", "ann", "failed_reason"), await held("reader", "bob")) == ("LooksAgainTooEarly", False)
