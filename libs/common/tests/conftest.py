"""A small service of its own, `lending`, on which the foundation is tested: no city in it, only books, loans and readers."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from common import finishing
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.testing.postgres import fresh_database

sys.path.insert(0, str(Path(__file__).parent))
_FIRST_DAY = text("INSERT INTO business_day (day) VALUES (:day)")


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """Lending's tables, empty, on a business day in 2018."""
    from lending.app import MIGRATIONS, TODAY

    async with fresh_database(postgres, "lending", migrations=MIGRATIONS) as url:
        opened = Database(url)
        async with opened.transaction() as session:
            await session.execute(_FIRST_DAY, {"day": TODAY})
        yield opened
        await opened.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be found undone is given a moment to be finished, not the seconds that a worker has."""
    monkeypatch.setattr(finishing, "_FINISH_SECONDS", 0.05)
