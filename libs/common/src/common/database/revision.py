"""Write a service's next migration by comparing its models with its migrations: `python -m common.database.revision <service> "<why>"`."""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.database.foundation import foundation
from common.database.migrations import upgrade
from common.service import Service


def main(service_name: str, message: str) -> None:
    """Make `migrations/versions/<number>.py`; read it before you commit it."""
    service: Service = importlib.import_module(f"{service_name}.app").service
    with tempfile.TemporaryDirectory(prefix="craftport-") as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres", durable=False)
        server.start()
        try:
            asyncio.run(_write(service, asyncio.run(server.create_database("revision")), message))
        finally:
            server.remove()


async def _write(service: Service, url: str, message: str) -> None:
    revisions = list((service.migrations / "versions").glob("*.py"))
    if revisions:
        await upgrade(url, service.migrations)
    engine = create_async_engine(Database(url).url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_autogenerate, service, message, f"{len(revisions) + 1:04d}")
    finally:
        await engine.dispose()


def _autogenerate(connection: Connection, service: Service, message: str, number: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(service.migrations))
    config.attributes.update(connection=connection, target_metadata=service.tables, ignored=set(foundation.tables))
    command.revision(config, message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(*sys.argv[1:3])
