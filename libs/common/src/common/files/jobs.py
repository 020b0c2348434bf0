"""Imports at work: a job is carried out in chunks, each one act that commits rows, results and progress together.

Whoever finds a job unclaimed carries it on behind the last committed row: a killed worker loses at most the chunk it was in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from common.database.engine import Database, is_collision, is_deadlock, is_transient, raw
from common.files.apart import read_large
from common.files.importing import Chunk, FileImport
from common.files.sheet import Sheet
from common.finishing import to_its_end
from common.refusal import Refusal, Unavailable
from common.security.encryption import FieldCipher
from common.security.principal import Principal, Role
from common.waking import Bell, rung
from common.work import Works

_log = structlog.get_logger(__name__)
_CLAIM_SECONDS = 60
_POLL_SECONDS = 1.0
_TRIES = 5
CONTENT_FIELD = "job.content"


class _Overtaken(Exception):
    """Another worker carries this job on."""


@dataclass
class _Job:
    id: UUID
    claimed_until: datetime
    """As this worker has set it: as long as it stands so in the database, nobody else has claimed the job since."""
    kind: str
    actor: Principal
    validate_only: bool
    rows_done: int
    content: bytes


class Jobs:
    """Carries out the jobs of one service, one at a time in each worker."""

    def __init__(
        self, imports: Iterable[FileImport[Any]], *, database: Database, works: Works, cipher: FieldCipher, equipment: Any, dropped: Bell,
        progressed: Bell,
    ) -> None:  # fmt: skip
        """`equipment` is handed to every import's `apply`; `dropped` rings for a new file, `progressed` is rung after every chunk."""
        self._imports = {each.kind: each for each in imports}
        self._database, self._works, self._cipher, self._equipment = database, works, cipher, equipment
        self._wake, self._progressed = dropped.listen(), progressed

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            try:
                done = await self.step()
            except Exception as error:
                if not is_transient(error):
                    _log.exception("jobs_failed")
                await asyncio.sleep(_POLL_SECONDS)
                continue
            if not done:
                await rung(self._wake, within_seconds=_POLL_SECONDS)

    async def step(self) -> bool:
        """Carry out one job to its end; False when there is none."""
        job = await self._claim()
        if job is None:
            return False
        try:
            await self._carry_out(job)
        except _Overtaken:
            pass
        except asyncio.CancelledError:
            await self._give_back(job, for_seconds=0)
            raise
        except Unavailable as away:
            _log.warning("job_waits", job=str(job.id), kind=job.kind, reason=away.code)
            await self._give_back(job, for_seconds=away.retry_after_seconds)
        except Refusal as refusal:
            await self._fail(job, f"{refusal.code}: {refusal.title} {refusal.detail}".strip())
        except Exception as error:
            if is_transient(error):
                await self._give_back(job, for_seconds=0)
                raise
            _log.exception("job_failed", job=str(job.id), kind=job.kind)
            await self._fail(job, "unexpected: 系统内部错误，已记录")
        return True

    async def _claim(self) -> _Job | None:
        async with self._database.transaction() as session:
            row = await (await raw(session)).fetchrow(_CLAIM, _CLAIM_SECONDS)
        if row is None:
            return None
        content = self._cipher.decrypt_bytes(row["content"], field=CONTENT_FIELD, row=row["id"])
        actor = Principal(row["actor"], Role(row["role"]), frozenset(), organisation_id=row["organisation_id"])
        return _Job(row["id"], row["claimed_until"], row["kind"], actor, row["validate_only"], row["rows_done"], content)

    async def _carry_out(self, job: _Job) -> None:
        file_import = self._imports[job.kind]
        sheet = await self._read(job)
        await self._begin(job, len(sheet.rows), ignored=file_import.ignored(sheet))
        done = job.rows_done
        async with aclosing(self._chunks(file_import, sheet, skip=done)) as chunks:
            async for chunk in chunks:
                await to_its_end(self._apply_among_others(job, file_import, chunk, done))
                done += len(chunk.rows) + len(chunk.refused)
        await self._end(job, "DONE", None)

    async def _read(self, job: _Job) -> Sheet:
        """A large file may take longer than a claim lasts."""
        reading = asyncio.create_task(read_large(job.content))
        try:
            while not (await asyncio.wait({reading}, timeout=_CLAIM_SECONDS / 3))[0]:
                await self._update(job, _RENEWED, _CLAIM_SECONDS)
            return await reading
        finally:
            reading.cancel()
            await asyncio.wait({reading})

    async def _chunks(self, file_import: FileImport[Any], sheet: Sheet, *, skip: int) -> AsyncGenerator[Chunk[Any], None]:
        """The next one is read while the last one is on its way to the database."""
        async with self._database.transaction() as session:
            today = await (await raw(session)).fetchval("SELECT day FROM business_day")
        chunks = file_import.chunks(sheet, today=today, skip=skip)
        reading = asyncio.create_task(asyncio.to_thread(next, chunks, None))
        try:
            while (chunk := await reading) is not None:
                reading = asyncio.create_task(asyncio.to_thread(next, chunks, None))
                yield chunk
        finally:
            reading.cancel()

    async def _apply_among_others(self, job: _Job, file_import: FileImport[Any], chunk: Chunk[Any], done: int) -> None:
        """Two files may bring the same new thing at once: whoever comes second finds it there when he looks again."""
        for tries_left in reversed(range(_TRIES)):
            try:
                return await self._apply(job, file_import, chunk, done)
            except Exception as error:
                if not tries_left or not (is_collision(error) or is_deadlock(error)):
                    raise
        return None

    async def _apply(self, job: _Job, file_import: FileImport[Any], chunk: Chunk[Any], done: int) -> None:
        """One chunk, its results and the job's progress: one transaction."""
        refused = dict(chunk.refused)
        async with self._works.begin(
            job.actor, operation=f"import_{job.kind}", cause=f"import:{job.id}", bulk=True, dry_run=job.validate_only
        ) as work:
            refused |= dict(await file_import.apply(work, self._equipment, chunk.rows))
            if not job.validate_only:
                claimed_until = await _progress(await raw(work.session), job, done, chunk, refused)
        if job.validate_only:
            async with self._database.transaction() as session:
                claimed_until = await _progress(await raw(session), job, done, chunk, refused)
            self._progressed.ring()
        job.claimed_until = claimed_until

    async def _give_back(self, job: _Job, *, for_seconds: float) -> None:
        """The next one need not wait for the claim to run out, only so long. Where the database is away it must, and we go all the same."""
        try:
            await self._update(job, _RENEWED, for_seconds)
        except _Overtaken:
            pass
        except Exception as error:
            _log.warning("job_not_given_back", job=str(job.id), error=type(error).__name__)

    async def _begin(self, job: _Job, rows: int, *, ignored: list[str]) -> None:
        parameters = json.dumps({"ignored_headers": ignored}, ensure_ascii=False)
        await self._update(job, f"rows_total = $4, parameters = $5::jsonb, {_RENEWED}", _CLAIM_SECONDS, rows, parameters)

    async def _fail(self, job: _Job, reason: str) -> None:
        with suppress(_Overtaken):
            await self._end(job, "FAILED", reason)

    async def _end(self, job: _Job, state: str, reason: str | None) -> None:
        """The job is over; the file's content is no longer kept."""
        await self._update(job, "state = $3, failed_reason = $4, finished_at = now(), content = NULL, claimed_until = NULL", state, reason)
        self._progressed.ring()

    async def _update(self, job: _Job, columns: str, *values: object) -> None:
        """In a transaction of its own. Raises _Overtaken."""
        async with self._database.transaction() as session:
            claimed_until = await _updated(await raw(session), job, columns, *values)
        job.claimed_until = claimed_until


async def _progress(connection: asyncpg.Connection, job: _Job, done: int, chunk: Chunk[Any], refused: dict[int, Any]) -> datetime:
    """The claim that holds as soon as this is committed. Raises _Overtaken."""
    rows, numbers = len(chunk.rows) + len(chunk.refused), sorted(refused)
    claimed_until = await _updated(connection, job, _PROGRESS, _CLAIM_SECONDS, done + rows, rows - len(refused), len(refused))
    await connection.execute(
        "INSERT INTO job_row (job_id, row_number, faults) SELECT $1, r.number, r.faults FROM unnest($2::int[], $3::jsonb[]) AS r(number, faults)",
        job.id,
        numbers,
        [json.dumps([fault._asdict() for fault in refused[number]], ensure_ascii=False) for number in numbers],
    )
    return claimed_until


async def _updated(connection: asyncpg.Connection, job: _Job, columns: str, *values: object) -> datetime:
    """Change the job as long as it is ours; the new claim. Raises _Overtaken."""
    query = f"UPDATE job SET {columns} WHERE id = $1 AND claimed_until = $2 RETURNING claimed_until"  # noqa: S608 - our own columns
    row = await connection.fetchrow(query, job.id, job.claimed_until, *values)
    if row is None:
        raise _Overtaken
    claimed_until: datetime = row["claimed_until"]
    return claimed_until


_CLAIM = """
    UPDATE job SET state = 'RUNNING', claimed_until = now() + $1 * interval '1 second'
    WHERE id = (SELECT id FROM job WHERE state = 'WAITING' OR (state = 'RUNNING' AND claimed_until < now())
                ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *
"""
_RENEWED = "claimed_until = now() + $3 * interval '1 second'"
_PROGRESS = f"rows_done = $4, rows_accepted = rows_accepted + $5, rows_refused = rows_refused + $6, {_RENEWED}"
