"""Alembic, one line per service: bring a database up to date, and compare it with the models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from common.database.engine import Database
from common.database.foundation import NAMING, foundation
from common.security.encryption import Keys

_ONE_AT_A_TIME = 4_218_007
"""Advisory lock under which a database is migrated: several processes may start at once."""


async def upgrade(url: str, directory: Path, *, to: str = "head", keys: Keys | None = None) -> None:
    """Run the service's migrations up to `to`. Several processes may call it at once.

    `keys` are for a migration that seals what stood in clear; a database without such rows does without.
    """
    engine = create_async_engine(Database(url).url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
            await connection.run_sync(_upgrade, directory, to, keys)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, directory: Path, to: str, keys: Keys | None) -> None:
    config = Config()
    config.set_main_option("script_location", str(directory))
    config.attributes.update(connection=connection, keys=keys)
    command.upgrade(config, to)


def keys_given(op: Operations) -> Keys:
    """For a migration that seals what stands in clear: the keys with which the service itself will read it. Raises RuntimeError without them."""
    context = op.get_context()
    keys: Keys | None = context.config.attributes.get("keys") if context.config else None
    if keys is None:
        raise RuntimeError("rows of this database are to be sealed: run `python -m <service> migrate`, which knows the keys")
    return keys


async def differences(url: str, metadatas: Sequence[MetaData]) -> list[Any]:
    """What the database has otherwise than the models; empty when they agree."""
    engine = create_async_engine(Database(url).url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_differences, list(metadatas))
    finally:
        await engine.dispose()


def _differences(connection: Connection, metadatas: list[MetaData]) -> list[Any]:
    together = MetaData(naming_convention=NAMING)
    for metadata in metadatas:
        for table in metadata.tables.values():
            table.to_metadata(together)
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    return list(compare_metadata(context, together))


def create_foundation(op: Operations) -> None:
    """For a service's first migration: every foundation table, in one place and one shape."""
    foundation.create_all(op.get_bind(), checkfirst=False)
    op.execute("INSERT INTO epoch (number) VALUES (1)")


def stops_are_kept(op: Operations) -> None:
    """For a service's next migration: a stopped partition stands still until somebody resumes it; dead letters are counted where they lie."""
    op.execute("ALTER TABLE consumer_offset ADD COLUMN IF NOT EXISTS stopped_reason text")
    op.execute("ALTER TABLE fact_count DROP COLUMN IF EXISTS dead, DROP COLUMN IF EXISTS discarded")


def failed_and_expired_are_indexed(op: Operations) -> None:
    """For a service's next migration: what has failed, and the keys that have expired, are found without reading all the others."""
    op.execute("CREATE INDEX IF NOT EXISTS ix_dossier_failed ON dossier (kind, id) WHERE failed_reason IS NOT NULL")
    op.execute("CREATE INDEX IF NOT EXISTS ix_idempotency_at ON idempotency (at)")


def audit_is_sealed(op: Operations) -> None:
    """For a service's next migration: the chain over the audit; the database itself refuses to change or remove a row of either."""
    for name in ("audit_seal", "audit_head"):
        foundation.tables[name].create(op.get_bind(), checkfirst=True)
    op.execute(_REFUSES)
    for name in ("audit", "audit_seal", "audit_head"):
        op.execute(f"CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} EXECUTE FUNCTION refuse_change()")
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM PUBLIC, CURRENT_USER")


def samples_are_recomputed(op: Operations) -> None:
    """For a service's next migration: where the samples that are recomputed all the time have come to."""
    foundation.tables["recomputation"].create(op.get_bind(), checkfirst=True)


_REFUSES = """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$
"""


def reading_is_told(op: Operations) -> None:
    """For a service's next migration: how far behind each partition is read, and how fast each topic."""
    op.execute("ALTER TABLE consumer_offset ADD COLUMN IF NOT EXISTS read_up_to timestamptz")
    op.execute(
        """
        ALTER TABLE fact_count ADD COLUMN IF NOT EXISTS per_minute double precision NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS rated_at timestamptz NOT NULL DEFAULT now()
        """
    )


def file_names_are_not_kept(op: Operations) -> None:
    """For a service's next migration: a file's name, which may name a person, was never asked for and has no place."""
    op.execute("ALTER TABLE job DROP COLUMN IF EXISTS file_name")


def run_in_environment(context: Any) -> None:
    """The whole of a service's `migrations/env.py`."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("run migrations with `python -m <service> migrate`: it knows the database")
    ignored = context.config.attributes.get("ignored", set())
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("target_metadata"),
        include_name=lambda name, type_, _: not (type_ == "table" and name in ignored),
    )
    context.run_migrations()
