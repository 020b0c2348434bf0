"""Several processes that begin together: how long they take from then until the last has ended its work."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any, NamedTuple

_spawn = multiprocessing.get_context("spawn")
_PATIENCE_SECONDS = 600
Wait = Callable[[], object]


class Worker(NamedTuple):
    """`act(*arguments, wait)`: makes itself ready, calls `wait`, works, returns."""

    act: Callable[..., None]
    arguments: tuple[Any, ...]


def flag() -> Any:
    """Something that one process sets and others look at."""
    return _spawn.Event()


def race(*workers: Worker) -> float:
    """Seconds. Raises BrokenBarrierError when one of them fails."""
    ready, ended = (_spawn.Barrier(len(workers) + 1, timeout=_PATIENCE_SECONDS) for _ in range(2))
    processes = [_spawn.Process(target=_run, args=(worker, ready, ended), daemon=True) for worker in workers]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    ended.wait()
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    return seconds


def _run(worker: Worker, ready: Any, ended: Any) -> None:
    try:
        worker.act(*worker.arguments, ready.wait)
        ended.wait()
    except BaseException:
        ready.abort()
        ended.abort()
        raise
