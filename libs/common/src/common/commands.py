"""The commands of every service's image: `python -m <service> api | worker | migrate | republish | verify`."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import structlog
import typer

from common.bus import republishing
from common.bus.opening import open_bus
from common.collector import settle_collector
from common.database.migrations import upgrade
from common.observability import metrics, traces
from common.observability.logs import configure_logs
from common.service import LoopEnded, Running, Service, keys_of
from common.settings import ServiceSettings
from common.verify.command import verify
from common.web.application import create_application
from common.web.server import serve, server
from common.web.watching import served, worker_face

_log = structlog.get_logger(__name__)
_END_SECONDS = 6
"""For running requests; the rest of the ten seconds that we have is for what comes after them."""


def main(service: Service) -> None:
    """Run one of the service's commands."""
    commands = typer.Typer(help=f"{service.title}: {service.description}", no_args_is_help=True, add_completion=False)

    @commands.command()
    def api(host: str = "0.0.0.0", port: Annotated[int, typer.Option(min=1, max=65535)] = 8000) -> None:  # noqa: S104 - a container's only face
        """Answer requests."""
        configure_logs(service.name)
        asyncio.run(_serve(service, host, port))

    @commands.command()
    def worker() -> None:
        """Publish, listen, reconcile, follow the clock, carry out jobs, remove what has expired. When one of these ends by itself, so does the process: status 1."""
        configure_logs(service.name)
        try:
            asyncio.run(_work(service))
        except LoopEnded:
            raise typer.Exit(1) from None  # the log says which, and why

    @commands.command()
    def republish() -> None:
        """Publish all that the service owns again, in a new epoch: after a restore, api and workers stopped."""
        configure_logs(service.name)
        asyncio.run(_republish(service))

    @commands.command("verify")
    def verify_(patience: Annotated[float, typer.Option(min=0, help="seconds that something may be on its way")] = 10.0) -> None:
        """Check that all is right and change nothing: status 0 when it is, 1 when something differs and is named, 2 when it could not be checked."""
        configure_logs(service.name, to=sys.stderr)
        raise typer.Exit(asyncio.run(verify(service, patience_seconds=patience, say=typer.echo)))

    @commands.command()
    def migrate() -> None:
        """Bring the database up to date."""
        configure_logs(service.name)
        settings = ServiceSettings()
        asyncio.run(upgrade(settings.database_url.get_secret_value(), service.migrations, keys=keys_of(settings)))

    commands()


async def _open(service: Service) -> Running:
    settings = ServiceSettings()
    tracing = traces.otlp(service.name, settings.otlp_endpoint) if settings.otlp_endpoint else None
    running = Running(service, settings, await open_bus(settings), tracing=tracing)
    await running.open()
    settle_collector()
    return running


async def _serve(service: Service, host: str, port: int) -> None:
    running = await _open(service)
    serves = server(create_application(running), host=host, port=port, ends_within_seconds=_END_SECONDS)
    async with _closing(running):
        await serve(serves, _told_to_end())


async def _work(service: Service) -> None:
    running = await _open(service)
    stop = _told_to_end()
    async with _closing(running), _watched(running):
        running.work()
        _log.info("at_work")
        attending, stopping = asyncio.create_task(running.attend()), asyncio.create_task(stop.wait())
        await asyncio.wait((attending, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in (attending, stopping):
            task.cancel()
    if not stop.is_set():
        await attending


def _told_to_end() -> asyncio.Event:
    """Is set by a signal; what is under way is then ended in order."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


async def _republish(service: Service) -> None:
    running = await _open(service)
    async with _closing(running):
        for topic, count in (await republishing.republish(running)).items():
            typer.echo(f"{topic}: {count}")


@asynccontextmanager
async def _watched(running: Running) -> AsyncIterator[None]:
    """Meanwhile whoever watches the worker is answered, where the settings say so."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(metrics.watched_event_loop(running.service.name))
        if (port := running.settings.worker_port) is not None:
            listening = stack.enter_context(socket.create_server(("", port)))
            await stack.enter_async_context(served(worker_face(running), listening))
        yield


@asynccontextmanager
async def _closing(running: Running) -> AsyncIterator[None]:
    """Whatever becomes of the one, the other is closed too."""
    try:
        yield
    finally:
        try:
            await running.close()
        finally:
            await running.bus.close()
            if running.tracing is not None:
                await asyncio.to_thread(running.tracing.shutdown)
