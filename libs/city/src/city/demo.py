"""The demo: the whole city in one process, its year told over REST, and a short story with figures. Ctrl-C ends it; the next start goes on."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import httpx2
import typer

from city import story_partners
from city.agency import Agency, Refused, Stuck
from city.block import OPENING
from city.driver import SERVICES, Driver
from city.notebook import AnotherCity, Notebook
from city.oracle import CLOSES_ON
from city.synthetic import LAST_DAY, City
from city.telling import Storyteller
from common.collector import settle_collector
from common.database.embedded import EmbeddedPostgres, PostgresDidNotStart
from common.observability.logs import configure_logs
from common.one_process import PortTaken, one_process
from common.service import LoopEnded

DIRECTORY = Path(".craftport/demo")
LOG = DIRECTORY / "demo.log"
YEAR_END = date(2018, 12, 31)
_INTERRUPTED = 130
_LINE_SECONDS = 10.0


class AlreadyRunning(Exception):
    """Another demo runs on the same data."""


def run() -> None:
    """The command line."""
    typer.run(main)


def main(
    persons: Annotated[int, typer.Option(help="whole thousands, up to 800,000")] = 2_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same city")] = 1,
    port: Annotated[int, typer.Option(min=1, max=65535, envvar="PORT")] = 8000,
    stay: Annotated[bool, typer.Option(help="stay up after the story")] = True,  # noqa: FBT002 - a command-line switch
    reset: Annotated[bool, typer.Option("--reset", help="forget the data and end")] = False,  # noqa: FBT002 - a command-line switch
) -> None:
    """Start the city, tell its story, stay up."""
    try:
        with _alone():
            if reset:
                _forget()
            else:
                DIRECTORY.mkdir(exist_ok=True)
                asyncio.run(_demo(City(persons=persons, seed=seed), port, stay=stay))
    except (ValueError, PortTaken, AlreadyRunning, AnotherCity, PostgresDidNotStart) as refused:
        raise SystemExit(str(refused)) from None
    except (Refused, Stuck, LoopEnded, httpx2.HTTPError) as stuck:
        _say(f"\n讲不下去了：{stuck or type(stuck).__name__}\n详情见 {LOG}；再次启动从这里接着办。")
        raise SystemExit(1) from None
    except asyncio.CancelledError:
        _say("已停止。再次启动接着讲，已办的不会重复。")
        raise SystemExit(_INTERRUPTED) from None


async def _demo(city: City, port: int, *, stay: bool) -> None:
    began = time.monotonic()
    interruption = _Interruption()
    with LOG.open("a", encoding="utf-8") as log:
        configure_logs("demo", level="WARNING", to=log)
        notebook = Notebook.open(DIRECTORY / "story.json", city)
        _say(f"匠港：{city.size:,} 人的城市（种子 {city.seed}），数据在 {DIRECTORY}。启动数据库和五个服务…")
        async with (
            one_process(SERVICES, DIRECTORY, first_day=OPENING, port=port, starting=lambda name: _say(f"    {name}")) as running,
            httpx2.AsyncClient(base_url=running.url, timeout=60) as client,
        ):
            officer = Agency(client, "officer")
            await officer.log_in()
            settle_collector()
            driver = Driver(city, officer, DIRECTORY / "files")
            storyteller = Storyteller(driver, officer, _say)
            if notebook.figures is None:
                await _live(driver, storyteller, notebook)
            await storyteller.tell(notebook)
            _say(f"\n用时 {time.monotonic() - began:.0f} 秒。操作页（用户 officer、clerk、auditor，密码同用户名）：{running.url}/docs")
            for name, service in running.services.items():
                _say(f"    {running.url}/{name}/docs　{service.service.title}")
            if stay:
                _say(
                    "按 Ctrl-C 结束；再次启动接着用同样的数据，make demo-reset 清除。另开一个终端，make advance DAY=2019-06-01 推进业务日期。"
                )
                await interruption.awaited()
    _say("已停止。")


async def _live(driver: Driver, storyteller: Storyteller, notebook: Notebook) -> None:
    """The year, and what is seen of the partner with 99 before and after its hundredth."""
    partner = story_partners.PARTNERS[99].uscc
    notebook.save()
    _say("登记单位、职业、目录、定点、委托、协议…")
    await driver.open_city()
    _say("各单位投递文件，经办逐日办理：")
    driver.heard = _Progress(driver)
    await driver.live(after=date.min, until=YEAR_END)
    await notebook.scene("ninety-nine", lambda: storyteller.partner_year(partner))
    await driver.confirm_reported(partner)
    await notebook.scene("hundred", lambda: storyteller.partner_year(partner))
    await driver.live(after=YEAR_END, until=CLOSES_ON + timedelta(days=1))
    await notebook.scene("closed", lambda: storyteller.partner_year(partner))
    await driver.live(after=CLOSES_ON + timedelta(days=1), until=LAST_DAY)
    notebook.figures = driver.figures()
    notebook.save()


class _Interruption:
    """Ctrl-C or TERM: breaks the story off, or is simply the end where it is awaited. Pressed again it changes nothing."""

    def __init__(self) -> None:
        self._event, self._is_awaited, self._story = asyncio.Event(), False, asyncio.current_task()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, self._interrupted)

    async def awaited(self) -> None:
        self._is_awaited = True
        await self._event.wait()

    def _interrupted(self) -> None:
        if self._event.is_set():
            return
        self._event.set()
        _say("\n正在停止…")
        if self._story and not self._is_awaited:
            self._story.cancel()


class _Progress:
    """A line for every month that has gone by, and one every few seconds while a day is long."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._day = OPENING
        self._said_at = time.monotonic()

    def __call__(self, day: date) -> None:
        is_next_month = (day.year, day.month) != (self._day.year, self._day.month)
        if is_next_month or time.monotonic() - self._said_at > _LINE_SECONDS:
            told = self._driver.told
            _say(f"    {day}　{told.files} 个文件，{told.rows_accepted:,} 行采用，{told.rows_refused:,} 行退回；{told.acts:,} 次办理")
            self._day, self._said_at = day, time.monotonic()


@contextmanager
def _alone() -> Iterator[None]:
    """One demo at a time on these data. Raises AlreadyRunning."""
    lock = DIRECTORY.with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning("演示已在运行（同一目录）；请先用 Ctrl-C 结束它") from None
        yield


def _forget() -> None:
    EmbeddedPostgres(DIRECTORY / "postgres").stop()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    _say("演示数据已清除。")


def _say(line: str) -> None:
    typer.echo(line)
