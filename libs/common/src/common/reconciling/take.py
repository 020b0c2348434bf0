"""Taking dossiers: the dirty first, by urgency, then those that time has woken; each under a transaction's advisory lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import asyncpg

from common.reconciling.marks import Taken, Urgency

# The lock is tried on a window of candidates in index order, so that the next worker gets the next ones and no plan can lock more
# than the window. An advisory lock, not a row lock: facts mark dossiers while they are being computed.
_WINDOW = 8
_TAKE = """
    WITH a AS MATERIALIZED (
        SELECT id, dirty, urgency, cause FROM (
            SELECT id, dirty, urgency, cause FROM dossier
            WHERE kind = $1 AND dirty > clean AND (try_again_at IS NULL OR try_again_at <= now())
            ORDER BY urgency, id LIMIT $3::bigint * $4::bigint) AS candidate
        WHERE pg_try_advisory_xact_lock(hashtextextended($1 || '/' || id, 0)) LIMIT $3::bigint),
    b AS MATERIALIZED (
        SELECT id, dirty, 2::smallint AS urgency, 'calendar:' || $2::date::text AS cause FROM (
            SELECT id, dirty FROM dossier
            WHERE kind = $1 AND dirty <= clean AND look_again_on <= $2::date AND (try_again_at IS NULL OR try_again_at <= now())
            ORDER BY look_again_on, id LIMIT ($3::bigint - (SELECT count(*) FROM a)) * $4::bigint) AS candidate
        WHERE pg_try_advisory_xact_lock(hashtextextended($1 || '/' || id, 0)) LIMIT $3::bigint - (SELECT count(*) FROM a))
    SELECT id, dirty, urgency, cause FROM a UNION ALL SELECT id, dirty, urgency, cause FROM b
"""


# Each by the order of its index, as they are taken. Asked whether one EXISTS, PostgreSQL expects to meet it soon on a walk through all dossiers:
# where none waits that walk is the whole table, for every kind.
WAITING = """
    SELECT kind FROM unnest($1::text[]) AS k(kind), (SELECT day FROM business_day) AS today
    WHERE (SELECT true FROM dossier AS d
           WHERE d.kind = k.kind AND dirty > clean AND (try_again_at IS NULL OR try_again_at <= now()) ORDER BY urgency, id LIMIT 1)
       OR (SELECT true FROM dossier AS d
           WHERE d.kind = k.kind AND dirty <= clean AND look_again_on <= day AND (try_again_at IS NULL OR try_again_at <= now())
           ORDER BY look_again_on, id LIMIT 1)
"""


async def kinds_waiting(connection: asyncpg.Connection, kinds: Sequence[str]) -> frozenset[str]:
    """The kinds of which some dossier is to be computed now, perhaps by another worker: one question instead of one for each."""
    return frozenset(row["kind"] for row in await connection.fetch(WAITING, kinds))


async def take(connection: asyncpg.Connection, kind: str, business_day: date, *, limit: int) -> list[Taken]:
    """Up to `limit` dossiers of a kind, locked until the transaction ends. Read their facts after this call, never before."""
    rows = await connection.fetch(_TAKE, kind, business_day, limit, _WINDOW)
    return [Taken(row["id"], row["dirty"], Urgency(row["urgency"]), row["cause"]) for row in rows]


_SET_CLEAN = """
    UPDATE dossier AS d SET clean = greatest(d.clean, s.seen), look_again_on = s.look_again_on,
        failures = 0, failed_reason = NULL, try_again_at = NULL, cursor = NULL, cursor_dirty = NULL
    FROM unnest($2::text[], $3::bigint[], $4::date[]) AS s(id, seen, look_again_on) WHERE d.kind = $1 AND d.id = s.id
"""


async def set_clean(connection: asyncpg.Connection, kind: str, taken: Sequence[Taken], look_again_on: Mapping[str, date | None]) -> None:
    """These marks are answered. A mark that came in the meantime stays."""
    ordered = sorted(taken)
    await connection.execute(
        _SET_CLEAN, kind, [t.id for t in ordered], [t.seen for t in ordered], [look_again_on.get(t.id) for t in ordered]
    )


_SET_ASIDE = """
    UPDATE dossier SET failures = failures + 1, failed_reason = $4,
        try_again_at = now() + least(interval '1 hour', interval '1 second' * 2 ^ least(failures, 12))
    WHERE kind = $1 AND id = $2 AND dirty = $3 AND (dirty > clean OR look_again_on <= (SELECT day FROM business_day))
"""


async def set_aside(connection: asyncpg.Connection, kind: str, failing: Taken, reason: str) -> None:
    """This one fails; it waits with its reason and stops nobody (architecture §3, rule 3).

    Not one that was marked again or answered by another worker since: what failed is no longer what is asked.
    """
    await connection.execute(_SET_ASIDE, kind, failing.id, failing.seen, reason)
