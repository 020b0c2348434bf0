"""Who may look after a service, and the transaction and audit row of whatever he does there."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from common.audit.row import AuditRow, insert_audit
from common.refusal import Forbidden, refuses
from common.security.access import principal
from common.security.principal import Principal, Role
from common.service import Running
from common.web.tasks import Task

TASK = Task("运维", "运行状况、业务日期，以及没能读懂的消息")


class OnlyOfficers(Forbidden):
    title = "只有负责人可以进行运维操作"


@refuses(OnlyOfficers)
async def officer(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    """Raises OnlyOfficers."""
    if caller.role is not Role.OFFICER:
        raise OnlyOfficers
    return caller


@refuses(OnlyOfficers)
async def watcher(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    """Raises OnlyOfficers."""
    if caller.role not in (Role.OFFICER, Role.AUDITOR, Role.CLERK):
        raise OnlyOfficers
    return caller


class Operator_:  # noqa: N801 - `Operator` is the annotated dependency
    """An officer at the service's own machinery. Every act has its audit row, in its transaction."""

    def __init__(self, request: Request, caller: Principal) -> None:
        self._request, self._caller = request, caller
        self.running: Running = request.app.state.running

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One act; whoever waits for its effects is woken after the commit."""
        async with self.running.database.transaction() as session:
            yield session
        self.running.committed.ring()

    async def audit(
        self, connection: asyncpg.Connection, verb: str, *, subject: str, subject_id: UUID | None = None, changes: Mapping[str, Any]
    ) -> None:
        """Append the row. `changes` as everywhere in the audit, and never with what a message says or what people typed."""
        operation = self._request.scope["route"].operation_id
        row = AuditRow(
            at=datetime.now(UTC),
            actor=self._caller.subject,
            role=self._caller.role,
            operation=operation,
            subject=subject,
            subject_id=subject_id,
            version=None,
            verb=verb,
            cause=f"{operation}:{uuid7()}",
            request_id=self._request.state.request_id,
            changes=json.dumps(changes, ensure_ascii=False),
        )
        await insert_audit(connection, [row])


async def _operator(request: Request, caller: Annotated[Principal, Depends(officer)]) -> Operator_:
    return Operator_(request, caller)


Operator = Annotated[Operator_, Depends(_operator)]
"""For every act of an officer on the service itself."""
