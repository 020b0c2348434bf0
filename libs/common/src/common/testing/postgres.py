"""A real PostgreSQL for a test session, and fresh databases on it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
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


_MEMORY = Path("/dev/shm")  # noqa: S108 - each server has a directory of its own there, with a name that nobody knows
_PLENTY_BYTES = 4 * 1024**3
_PREFIX = "craftport-tests-"
_IN_THE_MAKING_SECONDS = 60


@contextmanager
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A server that is gone afterwards. It promises no durability, which makes it quick.

    It stands in memory where there is plenty: a fresh database is three hundred files, which take four times as long to write and to remove on a disk.
    """
    place = _MEMORY if _has_plenty(_MEMORY) else Path(tempfile.gettempdir())
    remove_what_killed_runs_left(place)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=place, ignore_cleanup_errors=True) as directory, _held(Path(directory)):
        Path(directory).chmod(0o755)
        server = EmbeddedPostgres(Path(directory) / "postgres", durable=False)
        server.start()
        try:
            yield server
        finally:
            server.remove()


def remove_what_killed_runs_left(place: Path) -> None:
    """Servers, and what they keep in memory, of runs that could not clear up: nobody holds their directories any more."""
    for left in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = left.stat()
            if found.st_uid == os.getuid() and time.time() - found.st_mtime > _IN_THE_MAKING_SECONDS:
                with _held(left):
                    EmbeddedPostgres(left / "postgres").remove()
                    shutil.rmtree(left, ignore_errors=True)


def _has_plenty(place: Path) -> bool:
    if not (place.is_dir() and os.access(place, os.W_OK)):
        return False
    room = os.statvfs(place)
    return room.f_bavail * room.f_frsize > _PLENTY_BYTES


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    """The system lets go of it when this process ends, however it ends. Raises BlockingIOError when another process holds it."""
    holding = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(holding)


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
