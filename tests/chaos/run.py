"""`make chaos`: the long version by hand. It writes docs/reliability.md and ends with 0 only when everything was as it must be."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from embedded import killed_again_and_again, killings
from fire import Outcome, year_under_fire
from report import PATH, Report
from schedule import Firing, long, once, spread
from small_city import SmallCity
from town import open_directory, town
from year import Calm, calm_year

from city.block import OPENING
from common.observability.logs import configure_logs

_SECONDS_EACH = 900.0


def main() -> None:
    """The command line."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--kills", type=int, default=30, help="of single processes, the other faults come on top; 0: each fault once")
    arguments.add_argument("--embedded", type=int, default=20, help="kills of the city in one process")
    arguments.add_argument("--minutes", type=float, default=120, help="after which it counts as stuck")
    arguments.add_argument("--report", type=Path, default=PATH)
    asked = arguments.parse_args()
    configure_logs("chaos", level="ERROR")
    with open_directory() as directory:
        report = asyncio.run(_run(asked, directory))
    for fault in report.faults:
        _say(fault)
    report.write(asked.report)
    _say(f"{asked.report}: {'as it must be' if not report.faults else f'{len(report.faults)} faults'}")
    sys.exit(bool(report.faults))


async def _run(asked: argparse.Namespace, directory: Path) -> Report:
    began, city, chance = time.monotonic(), SmallCity(seed=asked.seed, whole=asked.kills > 0), Random(asked.seed)
    places = {name: directory / name for name in ("calm", "fire", "embedded")}
    for place in places.values():
        await asyncio.to_thread(place.mkdir, mode=0o755)
    calm = await calm_year(city, places["calm"])
    _say(f"a calm year: {calm.acts} acts, {time.monotonic() - began:.0f} s")
    faults_to_strike = long(chance, kills=asked.kills) if asked.kills else once(chance)
    firing = Firing(spread(faults_to_strike, calm.acts, chance), told=_say)
    planned = killings(asked.embedded, calm.acts, chance)
    # Neither takes the other with it: what became of both is told.
    outcome, alone = await asyncio.gather(
        _under_fire(city, places["fire"], firing, calm, asked.minutes * 60),
        killed_again_and_again(city, places["embedded"], planned, calm, seconds_each=_SECONDS_EACH, told=_say),
        return_exceptions=True,
    )
    faults = [*_faults("", outcome), *_faults("one process: ", alone)]
    return Report(
        command=f"make chaos SEED={asked.seed} KILLS={asked.kills} EMBEDDED={asked.embedded}",
        on=datetime.now(UTC).date().isoformat(),
        minutes=(time.monotonic() - began) / 60,
        cores=os.cpu_count() or 1,
        persons=sum(1 for _ in city.persons()),
        struck=firing.struck,
        embedded=len(planned) or None,
        books=calm.books,
        slowest_seconds=max(outcome.seconds_to_stop.values()) if isinstance(outcome, Outcome) else None,
        faults=faults,
    )


async def _under_fire(city: SmallCity, place: Path, firing: Firing, calm: Calm, within_seconds: float) -> Outcome:
    async with town(place, OPENING) as under_fire:
        return await year_under_fire(city, under_fire, firing, calm, place, within_seconds=within_seconds)


def _faults(where: str, outcome: Outcome | list[str] | BaseException) -> list[str]:
    if isinstance(outcome, BaseException):
        traceback.print_exception(outcome)
        return [f"{where}broken off by {type(outcome).__name__}: {outcome}"]
    return [f"{where}{each}" for each in (outcome.faults if isinstance(outcome, Outcome) else outcome)]


def _say(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
