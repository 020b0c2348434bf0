"""A loop that is told to end ends behind its batch: what it has in hand is finished and committed, as long as that does not take long."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_FINISH_SECONDS = 5.0
"""Of the ten that a process has for its end."""


async def to_its_end(batch: Coroutine[Any, Any, T]) -> T:
    """Do it whole, although whoever does it is cancelled meanwhile; then the cancellation takes its course.

    What is not finished in time is cancelled itself: its transaction rolls back whole, and another process does it again.
    """
    doing = asyncio.ensure_future(batch)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        try:
            await asyncio.wait((doing,), timeout=_FINISH_SECONDS)
        finally:
            if not doing.done():
                doing.cancel()
                await asyncio.wait((doing,))
        if not doing.cancelled():
            doing.exception()  # it is seen: the loop ends now, and the next one meets the same again
        raise
