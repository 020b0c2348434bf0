"""The service's own today and publication epoch, as every transaction reads them."""

from __future__ import annotations

from datetime import date

import asyncpg


async def today_and_epoch(connection: asyncpg.Connection) -> tuple[date, int]:
    """The service's business day and publication epoch."""
    row = await connection.fetchrow("SELECT (SELECT day FROM business_day) AS day, (SELECT number FROM epoch) AS epoch")
    if row["day"] is None:
        raise RuntimeError("the business day is not set: start the service once with its clock, or set it by `migrate`")
    return row["day"], row["epoch"]
