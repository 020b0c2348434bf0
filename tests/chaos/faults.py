"""Faults: what each does to the town, and how it is undone. They strike while the year goes on."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from process import STOP_SECONDS, Process
from town import Town

from common.testing.until import until

LEASE_SECONDS = 10.0
_IS_LED = "SELECT count(*) = 1 FROM lease WHERE name = 'relay' AND until > clock_timestamp()"
_POINT_SECONDS = 100


class Fault(ABC):
    """`kind`: in words, one line of the report. `lasts_seconds`: between what it does and what undoes it."""

    kind: ClassVar[str]
    needs_acts: ClassVar[bool] = False
    """Whether it ends only when the year goes on meanwhile."""
    stops_readers: ClassVar[bool] = False
    """Whether a stopped partition is its right outcome, which it resumes itself."""
    excuses: ClassVar[tuple[str, ...]] = ()
    """What may stand in an error that it makes somebody log."""
    lasts_seconds: float = 0.0

    async def strike(self, town: Town) -> None:
        """Do it and undo it; whoever was hit is up again afterwards."""
        await self.do(town)
        try:
            await asyncio.sleep(self.lasts_seconds)
        finally:
            await self.undo(town)

    @abstractmethod
    async def do(self, town: Town) -> None: ...

    @abstractmethod
    async def undo(self, town: Town) -> None: ...

    def _hit(self, town: Town, names: tuple[str, ...]) -> list[Process]:
        return [town.processes[name] for name in names]


@dataclass
class Kill(Fault):
    """kill −9 of one process, or of several at the same moment."""

    kind: ClassVar[str] = "kill −9"
    victims: tuple[str, ...]

    async def do(self, town: Town) -> None:
        await asyncio.gather(*(process.kill() for process in self._hit(town, self.victims)))

    async def undo(self, town: Town) -> None:
        for process in self._hit(town, self.victims):
            process.start()
        await town.until_up(self._hit(town, self.victims))


class KillTwo(Kill):
    """Two at the same moment."""

    kind = "kill −9 of two at once"


IN_VAIN = "kill −9 of one that waited in vain for its exact point"
_AT_POINTS = {
    "committed-not-answered": "an api between commit and answer",
    "sent-not-deleted": "the relay between sending and deleting",
    "heard-not-reconciled": "a worker between facts and reconciling",
    "reconciled-not-committed": "a reconciler before its commit",
    "reconciled-not-told": "a reconciler after its commit",
    "sealed-not-exported": "the sealer before it exports a head",
    "chunk-done-job-open": "an import between two chunks",
}


@dataclass
class DieAt(Fault):
    """kill −9 at one exact point of the work. Of a service's workers only the dying one runs, so that the point is its own to reach."""

    needs_acts: ClassVar[bool] = True
    point: str
    service: str
    role: str

    def __post_init__(self) -> None:
        self.kind = f"kill −9 of {_AT_POINTS[self.point]}"

    async def do(self, town: Town) -> None:
        processes = town.of(self.service, self.role)
        await asyncio.gather(*(process.kill() for process in processes))
        processes[0].start(dies_at=self.point)
        try:
            await until(processes[0].died, within_seconds=_POINT_SECONDS)
        except TimeoutError:
            self.kind = IN_VAIN
            await processes[0].kill()

    async def undo(self, town: Town) -> None:
        processes = [process for process in town.of(self.service, self.role) if not process.is_running]
        for process in processes:
            process.start()
        await town.until_up(processes)


@dataclass
class Hold(Fault):
    """SIGSTOP of a worker for longer than its leases, then SIGCONT: it comes back believing that it still leads."""

    kind: ClassVar[str] = "SIGSTOP of a worker that holds the relay's lease, longer than the lease, then SIGCONT"
    service: str
    lasts_seconds: float = LEASE_SECONDS + 2

    async def do(self, town: Town) -> None:
        leader, other = town.of(self.service, "worker")
        # Whoever ends in order gives the lease back: now it is the other's for certain.
        assert await other.stop() < STOP_SECONDS
        await until(lambda: town.ask(self.service, _IS_LED), within_seconds=2 * LEASE_SECONDS)
        leader.hold()
        other.start()

    async def undo(self, town: Town) -> None:
        leader, other = town.of(self.service, "worker")
        leader.let_go()
        await town.until_up([leader, other])


@dataclass
class Stop(Fault):
    """SIGTERM: it ends within ten seconds, and what it was in the middle of is either done or untouched."""

    kind: ClassVar[str] = "SIGTERM (ended within 10 s)"
    victim: str

    async def do(self, town: Town) -> None:
        took = await town.processes[self.victim].stop()
        assert took < STOP_SECONDS, f"{self.victim} took {took:.1f} s to end"

    async def undo(self, town: Town) -> None:
        town.processes[self.victim].start()
        await town.until_up([town.processes[self.victim]])
