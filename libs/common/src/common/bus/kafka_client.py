"""Starting a client of Kafka whole: one that is cancelled while it connects never closes its connection."""

from __future__ import annotations

import asyncio
from typing import Any


async def start(client: Any, *, patience_seconds: float) -> None:
    """Start a producer or consumer. Who is cancelled meanwhile waits so long for it to have started, and then stops it as usual."""
    starting = asyncio.create_task(client.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting}, timeout=patience_seconds)
        if not starting.cancel() and not starting.cancelled():
            starting.exception()  # nobody waits for it any more
        raise
