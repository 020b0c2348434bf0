"""How a route reads: a session, the caller, waiting for one's own writes, and the audit of who looked at whom."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Depends, Query, Request, Response
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus.hearing import HeardButUnreadable, NotHeardHere
from common.database.engine import Database
from common.database.foundation import read_audit
from common.refusal import refuses
from common.security.access import principal
from common.security.principal import Principal
from common.service import Running
from common.web.consistency import NotYetHeard, TokenUnreadable, Waiting
from common.web.etag import etag

_log = structlog.get_logger(__name__)
_FLUSH_SECONDS = 1.0
_FLUSH_ROWS = 500


class ReadAudit:
    """Collects who looked at whom and writes it within a second, many rows at once; at the end too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: list[dict[str, Any]] = []
        self._writing = asyncio.Lock()

    def saw(self, row: dict[str, Any]) -> None:
        self._rows.append(row)

    async def run(self) -> None:
        """Until cancelled. What cannot be written now stays collected; the end is the last try."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_SECONDS)
                try:
                    await self.flush()
                except Exception as error:
                    _log.warning("read_audit_waits", error=type(error).__name__, rows=len(self._rows))
        finally:
            await asyncio.shield(self.flush())

    async def saw_now(self, row: dict[str, Any]) -> None:
        """The same, written before anything is shown: where very many are."""
        async with self._database.transaction() as session:
            await session.execute(insert(read_audit), [row])

    async def flush(self) -> None:
        """Write what has collected. Two at once would write the same rows, and forget others."""
        async with self._writing:
            while self._rows:
                rows = self._rows[:_FLUSH_ROWS]
                async with self._database.transaction() as session:
                    await session.execute(insert(read_audit), rows)
                del self._rows[: len(rows)]


class Reading_:  # noqa: N801 - `Reading` is the annotated dependency
    """What a reading route may use."""

    def __init__(self, request: Request, response: Response, caller: Principal, session: AsyncSession, *, waits: bool) -> None:
        self._request, self._response, self.principal, self.session, self._waits = request, response, caller, session, waits
        self.running: Running = request.app.state.running

    @property
    def equipment(self) -> Any:
        """What the service was equipped with."""
        return self.running.equipment

    async def settled(self, kind: str, id: str) -> None:
        """When the caller waits for his own write (`?after=`): until this dossier is computed."""
        if self._waits:
            waiting: Waiting = self._request.app.state.waiting
            async with self._request.state.turn.lent():
                await waiting.until_clean(kind, id)

    def saw(self, person_ids: Sequence[UUID], *, purpose: str) -> None:
        """The caller is shown personal data of these persons."""
        self._audit.saw(self._look(person_ids, purpose))

    async def saw_now(self, person_ids: Sequence[UUID], *, purpose: str) -> None:
        """The same, and it is written."""
        await self._audit.saw_now(self._look(person_ids, purpose))

    @property
    def _audit(self) -> ReadAudit:
        audit: ReadAudit = self._request.app.state.read_audit
        return audit

    def _look(self, person_ids: Sequence[UUID], purpose: str) -> dict[str, Any]:
        return {
            "at": datetime.now(UTC),
            "actor": self.principal.subject,
            "role": self.principal.role.value,
            "operation": self._request.scope["route"].operation_id,
            "purpose": purpose,
            "request_id": self._request.state.request_id,
            "person_ids": list(person_ids),
        }

    def version(self, version: int) -> None:
        """Answer with this version's ETag."""
        self._response.headers["ETag"] = etag(version)


@refuses(TokenUnreadable, NotHeardHere, HeardButUnreadable, NotYetHeard)
async def _reading(
    request: Request,
    response: Response,
    caller: Annotated[Principal, Depends(principal)],
    after: Annotated[
        list[str],
        Query(
            max_length=8,
            description="写入时得到的 Consistency-Token；读到的结果必定包含那次写入",
            examples=[["W1siY2VydGlmaWNhdGlvbi5jZXJ0aWZpY2F0ZSJdXQ.kz0vQ1pZs3mJx8Yb"]],
        ),
    ] = [],  # noqa: B006 - FastAPI copies it
) -> AsyncIterator[Reading_]:
    state = request.app.state
    versions = [version for token in after for version in state.consistency_tokens.read(token)]
    if versions:
        async with request.state.turn.lent():
            await state.waiting.until_heard(versions)
    async with state.running.database.transaction() as session:
        yield Reading_(request, response, caller, session, waits=bool(after))


Reading = Annotated[Reading_, Depends(_reading)]
"""For every GET and every search by POST."""
