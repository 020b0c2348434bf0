"""The loop: take dossiers of one kind after the other, recompute them, until nothing is dirty; then wait to be woken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog

from common.database.business_day import today_and_epoch
from common.database.engine import Database, is_transient
from common.finishing import to_its_end
from common.reconciling.dossier import Dossier, Dossiers, FanOut
from common.reconciling.marks import Taken, Urgency
from common.reconciling.reconciliation import Reconciliation, Superseded
from common.reconciling.take import kinds_waiting, set_aside, set_clean, take
from common.waking import rung

_log = structlog.get_logger(__name__)
_POLL_SECONDS = 0.2
_OTHERS_SECONDS = 0.01


class LooksAgainTooEarly(ValueError):
    """A computation that asks to be woken on a day that has come would be taken for ever."""


class Reconciler:
    """One worker. Several may run, in one process or many: a dossier is computed by one at a time."""

    def __init__(
        self,
        database: Database,
        dossiers: Dossiers,
        *,
        wake: asyncio.Event,
        equipment: Any = None,
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._dossiers, self._equipment = database, dossiers, equipment
        self._wake, self._finished = wake, finished

    async def run(self) -> None:
        """Until cancelled. A passing failure of the database is waited out. Raises Superseded."""
        backoff = 0.1
        while True:
            try:
                busy = await self.round()
                backoff = 0.1
            except Superseded:
                raise
            except Exception as error:
                if not is_transient(error):
                    _log.exception("reconciling_failed")
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, 5.0)
                continue
            if not busy:
                await self._rest()

    async def _rest(self) -> None:
        await rung(self._wake, within_seconds=_POLL_SECONDS)
        self._wake.clear()

    async def until_clean(self) -> None:
        """Work until nothing is left to do now, for other workers neither: for tests and calm runs."""
        while waiting := await self._kinds_waiting():
            if not await self._one_batch_each(waiting):
                await asyncio.sleep(_OTHERS_SECONDS)

    async def round(self) -> bool:
        """One batch of every kind that has something to do, lowest rank first; whether anything was done."""
        return await self._one_batch_each(await self._kinds_waiting())

    async def _kinds_waiting(self) -> frozenset[str]:
        async with self._database.raw_transaction() as connection:
            return await kinds_waiting(connection, [dossier.kind for dossier in self._dossiers.kinds])

    async def _one_batch_each(self, kinds: frozenset[str]) -> bool:
        busy = False
        for dossier in self._dossiers.kinds:
            if dossier.kind not in kinds:
                continue
            done = await to_its_end(self._spread(dossier) if isinstance(dossier, FanOut) else self._recompute(dossier))
            busy = busy or done
            if done:
                self._finished()
        return busy

    async def _recompute(self, dossier: Dossier) -> bool:
        taken: Sequence[Taken] = ()
        try:
            async with self._begin(dossier) as reconciliation:
                taken = await take(reconciliation.connection, dossier.kind, reconciliation.business_day, limit=dossier.batch)
                if taken:
                    await _answer(dossier, reconciliation, taken)
        except Superseded:
            raise
        except Exception as error:
            if is_transient(error) or not taken:
                raise
            _log.warning("batch_failed", kind=dossier.kind, error=type(error).__name__)
            await self._each_alone(dossier, taken)
        return bool(taken)

    async def _each_alone(self, dossier: Dossier, taken: Sequence[Taken]) -> None:
        """Something in the batch failed: whoever fails alone is set aside, the others go on."""
        for candidate in taken:
            try:
                async with self._begin(dossier) as reconciliation:
                    if await _lock_again(reconciliation, dossier.kind, candidate):
                        await _answer(dossier, reconciliation, (candidate,))
            except Exception as error:
                if is_transient(error):
                    raise
                await self._set_aside(dossier, candidate, error)

    async def _spread(self, fan_out: FanOut) -> bool:
        taken: Sequence[Taken] = ()
        try:
            async with self._begin(fan_out) as reconciliation:
                taken = await take(reconciliation.connection, fan_out.kind, reconciliation.business_day, limit=1)
                for source in taken:
                    await _spread_chunk(fan_out, reconciliation, source)
                await reconciliation.finish()
        except Exception as error:
            if is_transient(error) or not taken:
                raise
            await self._set_aside(fan_out, taken[0], error)
        return bool(taken)

    async def _set_aside(self, dossier: Dossier | FanOut, failing: Taken, error: Exception) -> None:
        _log.error("dossier_failed", kind=dossier.kind, dossier=failing.id, exc_info=error)
        async with self._begin(dossier) as reconciliation:
            await set_aside(reconciliation.connection, dossier.kind, failing, type(error).__name__)

    @asynccontextmanager
    async def _begin(self, dossier: Dossier | FanOut) -> AsyncIterator[Reconciliation]:
        async with self._database.raw_transaction() as connection:
            day, epoch = await today_and_epoch(connection)
            yield Reconciliation(connection, day, epoch, self._dossiers, dossier.rank, self._equipment)


async def _answer(dossier: Dossier, reconciliation: Reconciliation, taken: Sequence[Taken]) -> None:
    look_again_on = await dossier.reconcile(reconciliation, taken)
    if any(day is not None and day <= reconciliation.business_day for day in look_again_on.values()):
        raise LooksAgainTooEarly
    await set_clean(reconciliation.connection, dossier.kind, taken, look_again_on)
    await reconciliation.finish()


async def _lock_again(reconciliation: Reconciliation, kind: str, candidate: Taken) -> bool:
    locked = await reconciliation.connection.fetchval(
        "SELECT pg_try_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))", kind, candidate.id
    )
    return bool(locked)


async def _spread_chunk(fan_out: FanOut, reconciliation: Reconciliation, source: Taken) -> None:
    """Mark the next chunk; a mark that comes while we are under way begins the fan-out anew when this one has ended."""
    row = await reconciliation.connection.fetchrow(
        "SELECT cursor, cursor_dirty FROM dossier WHERE kind = $1 AND id = $2", fan_out.kind, source.id
    )
    cursor, answered = (row["cursor"], row["cursor_dirty"]) if row["cursor"] is not None else ("", source.seen)
    targets = await fan_out.next(reconciliation, source.id, cursor)
    is_wide = len(targets) == fan_out.chunk or cursor
    urgency = Urgency.WIDE if is_wide else source.urgency
    for target in targets:
        reconciliation.mark(fan_out.to, target, because=source._replace(urgency=urgency))
    if len(targets) < fan_out.chunk:
        await set_clean(reconciliation.connection, fan_out.kind, [source._replace(seen=answered)], {})
    else:
        await reconciliation.connection.execute(
            "UPDATE dossier SET cursor = $3, cursor_dirty = $4 WHERE kind = $1 AND id = $2", fan_out.kind, source.id, targets[-1], answered
        )
