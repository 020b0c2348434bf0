"""The year that both runs live: a calm one in one process, and one under fire; how far it is is counted in the agency's own acts."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
from books import Books, read_books

from city.agency import Agency, Stuck
from city.block import OPENING
from city.counting import unaccounted
from city.driver import SERVICES, Driver
from city.ledger import Ledger
from city.synthetic import LAST_DAY, City
from common.one_process import one_process
from common.testing.at_work import INDEX_KEY, KEY


@dataclass
class Progress:
    """How many acts have begun. Nobody begins one behind `may_reach` before it is moved on."""

    acts: int = 0
    may_reach: float = float("inf")
    stops_are_expected: Callable[[], bool] = bool
    """Whether somebody is about to resume what stands still now."""
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def begin(self) -> None:
        """One more act."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.acts < self.may_reach)
            self.acts += 1
            self._moved.notify_all()

    async def reaches(self, acts: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self.acts >= acts)

    async def let_on_to(self, acts: float) -> None:
        async with self._moved:
            self.may_reach = acts
            self._moved.notify_all()


class CountingAgency(Agency):
    """Its acts are the clock of the schedule: the same in every run, however long each of them takes."""

    def __init__(self, client: httpx2.AsyncClient, user: str, progress: Progress) -> None:
        super().__init__(client, user)
        self._progress = progress

    async def create(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
        await self._progress.begin()
        return await super().create(path, body, key=key)

    async def act(self, path: str, version: int, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        await self._progress.begin()
        return await super().act(path, version, body)

    async def drop(self, service: str, import_name: str, file: Path) -> dict[str, Any]:
        await self._progress.begin()
        return await super().drop(service, import_name, file)

    async def settled(self, services: tuple[str, ...]) -> None:
        while True:
            try:
                return await super().settled(services)
            except Stuck:
                if not self._progress.stops_are_expected():
                    raise
                await asyncio.sleep(0.2)


async def live(city: City, url: str, directory: Path, progress: Progress) -> list[str]:
    """The whole year; what is not as it must be at its end, by the city's own oracle and by what the services say of themselves."""
    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        officer = CountingAgency(client, "officer", progress)
        await officer.log_in()
        driver = Driver(city, officer, directory / "files")
        await driver.open_city()
        await driver.live(after=date.min, until=LAST_DAY)
        faults = [f"rows: {name}" for name in driver.told.unexpected]
        faults += [f"owed: {each}" for each in await Ledger(driver, officer).differences(city.expectations(LAST_DAY))]
        faults += [f"integrity: {each}" for each in await unaccounted(officer, SERVICES)]
        return faults + [f"set aside: {each}" for each in await officer.set_aside(SERVICES)]


@dataclass(frozen=True)
class Calm:
    """The run that nothing disturbs: its books, and how many acts the year has."""

    books: Books
    acts: int


async def calm_year(city: City, directory: Path) -> Calm:
    """All services in one process, on their own bus. Raises AssertionError when even that is not as the oracle says."""
    same_keys_as_everywhere(directory)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    progress = Progress()
    async with one_process(SERVICES, directory, first_day=OPENING, port=port, durable=False) as running:
        faults = await live(city, running.url, directory, progress)
        databases = {name: each.settings.database_url.get_secret_value() for name, each in running.services.items()}
        books = await read_books(databases)
    assert not faults, faults
    return Calm(books, progress.acts)


def same_keys_as_everywhere(directory: Path) -> None:
    """One process makes keys of its own; a person's blind index is the same in two runs only when the key is."""
    (directory / "secrets.json").write_text(json.dumps({"index": INDEX_KEY, "encryption": KEY}))
