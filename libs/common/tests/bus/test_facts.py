"""The facts transaction: duplicates, reordering, marks, offsets and counts; and that it happens whole or not at all."""

import asyncio
from itertools import permutations
from uuid import UUID

import pytest
from lending.desk import Kept, Log, lent, outgoing
from uuid_utils.compat import uuid7

from common.bus import dead_letters, integrity
from common.bus.facts import Facts
from common.bus.offsets import OffsetsMoved, PartitionsStopped
from common.database.engine import Database, raw
from common.reconciling.marks import Urgency

TABLES = ("replica_desk_loan", "fact_version", "fact_count", "dossier", "consumer_offset", "dead_letter")


async def counts(kept: Kept) -> tuple[int, int, int]:
    (row,) = await kept.rows("SELECT applied, superseded, duplicate FROM fact_count")
    return row["applied"], row["superseded"], row["duplicate"]


async def test_a_fact_becomes_a_replica_a_version_and_a_mark(facts: Facts, log: Log, kept: Kept) -> None:
    loan = lent("ann", book="b1", days=3)
    assert await facts.apply(log.append(outgoing(loan, 4))) == 0

    assert await kept.states("id", "epoch", "version", "reader", "book") == [(loan.id, 1, 4, "ann", "b1")]
    assert type(loan).parse(await kept.value("SELECT state::text FROM replica_desk_loan")) == loan
    assert type(loan).parse(await kept.value("SELECT state::text FROM fact_version WHERE id = $1 AND version = 4", loan.id)) == loan
    assert await kept.rows("SELECT kind, id, dirty, urgency, cause FROM dossier ORDER BY kind") == [
        {"kind": kind, "id": name, "dirty": 1, "urgency": Urgency.LIVE, "cause": "test"}
        for kind, name in (("book", "b1"), ("reader", "ann"))
    ]
    assert await kept.offsets() == {0: 1}


async def test_a_duplicate_changes_nothing_and_is_counted_apart(facts: Facts, log: Log, kept: Kept) -> None:
    loan = lent()
    await facts.apply(log.append(outgoing(loan), outgoing(loan)))
    before = await kept.everything(("replica_desk_loan", "fact_version", "dossier"))
    await facts.apply(log.append(outgoing(loan)))

    assert await kept.everything(("replica_desk_loan", "fact_version", "dossier")) == before
    assert await counts(kept) == (1, 0, 2)
    assert await kept.offsets() == {0: 3}


async def test_an_old_version_after_a_new_one_is_kept_as_history_and_changes_nothing_else(facts: Facts, log: Log, kept: Kept) -> None:
    loan = lent("ann", days=1)
    await facts.apply(log.append(outgoing(loan.model_copy(update={"reader": "bob"}), 2)))
    await facts.apply(log.append(outgoing(loan, 1)))

    assert await kept.states("version", "reader") == [(2, "bob")]
    assert await kept.marked() == {"bob": 1}
    assert await kept.values("SELECT version FROM fact_version ORDER BY version") == [1, 2]
    assert await counts(kept) == (1, 1, 0)


async def test_epoch_goes_before_version(facts: Facts, log: Log, kept: Kept) -> None:
    loan = lent()
    order = [(1, 9), (2, 1), (1, 10), (2, 3), (2, 2)]
    for epoch, version in order:
        await facts.apply(log.append(outgoing(loan.model_copy(update={"days": 100 * epoch + version}), version, epoch=epoch)))

    assert await kept.states("epoch", "version") == [(2, 3)]
    assert await kept.value("SELECT (state ->> 'days')::int FROM replica_desk_loan") == 203
    assert await counts(kept) == (3, 2, 0)


async def test_whatever_the_order_and_the_batches_the_newest_state_is_kept(facts: Facts, log: Log, kept: Kept) -> None:
    loans = []
    for nth, order in enumerate(permutations((1, 2, 3))):
        loan = lent()
        loans.append(loan.id)
        told = [outgoing(loan.model_copy(update={"reader": f"reader-{version}"}), version) for version in order]
        for batch in (told,) if nth % 2 else ([each] for each in told):
            await facts.apply(log.append(*batch))

    assert await kept.states("version", "reader") == [(3, "reader-3")] * 6
    applied, superseded, duplicate = await counts(kept)
    assert (applied + superseded, duplicate) == (18, 0)


async def test_a_row_marks_what_it_named_before_and_what_it_names_now(facts: Facts, log: Log, kept: Kept) -> None:
    loan = lent("ann", book="b1")
    await facts.apply(log.append(outgoing(loan, 1)))
    await facts.apply(log.append(outgoing(loan.model_copy(update={"reader": "bob", "book": None}), 2, bulk=True)))

    assert await kept.marked() == {"ann": 2, "bob": 1}
    assert await kept.rows("SELECT id, dirty FROM dossier WHERE kind = 'book'") == [{"id": "b1", "dirty": 2}]
    assert await kept.value("SELECT urgency FROM dossier WHERE id = 'bob'") == Urgency.BULK


async def test_a_name_that_stays_is_marked_once(facts: Facts, log: Log, kept: Kept) -> None:
    loan = lent("ann", days=1)
    await facts.apply(log.append(outgoing(loan, 1)))
    await facts.apply(log.append(outgoing(loan.model_copy(update={"days": 2}), 2)))

    assert await kept.marked() == {"ann": 2}


@pytest.mark.parametrize("broken", ["replica_desk_loan", "fact_version", "fact_count", "dossier", "consumer_offset", "dead_letter"])
async def test_a_failure_anywhere_leaves_nothing(facts: Facts, log: Log, kept: Kept, database: Database, broken: str) -> None:
    loan, good = lent("ann"), lent("bob")
    await facts.apply(log.append(outgoing(loan, 1)))
    before = await kept.everything(TABLES)
    batch = log.append(outgoing(loan, 2), outgoing(good), outgoing(lent(), value=b"{"))
    async with database.transaction() as session:
        connection = await raw(session)
        await connection.execute("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$")
        await connection.execute(f"CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON {broken} FOR EACH STATEMENT EXECUTE FUNCTION broken()")

    with pytest.raises(Exception, match="the disk is full"):
        await facts.apply(batch)
    assert await kept.everything(TABLES) == before

    async with database.transaction() as session:
        await (await raw(session)).execute("DROP FUNCTION broken CASCADE")
    assert await facts.apply(batch) == 1
    assert await kept.marked() == {"ann": 2, "bob": 1}


async def test_messages_below_the_offset_were_applied_before_and_are_passed_over(facts: Facts, log: Log, kept: Kept) -> None:
    first = log.append(outgoing(lent("ann")), outgoing(lent("ann"), value=b"{"))
    await facts.apply(first)
    before = await kept.everything(TABLES)

    assert await facts.apply(first) == 0
    assert await kept.everything(TABLES) == before
    assert await facts.apply([*first, *log.append(outgoing(lent("bob")))]) == 0
    assert await kept.marked() == {"ann": 1, "bob": 1}


async def test_a_gap_is_never_jumped_over(facts: Facts, log: Log, kept: Kept) -> None:
    messages = log.append(*(outgoing(lent(f"reader-{nth}")) for nth in range(4)))
    await facts.apply(messages[:1])
    for gap in (messages[2:], [messages[1], messages[3]]):
        with pytest.raises(OffsetsMoved):
            await facts.apply(gap)

    assert (await kept.offsets(), await kept.marked()) == ({0: 1}, {"reader-0": 1})


async def test_two_workers_on_one_partition_apply_each_message_once(facts: Facts, log: Log, kept: Kept, database: Database) -> None:
    messages = log.append(*(outgoing(lent(f"reader-{nth}")) for nth in range(60)))

    async def work(batch: int) -> None:
        at = 0
        while at < len(messages):
            try:
                await facts.apply(messages[at : at + batch])
                at += batch
            except OffsetsMoved:
                at = (await facts.positions({messages[0].partition}))[messages[0].partition]

    await asyncio.gather(work(7), work(4), work(11))

    assert await counts(kept) == (60, 0, 0)
    assert set((await kept.marked()).values()) == {1}
    assert await kept.offsets() == {0: 60}


async def test_offsets_belong_to_one_life_of_a_topic_and_to_one_group(facts: Facts, log: Log, database: Database) -> None:
    messages = log.append(outgoing(lent()))
    await facts.apply(messages)
    partition = messages[0].partition
    others = [
        partition._replace(topic_id="life-2"),
        partition._replace(number=1),
    ]
    other_group = Facts(database, tuple(facts._replicas.values()), facts._dossiers, group="other", bus_id="test", keeps_history=False)
    other_bus = Facts(database, tuple(facts._replicas.values()), facts._dossiers, group="lending", bus_id="other", keeps_history=False)

    assert await facts.positions([partition, *others]) == {partition: 1}
    assert await other_group.positions([partition]) == await other_bus.positions([partition]) == {}


async def test_of_a_partition_that_was_stopped_nothing_is_applied_whoever_reads_it(facts: Facts, log: Log, kept: Kept) -> None:
    stopped, going = log.append(outgoing(lent("ann"))), log.append(outgoing(lent("bob")), partition=1)
    await facts.stop(stopped[0].partition, "looks wrong")
    await facts.stop(stopped[0].partition, "looks wrong again")

    with pytest.raises(PartitionsStopped) as error:
        await facts.apply([*stopped, *going])

    assert error.value.reasons == await facts.stopped() == {stopped[0].partition: "looks wrong"}
    await facts.apply(going)
    assert await kept.marked() == {"bob": 1}


async def test_the_counts_close(facts: Facts, log: Log, kept: Kept, database: Database) -> None:
    """applied + superseded + dead + discarded = distinct versions; duplicates apart."""
    loans = [lent(f"reader-{nth}") for nth in range(4)]
    broken = [outgoing(lent(), 3, value=b"{") for _ in range(3)]
    again = outgoing(loans[0], 2)
    for batch in (
        [outgoing(loans[0], 3), outgoing(loans[0], 1), again, broken[0]],
        [again, outgoing(loans[1], 1), broken[0], broken[1], outgoing(loans[2], 2), outgoing(loans[2], 1, value=b"[]")],
        [broken[2], outgoing(loans[3], 1, value=b""), outgoing(loans[3], 1), outgoing(loans[3], 2)],
        [outgoing(lent(), headers={"ce_version": "?"}), outgoing(lent(), headers={"ce_version": "?"})],
    ):
        await facts.apply(log.append(*batch))
    discarded = await kept.value("SELECT id FROM dead_letter WHERE aggregate_id = $1", UUID(broken[1].headers["ce_subject"]))
    async with database.transaction() as session:
        connection = await raw(session)
        await dead_letters.end(connection, discarded, state="DISCARDED", reason="void")
        letters = await dead_letters.counts(connection)
        (integral,) = await integrity.heard(connection, ["desk.loan"])

    # heard: loans[0] 1, 2, 3; loans[1] 1; loans[2] 2; loans[3] 1, 2. Never: broken 0, 2 and loans[2] 1; broken 1 is discarded. The last two have no version that
    # could be read, and are one each.
    assert await counts(kept) == (4, 3, 1)
    assert letters == {"desk.loan": (5, 1)}
    assert (integral.heard, integral.dead, integral.discarded, integral.counted, integral.kept) == (7, 5, 1, 7, 7)
    assert len(await kept.letters("id")) == 8, "broken 0 came twice, and loans[3] 1 came broken before it came whole"


async def test_an_empty_batch_is_nothing(facts: Facts, kept: Kept) -> None:
    assert await facts.apply([]) == 0
    assert await kept.rows("SELECT FROM fact_count") == []


async def test_a_version_is_kept_without_its_state_where_nobody_asks_for_a_past_day(
    database: Database, facts: Facts, log: Log, kept: Kept
) -> None:
    plain = Facts(database, tuple(facts._replicas.values()), facts._dossiers, group="lending", bus_id="test", keeps_history=False)
    await plain.apply(log.append(outgoing(lent(id=uuid7()))))

    assert await kept.values("SELECT state FROM fact_version") == [None]
