"""A line of requests: so many at work, a few more that wait a moment for a place, and the rest is told to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.observability import metrics
from common.refusal import Unavailable


class Overloaded(Unavailable):
    """More is asked than this process can do now. What was asked has not been begun."""

    title = "请求过多，尚未办理，请稍后再试"


class Line:
    """Places, given in the order in which they are asked for. Nobody waits longer than `wait_seconds`, and no more than `waiting` wait."""

    def __init__(self, service: str, name: str, *, at_work: int, waiting: int, wait_seconds: float) -> None:
        """`service` and `name` are the labels of its figures."""
        self._places, self._most_waiting, self._wait_seconds = asyncio.Semaphore(at_work), waiting, wait_seconds
        self._waiting = 0
        self._seen_at_work = metrics.requests_at_work.labels(service, name)
        self._seen_waiting = metrics.requests_waiting.labels(service, name)

    def must_have_room(self) -> None:
        """Raises Overloaded when whoever came now would not even find room to wait."""
        if self._places.locked() and self._waiting >= self._most_waiting:
            raise Overloaded(retry_after_seconds=max(1, round(self._wait_seconds)))

    async def enter(self) -> None:
        """Take a place. Raises Overloaded."""
        self.must_have_room()
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()  # at once
        self._seen_at_work.inc()

    async def _wait(self) -> None:
        self._waiting += 1
        self._seen_waiting.inc()
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError as waited:
            raise Overloaded(retry_after_seconds=max(1, round(self._wait_seconds))) from waited
        finally:
            self._waiting -= 1
            self._seen_waiting.dec()

    def leave(self) -> None:
        """Give the place to the next one."""
        self._places.release()
        self._seen_at_work.dec()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for as long as this lasts. Raises Overloaded."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()


class Turn:
    """One request's place in a line: taken once, given back once, and lent to others while it only waits for something."""

    def __init__(self, line: Line) -> None:
        self._line, self._has_place = line, False

    async def take(self) -> None:
        """Raises Overloaded."""
        await self._line.enter()
        self._has_place = True

    def end(self) -> None:
        if self._has_place:
            self._has_place = False
            self._line.leave()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[None]:
        """Meanwhile another request may be at work: this one waits and needs no connection for long. Raises Overloaded on coming back."""
        had_place = self._has_place
        self.end()
        yield
        if had_place:
            await self.take()
