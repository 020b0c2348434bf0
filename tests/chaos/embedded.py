"""The whole city in one process, as `make demo` has it: killed at any moment, and the year taken up again by the next one."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from books import Books, differences, read_books
from small_city import SmallCity
from year import Calm, Progress, live, same_keys_as_everywhere

from city.block import OPENING
from city.driver import SERVICES
from common.database.embedded import EmbeddedPostgres
from common.observability.logs import configure_logs
from common.one_process import one_process
from common.testing.kafka import free_ports
from common.testing.until import until

_START_SECONDS = 240
_nursery = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Killing:
    """After so many acts of that start. `and_server`: PostgreSQL crashes with it, as when the machine is reset."""

    after_acts: int
    and_server: bool


def killings(count: int, acts: int, chance: Random) -> list[Killing]:
    """More of them early than late, for the next start goes that way again; every third time the server goes too."""
    return [Killing(1 + int(chance.random() ** 2 * acts * 0.9), nth % 3 == 2) for nth in range(count)]


async def killed_again_and_again(
    city: SmallCity, directory: Path, planned: Sequence[Killing], calm: Calm, *, seconds_each: float, told: Callable[[str], object] = len
) -> list[str]:
    """What is not as it must be when the last start has lived to the end, a line each."""
    same_keys_as_everywhere(directory)
    server = EmbeddedPostgres(directory / "postgres")
    running: BaseProcess | None = None
    try:
        for killing in planned:
            running = _start(city, directory)
            await until(_has_come_to(running, directory, killing.after_acts), within_seconds=_START_SECONDS + seconds_each)
            running.kill()
            await asyncio.to_thread(running.join, 20)
            if killing.and_server:
                await asyncio.to_thread(server.crash)
            told(f"one process: {killing}")
        running = _start(city, directory)
        await asyncio.to_thread(running.join, _START_SECONDS + seconds_each)
        assert running.exitcode == 0, _said(directory)
    finally:
        if running is not None:
            running.kill()
            await asyncio.to_thread(running.join, 20)
        await asyncio.to_thread(server.remove)
    told = json.loads((directory / "told.json").read_text())
    books: Books = {table: Counter(rows) for table, rows in told["books"].items()}
    return [*told["faults"], *(f"books: {each}" for each in differences(calm.books, books))]


def _start(city: SmallCity, directory: Path) -> BaseProcess:
    (directory / "acts").write_text("")
    process = _nursery.Process(target=_run, args=(city.seed, city.is_whole, directory))
    process.start()
    return process


def _has_come_to(running: BaseProcess, directory: Path, acts: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        assert running.exitcode is None, _said(directory)
        return (directory / "acts").stat().st_size >= acts

    return has


def _said(directory: Path) -> str:
    return (directory / "log").read_text("utf-8", "replace")[-3000:]


def _run(seed: int, is_whole: bool, directory: Path) -> None:
    with (directory / "log").open("a") as log:
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
        configure_logs("embedded", level="WARNING", to=log)
        asyncio.run(_live(SmallCity(seed=seed, whole=is_whole), directory))


class _Told(Progress):
    """One more byte in a file for each act: whoever kills us sees how far we are."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file.open("ab", buffering=0)

    async def begin(self) -> None:
        await super().begin()
        self._file.write(b".")


async def _live(city: SmallCity, directory: Path) -> None:
    (port,) = free_ports(1)
    async with one_process(SERVICES, directory, first_day=OPENING, port=port) as running:
        databases = {name: each.settings.database_url.get_secret_value() for name, each in running.services.items()}
        faults = await live(city, running.url, directory, _Told(directory / "acts"))
        books = await read_books(databases)
    (directory / "told.json").write_text(json.dumps({"faults": faults, "books": books}, ensure_ascii=False))
