"""The schedule: from a seed, which fault strikes when, told by the progress of the year and not by a clock."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from faults import DieAt, Fault, Hold, Kill, KillTwo, Stop
from outside import (
    HEARD_TOPICS,
    BrokerKilled,
    BrokerStopped,
    ConnectionsCut,
    NoConnectionsLeft,
    OtherRules,
    PostgresCrashed,
    StatementTimeouts,
    TableLocked,
    TopicMadeAnew,
)
from town import WORKERS, Town
from year import Progress

from city.driver import SERVICES

_LONGEST_DELAY_SECONDS = 0.3
_AHEAD = 6
"""So many acts may begin while a fault is under way: it strikes in the midst of work, and the year does not run away from it."""
HEARING, RECONCILING = ("certification", "matching", "awards"), ("matching", "awards")
APIS = tuple(f"{each}-api" for each in SERVICES)
POINTS = (
    ("committed-not-answered", SERVICES, "api"),
    ("sent-not-deleted", SERVICES, "worker"),
    ("heard-not-reconciled", HEARING, "worker"),
    ("reconciled-not-committed", RECONCILING, "worker"),
)
LONG_POINTS = (
    ("reconciled-not-told", RECONCILING, "worker"),
    ("sealed-not-exported", SERVICES, "worker"),
    ("chunk-done-job-open", ("registry",), "worker"),
)
"""The last leaves a job claimed for a minute."""
PROCESSES = tuple(name for each in SERVICES for name in (f"{each}-api", *(f"{each}-worker-{n}" for n in range(1, WORKERS + 1))))


class Planned(NamedTuple):
    """After so many acts, and a moment into the next one."""

    after_acts: int
    delay_seconds: float
    fault: Fault

    def __str__(self) -> str:
        return f"after {self.after_acts} acts and {self.delay_seconds * 1000:.0f} ms: {self.fault}"


def spread(faults: Sequence[Fault], acts: int, chance: Random) -> list[Planned]:
    """Over the whole year, in an order that the seed decides; the year's end is left in peace, so that what waits for acts finds some."""
    at = sorted(chance.sample(range(acts // 50, acts * 9 // 10), k=len(faults)))
    in_order = chance.sample(list(faults), k=len(faults))
    return [Planned(*each) for each in zip(at, (chance.uniform(0, _LONGEST_DELAY_SECONDS) for _ in at), in_order, strict=True)]


def short(chance: Random) -> list[Fault]:
    """What runs with every test: each sort of kill and stop, of processes that the seed chooses, and the ground taken away once."""
    return [
        Kill((chance.choice(APIS),)),
        KillTwo(_both_workers(chance.choice(RECONCILING))),
        *(DieAt(point, chance.choice(services), role) for point, services, role in POINTS),
        Hold(chance.choice(SERVICES)),
        Stop(chance.choice(APIS)),
        BrokerKilled(),
        PostgresCrashed(),
        ConnectionsCut(chance.choice(SERVICES)),
        StatementTimeouts(chance.choice(HEARING)),
    ]


def once(chance: Random) -> list[Fault]:
    """Each fault once, in a quarter of an hour."""
    return [
        *short(chance),
        TopicMadeAnew("training.class"),
        OtherRules("newer"),
        NoConnectionsLeft("matching"),
        TableLocked("awards", "replica_registry_person"),
        DieAt("sealed-not-exported", "training", "worker"),
    ]


def long(chance: Random, *, kills: int) -> list[Fault]:
    """What is run by hand: everything, and again and again."""
    faults: list[Fault] = [Kill((chance.choice(PROCESSES),)) for _ in range(kills)]
    faults += [KillTwo(tuple(chance.sample(PROCESSES, 2))) for _ in range(3)] + [KillTwo(_both_workers(each)) for each in RECONCILING]
    for point, services, role in (*POINTS, *LONG_POINTS):
        faults += [DieAt(point, each, role) for each in chance.choices(services, k=2)]
    faults += [Hold(each, lasts_seconds=30) for each in SERVICES] + [Stop(each) for each in PROCESSES]
    faults += [BrokerKilled() for _ in range(3)] + [BrokerStopped()]
    faults += [TopicMadeAnew(each) for each in chance.sample(HEARD_TOPICS, 2)]
    faults += [PostgresCrashed() for _ in range(3)] + [ConnectionsCut(each) for each in SERVICES]
    faults += [StatementTimeouts(each) for each in HEARING] + [NoConnectionsLeft(each) for each in HEARING]
    faults += [TableLocked("awards", f"replica_{each}") for each in ("registry_person", "matching_placement")]
    return [*faults, OtherRules("newer"), OtherRules("newest")]


def _both_workers(service: str) -> tuple[str, str]:
    return f"{service}-worker-1", f"{service}-worker-2"


@dataclass
class Firing:
    """A schedule while it is carried out."""

    planned: Sequence[Planned]
    struck: Counter[str] = field(default_factory=Counter)
    told: Callable[[str], object] = len
    """Hears of every fault when it strikes and when it is over."""
    under_way: Fault | None = None

    async def run(self, town: Town, progress: Progress) -> None:
        """Every fault once, each after the one before is over."""
        for each in self.planned:
            await progress.let_on_to(each.after_acts + _AHEAD)
            await progress.reaches(each.after_acts)
            await asyncio.sleep(each.delay_seconds)
            if each.fault.needs_acts:
                await progress.let_on_to(float("inf"))
            self.under_way = each.fault
            began = time.monotonic()
            self.told(f"{each}")
            await each.fault.strike(town)
            self.told(f"    over after {time.monotonic() - began:.1f} s, {progress.acts} acts")
            self.under_way = None
            self.struck[each.fault.kind] += 1
        await progress.let_on_to(float("inf"))
