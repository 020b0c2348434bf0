"""The business day: every service's own today. One row, moved only forward, by the clock or by an officer's command."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.calendar.days import SHANGHAI, shanghai_now, shanghai_today
from common.database.engine import Database, is_transient
from common.database.foundation import business_day
from common.refusal import Conflict, Unavailable
from common.waking import Bell

_log = structlog.get_logger(__name__)
_LONGEST_SLEEP_SECONDS = 60.0
"""A machine that was suspended, or whose clock was set, notices within this time."""


class BusinessDayGoesBack(Conflict):
    title = "业务日期只能向前"


class BusinessDayNotSet(Unavailable):
    title = "业务日期尚未设定，请先启动服务"


class BusinessDay:
    """Reads and advances the one row; `committed` rings after every advance, so that what waits for the day is looked at."""

    def __init__(self, database: Database, *, committed: Bell) -> None:
        self._database, self._committed = database, committed

    async def begin(self, first_day: date | None) -> None:
        """Set the first day where none stands. None: the calendar's today, also when an earlier day stands."""
        async with self._database.transaction() as session:
            await session.execute(insert(business_day).values(one_row=True, day=first_day or shanghai_today()).on_conflict_do_nothing())
        if first_day is None:
            await self._catch_up()

    async def today(self) -> date:
        """Raises BusinessDayNotSet."""
        async with self._database.transaction() as session:
            day: date | None = (await session.execute(select(business_day.c.day))).scalar_one_or_none()
        if day is None:
            raise BusinessDayNotSet
        return day

    async def advance(self, to: date) -> None:
        """Move to a day; to the same day again is no change. Raises BusinessDayGoesBack, BusinessDayNotSet."""
        async with self._database.transaction() as session:
            await self.move(session, to)
        self._committed.ring()

    async def move(self, session: AsyncSession, to: date) -> date:
        """The same as a part of the caller's act, who rings when it is committed; the day that it was. Raises like `advance`."""
        was: date | None = (await session.execute(select(business_day.c.day).with_for_update())).scalar_one_or_none()
        if was is None:
            raise BusinessDayNotSet
        if to < was:
            raise BusinessDayGoesBack
        await session.execute(update(business_day).values(day=to))
        return was

    async def follow(self) -> None:
        """Advance at every Shanghai midnight, until cancelled. A day that a command set ahead of the calendar is left to stand.

        Whatever goes wrong is told and tried again within a minute: while the clock stands still, nothing falls due.
        """
        while True:
            try:
                await self._catch_up()
            except Exception as error:
                tell = _log.warning if is_transient(error) else _log.exception
                tell("business day not advanced, trying again", error=type(error).__name__)
            await asyncio.sleep(min(_seconds_to_midnight(shanghai_now()), _LONGEST_SLEEP_SECONDS))

    async def _catch_up(self) -> None:
        calendar_day = shanghai_today()
        if await self.today() < calendar_day:
            with suppress(BusinessDayGoesBack):  # an officer was quicker and went further
                await self.advance(calendar_day)


def _seconds_to_midnight(now: datetime) -> float:
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), SHANGHAI)
    return (midnight - now).total_seconds()
