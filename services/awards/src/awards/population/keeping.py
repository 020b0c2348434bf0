"""The city stays in memory for a while: who asks "what if" asks again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from awards.population.columns import LoadedCity, load_city
from common.database.engine import Database

FRESH_FOR = timedelta(minutes=1)
"""So old may the answer's city be; the answer says how old it is."""
_IDLE_SECONDS = 600.0


class KeptCity:
    """One for a process; loaded when somebody asks, given back when nobody has asked for a while."""

    def __init__(self) -> None:
        self._city: LoadedCity | None = None
        self._loading = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    async def city(self, database: Database) -> LoadedCity:
        """As it stands, or stood a short while ago."""
        async with self._loading:
            if self._city is None or datetime.now(UTC) - self._city.as_of > FRESH_FOR:
                self._city = None
                self._city = await load_city(database)
            if self._idle is not None:
                self._idle.cancel()
            self._idle = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._give_back)
            return self._city

    def _give_back(self) -> None:
        self._city = None
