"""`python -m city.demo`: the whole city in one process, its year told over REST, and a short story with figures. Ctrl-C ends it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import httpx2
import typer

from city import story_partners
from city.agency import Agency
from city.block import OPENING
from city.driver import SERVICES, Driver
from city.synthetic import LAST_DAY, City
from city.telling import Storyteller
from common.observability.logs import configure_logs
from common.one_process import PortTaken, one_process

DIRECTORY = Path(".craftport/demo")
YEAR_END = date(2018, 12, 31)


def main(
    persons: Annotated[int, typer.Option(help="whole thousands, up to 800,000")] = 2_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same city")] = 1,
    port: Annotated[int, typer.Option(min=1, max=65535)] = int(os.environ.get("PORT", "8000")),
    stay: Annotated[bool, typer.Option(help="stay up after the story")] = True,  # noqa: FBT002 - a command-line switch
) -> None:
    """Start the city, tell its story, stay up."""
    configure_logs("demo", level="WARNING")
    try:
        asyncio.run(_demo(City(persons=persons, seed=seed), port, stay=stay))
    except PortTaken as taken:
        raise SystemExit(str(taken)) from taken
    except ValueError as refused:
        raise SystemExit(str(refused)) from refused


async def _demo(city: City, port: int, *, stay: bool) -> None:
    began = time.monotonic()
    marker = DIRECTORY / "told.json"
    wanted = {"persons": city.size, "seed": city.seed}
    told = json.loads(marker.read_text()) if marker.exists() else None
    if told is None:
        # A start that was broken off in the middle of its story begins anew.
        shutil.rmtree(DIRECTORY, ignore_errors=True)
    elif {name: told[name] for name in wanted} != wanted:
        raise ValueError(f"there is another city here ({told['persons']} persons, seed {told['seed']}): `make demo-reset` clears it")
    _say(f"启动五个服务与内嵌数据库（{DIRECTORY}）…")
    async with one_process(SERVICES, DIRECTORY, first_day=OPENING, port=port) as running:
        async with httpx2.AsyncClient(base_url=running.url, timeout=60) as client:
            officer = Agency(client, "officer")
            await officer.log_in()
            driver = Driver(city, officer, DIRECTORY / "files")
            storyteller = Storyteller(driver, officer, _say)
            if told is None:
                told = wanted | await _tell(driver, storyteller)
                marker.write_text(json.dumps(told, ensure_ascii=False))
            await storyteller.tell(told)
        _say(f"用时 {time.monotonic() - began:.0f} 秒。操作页：{running.url}/docs（用户 officer、clerk、auditor，密码同用户名）")
        for name in SERVICES:
            _say(f"  {running.url}/{name}/docs")
        if stay:
            _say("按 Ctrl-C 结束；再次启动接着用同样的数据，make demo-reset 清除。")
            await _interrupted()
    _say("已停止。")


async def _tell(driver: Driver, storyteller: Storyteller) -> dict[str, object]:
    """The year, and what is seen at its end."""
    await driver.open_city()
    _say("单位、职业、目录、定点、委托、协议已登记。各单位投递文件…")
    await driver.live(after=date.min, until=YEAR_END)
    partner = story_partners.PARTNERS
    before = {str(heads): await storyteller.partner_year(organisation.uscc) for heads, organisation in partner.items()}
    await driver.live(after=YEAR_END, until=LAST_DAY)
    told = driver.told
    return {
        "organisations": driver.organisations, "files": told.files, "accepted": told.rows_accepted, "refused": told.rows_refused,
        "acts": told.acts, "unexpected": told.unexpected, "partners_at_year_end": before,
    }  # fmt: skip


async def _interrupted() -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()


def _say(line: str) -> None:
    typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
