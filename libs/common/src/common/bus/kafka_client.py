"""Starting a client of Kafka whole: one that is cancelled while it asks for the cluster's brokers never closes that connection."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def start(starting: Coroutine[Any, Any, None], *, patience_seconds: float) -> None:
    """Await a client's start. Who is cancelled meanwhile waits so long for it to have started, and then stops the client as usual."""
    task = asyncio.create_task(starting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=patience_seconds)
        if not task.cancel() and not task.cancelled():
            task.exception()  # nobody waits for it any more
        raise
