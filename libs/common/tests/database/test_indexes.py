"""What is asked again and again of a big table is found in an index that holds only what is asked for."""

from collections.abc import Iterator
from typing import Any

import pytest

from common.database.engine import Database
from common.observability.figures import DOSSIERS
from common.reconciling.take import WAITING
from common.web.operations import FAILED
from common.work.expiry import REMOVE

# Of three kinds: every thousandth waits, every third looks again one day, every five-thousandth has failed.
MANY_DOSSIERS = """
    INSERT INTO dossier (kind, id, dirty, clean, urgency, cause, look_again_on, failed_reason)
    SELECT (ARRAY['class', 'partner-year', 'person'])[1 + n % 3], n::text, 2, CASE WHEN n % 1000 = 0 THEN 1 ELSE 2 END, 0, 'test',
        CASE WHEN n % 3 = 0 THEN (SELECT day FROM business_day) + n % 300 END, CASE WHEN n % 5000 = 0 THEN 'LookupError' END
    FROM generate_series(1, 20000) AS n
"""
MANY_KEYS = """
    INSERT INTO idempotency (principal, operation, key, body_sha256, at)
    SELECT 'a', 'b', n::text, '', now() - n * interval '2 minutes 10 seconds' FROM generate_series(1, 20000) AS n
"""


@pytest.mark.parametrize(
    ("table", "query", "indexes"),
    [
        ("dossier", FAILED, {"ix_dossier_failed"}),
        ("dossier", DOSSIERS, {"ix_dossier_failed", "ix_dossier_dirty", "ix_dossier_look_again", "pk_dossier"}),
        ("dossier", WAITING.replace("$1", "'{class, partner-year, organisation}'"), {"ix_dossier_dirty", "ix_dossier_look_again"}),
        ("idempotency", REMOVE.replace("$1", "1000"), {"ix_idempotency_at", "pk_idempotency"}),
    ],
    ids=["failed dossiers", "numbers of dossiers", "kinds that wait", "expired keys"],
)
async def test_a_big_table_is_not_read_from_end_to_end(database: Database, table: str, query: str, indexes: set[str]) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute(MANY_DOSSIERS)
        await connection.execute(MANY_KEYS)
        await connection.execute(f"ANALYZE {table}")
        (plan,) = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {query}")

    steps = list(walk(plan["Plan"]))
    assert {step["Index Name"] for step in steps if "Index Name" in step} == indexes
    assert not [step["Node Type"] for step in steps if step.get("Relation Name") == table and step["Node Type"] == "Seq Scan"]


async def test_dossiers_are_counted_as_they_stand(database: Database) -> None:
    async with database.raw_transaction() as connection:
        assert await connection.fetch(DOSSIERS) == []
        await connection.executemany(
            "INSERT INTO dossier (kind, id, dirty, clean, urgency, cause, look_again_on, failed_reason) VALUES "
            "($1, $2, $3, 1, 0, 'test', (SELECT day FROM business_day) + $4::int, $5)",
            [
                ("class", "clean", 1, None, None), ("person", "clean", 1, 1, None), ("person", "dirty", 2, None, None),
                ("person", "dirty and due", 2, 0, None), ("person", "due", 1, 0, None), ("person", "failed", 2, 1, "LookupError"),
                ("year", "failed when time woke it", 1, -1, "LookupError"),
            ],
        )  # fmt: skip
        counted = [tuple(row) for row in await connection.fetch(DOSSIERS)]

    assert counted == [("person", 4, 1), ("year", 1, 1)]


def walk(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for part in step.get("Plans", ()):
        yield from walk(part)
