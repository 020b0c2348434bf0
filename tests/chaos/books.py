"""Everything that the services hold, by content: ids have the names that people know, and what chance or the hour decides is left out.

Two runs of the same city have the same books, whatever happened to their processes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg

Books = Mapping[str, Counter[str]]
"""By service and table: its rows as text, each with how often it is there."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NAMES = {
    "registry": (
        "SELECT id, 'person ' || encode(id_number_index, 'hex') FROM person",
        "SELECT id, 'organisation ' || uscc FROM organisation",
        "SELECT id, 'source ' || kind FROM source",
        "SELECT id, concat_ws(' ', 'employment', person_id, organisation_id, started_on) FROM employment",
        "SELECT id, concat_ws(' ', 'insurance', person_id) FROM insurance",
        "SELECT id, concat_ws(' ', 'recognition', organisation_id, kind, master_id, valid_from) FROM recognition",
        "SELECT id, concat_ws(' ', 'student', person_id, school_id, entered_on) FROM student",
        "SELECT id, concat_ws(' ', 'other benefit', person_id, scheme, occupation, level_code, paid_on) FROM other_benefit",
    ),
    "training": (
        "SELECT id, 'class ' || number FROM training_class",
        "SELECT id, concat_ws(' ', 'catalogue', year) FROM catalogue",
        "SELECT id, concat_ws(' ', 'designation', tender_number, organisation_id, occupation, level_code) FROM designation",
        "SELECT id, concat_ws(' ', 'mandate', organisation_id, occupation, level_code, catalogue_year) FROM mandate",
        "SELECT id, concat_ws(' ', 'participation', person_id, class_id) FROM participation",
    ),
    "certification": (
        "SELECT id, 'certificate ' || encode(number_index, 'hex') FROM certificate",
        "SELECT id, 'occupation ' || occupation FROM occupation",
    ),
    "matching": (
        "SELECT id, 'agreement ' || number FROM agreement",
        "SELECT id, concat_ws(' ', 'reporting year', year) FROM reporting_year",
        "SELECT id, concat_ws(' ', 'placement', person_id, partner_id, employer_id, started_on) FROM placement",
    ),
    "awards": (
        "SELECT id, concat_ws(' ', 'entitlement', scheme, entitlement_key) FROM entitlement",
        "SELECT id, concat_ws(' ', 'figure', parameter, effective_from) FROM parameter_figure",
    ),
}
_OWNED = {
    "registry": ("person", "organisation", "source", "employment", "insurance", "recognition", "student", "other_benefit"),
    "training": ("training_class", "catalogue", "designation", "mandate", "participation"),
    "certification": ("certificate", "occupation", "sitting"),
    "matching": ("agreement", "reporting_year", "placement", "referral", "referral_count"),
    "awards": ("entitlement", "delivered", "undecided_delivery"),
}
# Sealed values are another ciphertext each time. How often an entitlement was computed, and the day on which it last changed, follow
# from how events met; what is owed does not (architecture §2).
_LEFT_OUT = ("id_number_sealed", "name_sealed", "phone_sealed", "account_sealed", "number_sealed", "decision_id", "decided_on")
_ONLY_WHAT_COUNTS = {"entitlement": " WHERE state <> 'WITHDRAWN' OR settled_fen <> 0"}
_AUDIT = """
    SELECT actor, role, operation, subject, subject_id, version, verb, split_part(cause, ':', 1) AS cause, changes::text FROM audit
    WHERE verb <> 'resumed'
"""
"""What was done, by whom and why. Not: when and by which request, nor what an officer did to mend what a fault had stopped."""


async def read_books(databases: Mapping[str, str]) -> Books:
    """What stands now, in every service; call it when nothing is on its way."""
    named: dict[str, str] = {}
    for service, queries in _NAMES.items():
        async with _connected(databases[service]) as connection:
            for query in queries:
                named |= {str(id_): name for id_, name in await connection.fetch(query)}
    books: dict[str, Counter[str]] = {}
    for service, tables in _OWNED.items():
        async with _connected(databases[service]) as connection:
            for table in tables:
                rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table} AS t{_ONLY_WHAT_COUNTS.get(table, '')}")
                books[f"{service}.{table}"] = Counter(_in_words(_content(row, table), named) for (row,) in rows)
            rows = await connection.fetch(_AUDIT)
            books[f"{service}.audit"] = Counter(_in_words(" | ".join(str(value) for value in row.values()), named) for row in rows)
    return books


def differences(one: Books, other: Books) -> list[str]:
    """What only one of two has, a line each."""
    return [
        f"{sign} {table}: {row}" + (f" ({count} times)" if count > 1 else "")
        for table in sorted({*one, *other})
        for sign, rows in (("-", one[table] - other[table]), ("+", other[table] - one[table]))
        for row, count in sorted(rows.items())
    ]


def _content(row: str, table: str) -> str:
    columns = {name: value for name, value in json.loads(row).items() if name not in _LEFT_OUT}
    if table == "entitlement":
        del columns["version"]
    return json.dumps(columns, ensure_ascii=False, sort_keys=True)


def _in_words(text: str, named: Mapping[str, str]) -> str:
    """A name may itself be made of ids. What has none stays as it is, and is a difference."""
    while (replaced := _ID.sub(lambda found: named.get(found[0], found[0]), text)) != text:
        text = replaced
    return text


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
