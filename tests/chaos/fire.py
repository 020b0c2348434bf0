"""A year under fire: the whole town, the schedule and the agency at once, and what all of it comes to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from books import differences, read_books
from process import STOP_SECONDS
from schedule import Firing
from town import Town
from year import Calm, Progress, live

from city.synthetic import City


@dataclass(frozen=True)
class Outcome:
    """`faults`: what is not as it must be, a line each; empty when all is."""

    faults: list[str]
    seconds_to_stop: dict[str, float]


async def year_under_fire(city: City, town: Town, firing: Firing, calm: Calm, directory: Path, *, within_seconds: float) -> Outcome:
    """Live the year while the schedule does its work, then look at everything. Raises what a fault or the agency could not bear."""
    progress = Progress(stops_are_expected=lambda: firing.under_way is not None and firing.under_way.stops_readers)
    async with asyncio.timeout(within_seconds):
        async with asyncio.TaskGroup() as at_once:
            living = at_once.create_task(live(city, town.url, directory, progress))
            at_once.create_task(firing.run(town, progress))
    faults = living.result()
    faults += [f"books: {each}" for each in differences(calm.books, await read_books(town.databases))]
    faults += [f"verify: {each}" for each in await town.verified()]
    took = await town.stop()
    faults += [f"{name} took {seconds:.1f} s to end" for name, seconds in took.items() if seconds >= STOP_SECONDS]
    excused = [word for each in firing.planned for word in each.fault.excuses]
    complaints = [each for each in town.complaints() if not any(word in each for word in excused)]
    return Outcome(faults + [f"log: {each}" for each in complaints], took)
