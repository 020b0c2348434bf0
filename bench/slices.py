"""How long the event loop is held at a time: the processor's time of every callback, whatever else the machine is doing."""

from __future__ import annotations

import time
from asyncio.events import Handle
from collections.abc import Iterator
from contextlib import contextmanager

_run = Handle._run  # noqa: SLF001 - the one place through which every callback goes


@contextmanager
def slices() -> Iterator[list[float]]:
    """Seconds of every callback that is run meanwhile."""
    readings: list[float] = []

    def timed(handle: Handle) -> None:
        began = time.thread_time()
        _run(handle)
        readings.append(time.thread_time() - began)

    Handle._run = timed  # type: ignore[method-assign]  # noqa: SLF001
    try:
        yield readings
    finally:
        Handle._run = _run  # type: ignore[method-assign]  # noqa: SLF001
