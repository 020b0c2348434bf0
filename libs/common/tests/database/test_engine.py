"""The database of a service: short transactions, the raw connection of the same transaction, and which errors pass by themselves."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.database.engine import Database, is_collision, is_transient, raw
from common.testing.postgres import postgres_server

_ENTER = text("INSERT INTO reckoning VALUES ('reader', :id, 1, 1)")


class ChangedHisMind(Exception):
    """Whoever had begun the transaction."""


async def changing_his_mind(database: Database, *ids: str) -> None:
    async with database.transaction() as session:
        for id_ in ids:
            await session.execute(_ENTER, {"id": id_})
        await (await raw(session)).execute("INSERT INTO reckoning VALUES ('reader', 'raw', 1, 1)")
        raise ChangedHisMind


async def entered(database: Database) -> int:
    async with database.transaction() as session:
        return int((await session.execute(text("SELECT count(*) FROM reckoning"))).scalar_one())


async def test_a_transaction_commits_whole_or_not_at_all(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(_ENTER, {"id": "one"})
    with pytest.raises(ChangedHisMind):
        await changing_his_mind(database, "two")

    assert await entered(database) == 1


async def test_raw_work_alone_is_in_the_transaction_too(database: Database) -> None:
    with pytest.raises(ChangedHisMind):
        await changing_his_mind(database)

    assert await entered(database) == 0


async def test_a_raw_transaction_commits_whole_or_not_at_all(database: Database) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute("INSERT INTO reckoning VALUES ('reader', 'one', 1, 1)")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.raw_transaction() as connection:
            await connection.execute("INSERT INTO reckoning VALUES ('reader', 'two', 1, 1), ('reader', 'one', 1, 1)")

    assert await entered(database) == 1


async def test_a_connection_that_broke_in_a_raw_transaction_is_not_used_again(database: Database) -> None:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as broken:
        async with database.raw_transaction() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert is_transient(broken.value)
    async with asyncio.TaskGroup() as all_at_once:
        for _ in range(10):
            all_at_once.create_task(entered(database))


async def test_who_is_cancelled_in_a_raw_transaction_leaves_nothing_behind(database: Database) -> None:
    entering = asyncio.Event()

    async def enter() -> None:
        async with database.raw_transaction() as connection:
            await connection.execute("INSERT INTO reckoning VALUES ('reader', 'one', 1, 1)")
            entering.set()
            await connection.execute("SELECT pg_sleep(60)")

    work = asyncio.create_task(enter())
    await entering.wait()
    work.cancel()
    await asyncio.wait([work])

    assert await entered(database) == 0


@pytest.mark.parametrize("kind", ["raw", "session"])
async def test_who_is_cancelled_while_his_connection_breaks_is_cancelled(database: Database, kind: str) -> None:
    """The broken connection's own error would be waited out and tried again, by a loop that was told to end."""
    inside = asyncio.Event()

    async def work() -> None:
        begin = database.raw_transaction if kind == "raw" else database.transaction
        async with begin() as held:
            connection = held if isinstance(held, asyncpg.Connection) else await raw(held)
            connection.terminate()
            inside.set()
            await asyncio.Event().wait()

    working = asyncio.create_task(work())
    await inside.wait()
    working.cancel()
    await asyncio.wait([working], timeout=10)

    assert working.cancelled()


async def test_who_is_cancelled_at_whatever_moment_takes_nobody_elses_work_with_him(database: Database) -> None:
    one_connection = Database(database.url.render_as_string(hide_password=False), connections=1)

    async def enter(who: str) -> None:
        async with one_connection.raw_transaction() as connection:
            await connection.execute("INSERT INTO reckoning VALUES ('reader', $1, 1, 1)", who)

    await enter("first")
    for moment in range(60):
        cancelled = asyncio.create_task(enter(f"cancelled {moment}"))
        await asyncio.sleep(moment * 0.00005)  # a sweep over the act: wherever it stands is right
        cancelled.cancel()
        await asyncio.wait([cancelled])
        await enter(f"after {moment}")
        async with database.raw_transaction() as connection:
            assert await connection.fetchval("SELECT count(*) FROM reckoning WHERE id = $1", f"after {moment}") == 1
    await one_connection.close()


async def test_two_who_enter_one_thing_collide_and_a_deadlock_passes(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(_ENTER, {"id": "one"})
        await session.execute(_ENTER, {"id": "two"})
    with pytest.raises(DBAPIError) as collision:
        async with database.transaction() as session:
            await session.execute(_ENTER, {"id": "one"})
    with pytest.raises(asyncpg.UniqueViolationError) as raw_collision:
        async with database.transaction() as session:
            await (await raw(session)).execute("INSERT INTO reckoning VALUES ('reader', 'one', 1, 1)")
    deadlock = await deadlocked(database)

    assert [(is_collision(error), is_transient(error)) for error in (collision.value, raw_collision.value, deadlock, ValueError())] == [
        (True, False), (True, False), (False, True), (False, False),
    ]  # fmt: skip


async def deadlocked(database: Database) -> BaseException:
    """What PostgreSQL says to the one of two who wait for each other."""
    both_hold = asyncio.Barrier(2)

    async def change(first: str, second: str) -> None:
        async with database.transaction() as session:
            await session.execute(text("UPDATE reckoning SET days = 2 WHERE id = :id"), {"id": first})
            await both_hold.wait()
            await session.execute(text("UPDATE reckoning SET days = 2 WHERE id = :id"), {"id": second})

    outcomes = await asyncio.gather(change("one", "two"), change("two", "one"), return_exceptions=True)
    (error,) = (outcome for outcome in outcomes if outcome is not None)
    return error


async def test_connections_that_were_cut_while_idle_pass_by_themselves_and_so_does_a_pool_that_is_used_up(database: Database) -> None:
    """A restart of the database must not look like a fault of what was being done."""

    async def work() -> None:
        async with database.raw_transaction() as connection:
            await connection.execute("SELECT pg_sleep(0.05)")

    somebody = await asyncpg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    await asyncio.gather(*(work() for _ in range(5)))
    cut = await somebody.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await somebody.close()
    # The second is what asyncpg says between the server's farewell and the end of the connection: only sometimes met below.
    errors: list[BaseException] = [PoolTimeout(), asyncpg.InternalClientError()]
    while True:
        try:
            await work()
            break
        except Exception as error:
            errors.append(error)

    assert cut == 5
    assert [is_transient(error) for error in errors] == [True] * len(errors)


async def test_a_statement_that_took_too_long_under_load_may_be_tried_again(database: Database) -> None:
    async def work() -> None:
        async with database.raw_transaction() as connection:
            await connection.execute("SET LOCAL statement_timeout = 10")
            await connection.execute("SELECT pg_sleep(60)")

    with pytest.raises(asyncpg.QueryCanceledError) as late:
        await work()

    assert is_transient(late.value)


async def test_a_server_that_crashed_is_back_at_its_place_with_what_was_committed() -> None:
    with postgres_server() as server:
        survivor = Database(server.url("postgres"), connections=1)
        async with survivor.raw_transaction() as connection:
            await connection.execute("SET LOCAL synchronous_commit = on")  # a server for tests does not promise it by itself
            await connection.execute("CREATE TABLE kept (id int)")

        server.crash()
        server.start()

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)) as broken:
            await _held(survivor)
        assert is_transient(broken.value)
        assert await _held(survivor) == 0
        await survivor.close()


async def _held(database: Database) -> int:
    async with database.raw_transaction() as connection:
        held: int = await connection.fetchval("SELECT count(*) FROM kept")
        return held


async def test_an_errors_text_does_not_carry_what_was_entered(database: Database) -> None:
    with pytest.raises(DBAPIError, match="division by zero") as error:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO reckoning VALUES ('reader', :id, 1 / 0, 1)"), {"id": "320599197001010011"})

    assert "320599197001010011" not in str(error.value)
