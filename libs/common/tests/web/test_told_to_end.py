"""A server that is told to end, over real connections: running requests are finished, and one that takes too long is broken off and says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from lending.counter import Gate, gates
from lending.wire import wire

from common.testing.at_work import AtWork
from common.testing.kafka import free_ports
from common.testing.until import until
from common.web.server import serve, server


@asynccontextmanager
async def serving(api: AtWork, *, ends_within_seconds: int) -> AsyncIterator[tuple[int, asyncio.Event, asyncio.Task[None]]]:
    """The port, what tells it to end, and what has ended then."""
    (port,), stop = free_ports(1), asyncio.Event()
    serves = server(api.app, port=port, ends_within_seconds=ends_within_seconds, has_lifespan=False)
    running = asyncio.create_task(serve(serves, stop))

    async def has_started() -> bool:
        return serves.started

    await until(has_started)
    try:
        yield port, stop, running
    finally:
        stop.set()
        await running


@pytest.mark.parametrize(("is_finished", "status", "code", "done"), [(True, 201, None, 1), (False, 503, "broken-off", 0)])
async def test_a_running_request_is_finished_or_broken_off_whole(
    lending_api: AtWork, over_sockets: Any, *, is_finished: bool, status: int, code: str | None, done: int
) -> None:
    name = f"end{uuid4().hex[:6]}"
    gates[name] = Gate()
    headers = over_sockets.login() | {"Idempotency-Key": uuid4().hex}
    async with serving(lending_api, ends_within_seconds=5 if is_finished else 1) as (port, stop, ended):
        async with wire(port) as idle, wire(port) as speaking:
            await speaking.ask("POST", f"/lending/v1/trying/{name}/slowly", headers)
            await gates[name].entered.wait()
            stop.set()
            async with asyncio.timeout(5):
                assert await idle.has_ended(), "who has asked nothing is hung up on at once"
            with pytest.raises(ConnectionError):
                await asyncio.open_connection("127.0.0.1", port)
            if is_finished:
                gates[name].opened.set()
            answer = await speaking.answer()
            async with asyncio.timeout(5):
                await ended

    assert (answer.status, answer.is_whole, answer.json().get("code"), answer.headers["connection"]) == (status, True, code, "close")
    await over_sockets.nothing_is_held()
    assert await over_sockets.ask.count(name) == done
