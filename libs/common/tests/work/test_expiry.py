"""Idempotency-Keys are kept thirty days and not longer."""

import pytest
from lending.app import TODAY, lending

from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.testing.at_work import at_work
from common.testing.until import until
from common.work import expiry
from common.work.expiry import Expiry

AGES = {"older": "30 days 1 second", "younger": "29 days 23 hours 59 minutes", "new": "0 days"}


async def keys(database: Database) -> list[str]:
    async with database.raw_transaction() as connection:
        return [row["key"] for row in await connection.fetch("SELECT key FROM idempotency ORDER BY key")]


async def keep(database: Database, **ages: str) -> None:
    async with database.raw_transaction() as connection:
        await connection.executemany(
            "INSERT INTO idempotency (principal, operation, key, body_sha256, at) VALUES ('a', 'b', $1, '', now() - $2::text::interval)",
            list(ages.items()),
        )


async def test_a_key_is_kept_for_thirty_days(database: Database) -> None:
    await keep(database, **AGES)

    assert await Expiry(database).remove() == 1
    assert await keys(database) == ["new", "younger"]


@pytest.mark.parametrize("expired", [0, 1, 2, 5])
async def test_all_that_has_expired_goes_however_many_batches_it_takes(
    database: Database, monkeypatch: pytest.MonkeyPatch, expired: int
) -> None:
    monkeypatch.setattr(expiry, "_ROWS_AT_ONCE", 2)
    await keep(database, kept="29 days", **{f"expired {nth}": "31 days" for nth in range(expired)})

    assert await Expiry(database).remove() == expired
    assert await keys(database) == ["kept"]


async def test_a_worker_removes_as_soon_as_it_starts(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as at:
        await keep(at.running.database, **AGES)

        async def gone() -> bool:
            return "older" not in await keys(at.running.database)

        at.running.work()
        await until(gone)
