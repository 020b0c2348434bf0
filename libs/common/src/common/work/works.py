"""A service's factory of works: begins the transaction, and after the commit wakes whoever waits for its effects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from uuid_utils.compat import uuid7

from common.database.business_day import today_and_epoch
from common.database.engine import Database, raw
from common.security.principal import Principal
from common.waking import Bell
from common.work.own import OwnMarks
from common.work.work import Work


class Works:
    """One per service and process. `committed` rings after every commit: relay, reconcilers and waiting readers listen."""

    def __init__(self, database: Database, own_marks: OwnMarks, *, committed: Bell) -> None:
        self._database, self._own_marks, self._committed = database, own_marks, committed

    @asynccontextmanager
    async def begin(
        self,
        actor: Principal,
        *,
        operation: str,
        cause: str | None = None,
        bulk: bool = False,
        expected_version: int | None = None,
        request_id: str | None = None,
        trace_parent: str | None = None,
        dry_run: bool = False,
    ) -> AsyncIterator[Work]:
        """One act. `cause` is carried on by every event; by default it is the act itself, `<operation>:<new id>`.

        A dry run does everything, the database's own checks included, and leaves nothing.
        """
        async with self._database.transaction() as session:
            day, epoch = await today_and_epoch(await raw(session))
            work = Work(
                session,
                actor=actor,
                operation=operation,
                business_day=day,
                epoch=epoch,
                cause=cause or f"{operation}:{uuid7()}",
                bulk=bulk,
                expected_version=expected_version,
                request_id=request_id,
                trace_parent=trace_parent,
                dry_run=dry_run,
                own_marks=self._own_marks,
            )
            yield work
            await work.finish()
            if dry_run:
                await session.rollback()
                work.written.clear()
        if not dry_run:
            self._committed.ring()
