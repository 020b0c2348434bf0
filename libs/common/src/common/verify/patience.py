"""Waiting for what is on its way: a difference counts when it still stands at the end of the check's patience."""

from __future__ import annotations

import time
from asyncio import sleep
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

D = TypeVar("D", bound=tuple[Any, ...])
_LOOK_SECONDS = 0.5


class Patience:
    """Of one check, from its first suspicion on: it is spent once, however many things are suspected."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._deadline = seconds, 0.0

    async def still(self, suspected: Sequence[UUID], differing: Callable[[Sequence[UUID]], Awaitable[list[D]]]) -> list[D]:
        """What differs of the suspected in the end. `differing`: which of these do now, each with its id first."""
        if suspected:
            self._deadline = self._deadline or time.monotonic() + self._seconds
        found: list[D] = []
        while suspected:
            found = await differing(suspected)
            if time.monotonic() >= self._deadline:
                break
            suspected = [id_ for id_, *_ in found]
            if suspected:
                await sleep(_LOOK_SECONDS)
        return found
