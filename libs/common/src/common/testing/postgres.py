"""A real PostgreSQL for a test session, and fresh databases on it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

from common.database.embedded import EmbeddedPostgres


@contextmanager
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A server that is gone afterwards. It promises no durability, which makes it quick."""
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        server = EmbeddedPostgres(Path(directory) / "postgres", durable=False)
        server.start()
        try:
            yield server
        finally:
            server.remove()


@asynccontextmanager
async def fresh_database(server: EmbeddedPostgres, prefix: str = "test") -> AsyncIterator[str]:
    """The URL of an empty database of its own role."""
    name = f"{prefix}_{uuid4().hex[:12]}"
    url = await server.create_database(name)
    try:
        yield url
    finally:
        await server.drop_database(name)
