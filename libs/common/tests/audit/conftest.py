"""A service's audit with a sealer at hand, and the hand that goes past the database's refusals."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from lending.sealing import KEYS, Audit, Forger

from common.audit.heads import HeadFiles
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database


@pytest.fixture
def heads(tmp_path: Path) -> HeadFiles:
    return HeadFiles(tmp_path / "heads", "lending")


@pytest.fixture
def audit(database: Database, heads: HeadFiles) -> Audit:
    return Audit(database, heads, KEYS)


@pytest.fixture
async def forger(postgres: EmbeddedPostgres, database: Database) -> AsyncIterator[Forger]:
    """A superuser whose session fires no triggers: what the chain is for."""
    connection = await asyncpg.connect(postgres.url(str(database.url.database)))
    await connection.execute("SET session_replication_role = replica")
    yield Forger(connection)
    await connection.close()


@pytest.fixture
def forge(forger: Forger) -> Callable[..., Any]:
    return forger.forge
