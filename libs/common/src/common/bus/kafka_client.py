"""Starting and stopping clients of Kafka whole: cancelled or failing on the way, they leave connections and tasks behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaProducer


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


async def stop(client: Any) -> None:
    """End a producer or consumer, and its connections whatever becomes of its leave-taking: it may be cancelled, or the broker be away."""
    try:
        await client.stop()
    finally:
        connections = client.client if isinstance(client, AIOKafkaProducer) else client._client  # noqa: SLF001 - a consumer shows it to nobody
        await connections.close()
