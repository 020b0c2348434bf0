"""Everything that a database holds, as whoever steals a dump of it could search it."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg


async def everything_in(connection: asyncpg.Connection) -> list[str]:
    """Every row of every table as text; binary columns as hexadecimal, and once more as the text they may be."""
    found: list[str] = []
    for (table,) in await connection.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"):
        found += [row[0] for row in await connection.fetch(f'SELECT t::text FROM "{table}" AS t')]  # noqa: S608 - a table that is there
        binary = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND data_type = 'bytea' AND table_schema = 'public'",
            table,
        )
        for (column,) in binary:
            rows = await connection.fetch(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608 - as above
            found += [bytes(row[0]).decode("utf-8", "replace") for row in rows]
    return found


def as_they_may_stand(secrets: Iterable[str]) -> list[str]:
    """A secret in clear, and its bytes in hexadecimal."""
    return [form for secret in secrets for form in (secret, secret.encode().hex())]
