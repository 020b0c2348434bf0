"""Waiting for a condition in a test, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], *, within_seconds: float = 20) -> None:
    """Returns when the condition holds; raises TimeoutError when it does not in time."""
    async with asyncio.timeout(within_seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)
