"""One service's database: short transactions for use cases, and the raw connection of the same transaction for bulk work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

# Serialisation, deadlock, timeouts of a lock or a statement, too many connections, shutdown and connection loss: the same work may
# succeed when tried again.
_TRANSIENT_STATES = frozenset(
    {"40001", "40P01", "55P03", "57014", "53300", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"}
)
# asyncpg's internal error is what a connection says that was cut while it was idle; SQLAlchemy's own timeout is that of its pool.
_TRANSIENT_ERRORS = (OSError, TimeoutError, PoolTimeout, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Database:
    """A PostgreSQL database. At most `connections` at once (a service has at most 12, architecture §4)."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self.url = make_url(url).set(drivername="postgresql+asyncpg")
        self.engine = create_async_engine(
            self.url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            hide_parameters=True,  # an error's text must not carry what people entered
            # No question here runs as long as it takes to compile one, and an estimate that is too high would have it compiled.
            connect_args={
                "server_settings": {"application_name": "craftport", "timezone": "Asia/Shanghai", "jit": "off"},
                "statement_cache_size": 500,
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose one transaction commits on leaving and rolls back on an exception."""
        with _cancelled_stays_cancelled():
            async with self._sessions() as session, session.begin():
                yield session

    @asynccontextmanager
    async def raw_transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """The same without a session, for loops that only do raw work: two round trips less."""
        with _cancelled_stays_cancelled():
            async with self.engine.connect() as connection:
                driver = cast("asyncpg.Connection", (await connection.get_raw_connection()).driver_connection)
                is_done = False
                try:
                    async with driver.transaction():
                        yield driver
                    is_done = True
                except Exception:
                    is_done = not driver.is_closed() and not driver.is_in_transaction()
                    raise
                finally:
                    # SQLAlchemy has seen nothing of it: what is broken or half done must not go back into its pool. Who is cancelled while
                    # his transaction begins leaves one open that nobody ends: the next one's would be a part of it, and be lost with it.
                    if not is_done:
                        await connection.invalidate()

    async def close(self) -> None:
        await self.engine.dispose()


@contextmanager
def _cancelled_stays_cancelled() -> Iterator[None]:
    """The error of a connection that broke on the way out must not take the place of the cancellation: whoever waits out such errors and
    begins again would never end.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    except Exception as error:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError from error
        raise


async def raw(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection of the session's transaction: COPY, unnest and hot paths. JSONB goes in as text; select it as text too."""
    connection = await session.connection()
    proxied = await connection.get_raw_connection()
    # SQLAlchemy begins lazily, with its own first statement: raw work alone would run outside the transaction.
    if not cast("asyncpg.Connection", proxied.driver_connection).is_in_transaction():
        await connection.exec_driver_sql("SELECT 1")
    return cast("asyncpg.Connection", proxied.driver_connection)


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed when it is simply tried again: connection, deadlock, serialisation."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    error = _said_by_database(error)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "") in _TRANSIENT_STATES
    return isinstance(error, _TRANSIENT_ERRORS) and not is_unstorable(error)


def is_unstorable(error: BaseException) -> bool:
    """Whether a value fits into no column of its kind; asyncpg itself refuses some before the server sees them."""
    error = _said_by_database(error)
    is_refused_by_client = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    return is_refused_by_client or isinstance(error, (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError))


def is_collision(error: BaseException) -> bool:
    """Whether somebody else entered in the meantime what may exist only once."""
    return isinstance(_said_by_database(error), asyncpg.UniqueViolationError)


def is_deadlock(error: BaseException) -> bool:
    """Whether two waited for each other, and this one was chosen to give way."""
    return isinstance(_said_by_database(error), asyncpg.DeadlockDetectedError)


def _said_by_database(error: BaseException) -> BaseException:
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig is not None else None
    return error if cause is None else cause
