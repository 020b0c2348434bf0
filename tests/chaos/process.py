"""One process of the city, `python -m <service> api|worker`: started, killed, stopped, held up, and watched from outside.

Each is forked from one process that has loaded the services' code and run nothing of it: loading alone would take a minute for fifteen.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import runpy
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from dying import POINTS, put_other_rules

from city.driver import SERVICES

_END_SECONDS = 20
STOP_SECONDS = 10
"""So long may an orderly end take (issue: each service shuts down within 10 s, finishing its batch)."""
_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(
    [*(f"{service}.app" for service in SERVICES), "common.commands", "common.bus.kafka", "alembic.command", "alembic.autogenerate.api", "uvloop",
     "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on", "uvicorn.loops.uvloop"]
)  # fmt: skip


class Process:
    """It may be killed at any time; what it logs stays."""

    def __init__(self, service: str, role: str, nth: int, environment: Mapping[str, str], directory: Path, port: int | None = None) -> None:
        self.service, self.role, self.name = service, role, f"{service}-{role}-{nth}" if role == "worker" else f"{service}-{role}"
        self.port = port
        self.rules: str | None = None
        """Started from now on, awards has other rules, which this names."""
        self.environment, self._log = dict(environment), directory / f"{self.name}.log"
        self._process: BaseProcess | None = None
        self._began_at = 0

    def start(self, *, dies_at: str | None = None) -> None:
        """Returns at once. `dies_at`: it kills itself there (see `dying`)."""
        assert self._process is None, self.name
        arguments = [self.role, *(("--host", "127.0.0.1", "--port", str(self.port)) if self.port is not None else ())]
        self._began_at = self._log.stat().st_size if self._log.exists() else 0
        self._process = _nursery.Process(target=_run, args=(self.service, arguments, self.environment, self._log, dies_at, self.rules))
        self._process.start()

    @property
    def is_up(self) -> bool:
        """Whether it has come up: its loops run, or it answers."""
        if not self.is_running:
            return False
        if self.port is None:
            return '"event": "at_work"' in self._said_since(self._began_at)
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    async def until_up(self) -> None:
        """As long as it takes; raises AssertionError when it has ended."""
        while not self.is_up:
            self.must_run()
            await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """As a power cut would. It must have been running."""
        self.must_run()
        assert await self._end(signal.SIGKILL) == -signal.SIGKILL

    async def stop(self) -> float:
        """As an orderly restart would; how many seconds it took. Raises AssertionError when it ends otherwise than it should."""
        self.must_run()
        began = asyncio.get_running_loop().time()
        code = await self._end(signal.SIGTERM)
        assert code == 0, f"{self.name} returned {code}: {self.said()}"
        return asyncio.get_running_loop().time() - began

    async def returned(self, *, within_seconds: float) -> int | None:
        """What it returned in the end; None when it did not end in time."""
        assert self._process is not None
        await asyncio.to_thread(self._process.join, within_seconds)
        return self._process.exitcode

    async def died(self) -> bool:
        """Whether it has killed itself, as it was told at its start; then it may be started again."""
        return await self.ended(-signal.SIGKILL)

    async def ended(self, expected: int) -> bool:
        """Whether it has ended by itself, with this code; then it may be started again."""
        assert self._process is not None
        code = self._process.exitcode
        assert code in (None, expected), f"{self.name} returned {code}: {self.said()}"
        if code is not None:
            self._process = None
        return code is not None

    def hold(self) -> None:
        """It stands still and knows nothing of it, as a machine that is swapping or a paused container."""
        self.must_run()
        self._send(signal.SIGSTOP)

    def let_go(self) -> None:
        self._send(signal.SIGCONT)

    async def _end(self, by: signal.Signals) -> int:
        self._send(by)
        process, self._process = self._process, None
        assert process is not None
        await asyncio.to_thread(process.join, _END_SECONDS)
        code = process.exitcode
        if code is None:
            self._process = process
            self.clear_away()
            raise AssertionError(f"{self.name} did not end within {_END_SECONDS} s: {self.said()}")
        return code

    def _send(self, which: signal.Signals) -> None:
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, which)

    def must_run(self) -> None:
        assert self._process is not None, f"{self.name} was not started"
        assert self._process.exitcode is None, f"{self.name} ended by itself with {self._process.exitcode}: {self.said()}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.exitcode is None

    def clear_away(self) -> None:
        """Whatever has become of the test."""
        if self._process is not None:
            self._process.kill()  # one that is held dies too
            self._process.join(_END_SECONDS)
            self._process = None

    def said(self) -> str:
        """The end of its log."""
        return self._said_since(0)[-3000:]

    def complaints(self) -> list[str]:
        """What our own code has logged as an error: faults come from outside, and none of them excuses one.

        What the Kafka library says of a coordinator that is away is no error of ours; what becomes of it is seen in the books.
        """
        lines = self._said_since(0).splitlines()
        return [
            line for line in lines if ('"level": "error"' in line and '"logger": "aiokafka' not in line) or line.startswith("Traceback")
        ]

    def _said_since(self, at: int) -> str:
        if not self._log.exists():
            return ""
        with self._log.open("rb") as log:
            log.seek(at)
            return log.read().decode("utf-8", "replace")


def _run(service: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path, dies_at: str | None, rules: str | None) -> None:
    """In the new process: what `python -m <service>` does."""
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as said:
        for descriptor in (1, 2):
            os.dup2(said.fileno(), descriptor)
    if dies_at is not None:
        POINTS[dies_at]()
    if rules is not None:
        put_other_rules(rules)
    sys.argv = [service, *arguments]
    runpy.run_module(service, run_name="__main__", alter_sys=True)
