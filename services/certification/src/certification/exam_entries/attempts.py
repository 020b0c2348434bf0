"""Which attempt an entry is: counted over all that a person has entered for in one occupation and level, and anew whenever one of them changes.

So the same entries have the same numbers, in whatever order they came, were withdrawn or annulled.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from certification.exam_entries.model import ExamEntry
from certification.sittings.model import Sitting
from common.database.engine import raw
from common.work import Work


class _InLine(NamedTuple):
    registered_on: date
    id: UUID
    counts: bool
    """Whether a later one is a resit after it: who withdrew or stayed away, and whose sitting was annulled, has not tried."""
    attempt: int


async def lock_persons(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Nobody else enters them for anything, or changes an entry of theirs, before this act has ended. Take it before any row of theirs."""
    await (await raw(session)).execute(_LOCK, [str(each) for each in person_ids])


async def count_attempts(work: Work, person_ids: Collection[UUID], *, entering: Sequence[tuple[ExamEntry, Sitting]] = ()) -> None:
    """Number the entries of these persons, whom the caller has locked: those that are just being entered, and the others where it changed."""
    await work.session.flush()
    lines: defaultdict[tuple[UUID, str, int], list[_InLine]] = defaultdict(list)
    for row in await (await raw(work.session)).fetch(_HELD, list(person_ids)):
        line = lines[row["person_id"], row["occupation"], row["level_code"]]
        line.append(_InLine(row["registered_on"], row["id"], row["counts"], row["attempt"]))
    for entry, sitting in entering:
        lines[entry.person_id, sitting.occupation, sitting.level_code].append(_InLine(entry.registered_on, entry.id, True, 0))
    numbers = _numbers(lines.values())
    for entry, _ in entering:
        entry.attempt = numbers.pop(entry.id)
    for entry in (await work.lock_many(ExamEntry, list(numbers), verb="corrected")).values():
        entry.attempt = numbers[entry.id]


def _numbers(lines: Collection[list[_InLine]]) -> dict[UUID, int]:
    """By id: the attempt of each whose number is another than it has."""
    found: dict[UUID, int] = {}
    for line in lines:
        attempt = 1
        for each in sorted(line):
            if each.attempt != attempt:
                found[each.id] = attempt
            attempt += each.counts
    return found


# In the order of the keys themselves: two acts on the same persons never wait for each other.
_LOCK = """
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended('exam-entry:' || person_id, 0) AS key FROM unnest($1::text[]) AS asked(person_id) ORDER BY key
    ) AS keys
"""
_HELD = """
    SELECT entry.id, entry.person_id, sitting.occupation, sitting.level_code, entry.registered_on, entry.attempt,
           entry.withdrawn_on IS NULL AND entry.took_part IS NOT FALSE AND sitting.state <> 'ANNULLED' AS counts
    FROM exam_entry AS entry JOIN sitting ON sitting.id = entry.sitting_id
    WHERE entry.person_id = ANY($1::uuid[])
"""
