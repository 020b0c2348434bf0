"""A real PostgreSQL for a test session, and fresh databases on it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from weakref import WeakKeyDictionary

import asyncpg

from common.bus.postgres import PostgresBus
from common.database.embedded import EmbeddedPostgres
from common.database.migrations import upgrade

_migrated: WeakKeyDictionary[EmbeddedPostgres, dict[Path, str]] = WeakKeyDictionary()
"""By server and migrations: the URL of a database that they have run on, and in which nothing else was ever done."""


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
async def fresh_database(server: EmbeddedPostgres, prefix: str = "test", *, migrations: Path | None = None) -> AsyncIterator[str]:
    """The URL of a database of its own: an empty one, or one on which `migrations` have run.

    They run once for each server, and every such database is a copy: running them takes ten times as long.
    """
    name = f"{prefix}_{uuid4().hex[:12]}"
    url = await (_copy(server, name, migrations) if migrations else server.create_database(name))
    try:
        yield url
    finally:
        await server.drop_database(name)


@asynccontextmanager
async def fresh_bus(server: EmbeddedPostgres) -> AsyncIterator[PostgresBus]:
    """A log that nobody else reads: a schema of its own in a database that all such logs share.

    To make a database is to write three hundred files. The schema goes with the server.
    """
    url, schema = await server.create_database("buses"), f"bus_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE SCHEMA "{schema}"')
    finally:
        await connection.close()
    bus = await PostgresBus.open(f"{url}?search_path={schema}", connections=4)
    try:
        yield bus
    finally:
        await bus.close()


async def _copy(server: EmbeddedPostgres, name: str, migrations: Path) -> str:
    """Its owner is the owner of what is copied: the tables belong to that role."""
    known = _migrated.setdefault(server, {})
    if migrations not in known:
        url = await server.create_database(f"migrated_{len(known)}")
        await upgrade(url, migrations)
        known[migrations] = url
    copied = urlsplit(known[migrations])
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{copied.username}" TEMPLATE "{copied.path[1:]}" STRATEGY FILE_COPY')
    finally:
        await connection.close()
    return copied._replace(path=f"/{name}").geturl()
