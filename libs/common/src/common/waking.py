"""Waking loops of this process at once; they poll as well, because other processes cannot ring."""

from __future__ import annotations

import asyncio


class Bell:
    """Whoever rings wakes every listener; each listener has an event of its own, so that none takes another's ring."""

    def __init__(self) -> None:
        self._listeners: list[asyncio.Event] = []

    def listen(self) -> asyncio.Event:
        """An event that every ring sets; the listener clears it before it looks."""
        listener = asyncio.Event()
        self._listeners.append(listener)
        return listener

    def forget(self, listener: asyncio.Event) -> None:
        """The listener has gone."""
        self._listeners.remove(listener)

    def ring(self) -> None:
        for listener in self._listeners:
            listener.set()


async def rung(listener: asyncio.Event, *, within_seconds: float) -> bool:
    """Wait for a ring, at most so long; whether there was one.

    Not by `asyncio.wait_for`: before Python 3.12 it swallows a cancellation that comes in the same turn as the ring, and the loop runs on.
    """
    try:
        async with asyncio.timeout(within_seconds):
            await listener.wait()
    except TimeoutError:
        return False
    return True
