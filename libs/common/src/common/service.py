"""What a service declares (`Service`), and one that is at work (`Running`): database, bus, relay, consumer, reconcilers, clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import structlog
from fastapi import APIRouter
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import MetaData

from common.audit.heads import HeadFiles
from common.audit.seal import AuditKeys
from common.audit.sealer import Sealer
from common.bus.consumer import Consumer
from common.bus.facts import Facts
from common.bus.hearing import Hearing
from common.bus.protocol import Bus
from common.bus.relay import Relay
from common.bus.replicas import Replica
from common.calendar.business_day import BusinessDay
from common.database.engine import Database
from common.database.migrations import upgrade
from common.files.importing import FileImport
from common.files.jobs import Jobs
from common.observability import metrics
from common.reconciling.dossier import Dossier, Dossiers, FanOut
from common.reconciling.reconciler import Reconciler
from common.security.access import Access
from common.security.client import ClientCredentials, ServiceClient
from common.security.encryption import BlindIndex, FieldCipher, Keys
from common.settings import ClockKind, ServiceSettings
from common.verify.check import Check, Inspected
from common.verify.recomputed import Recomputed
from common.verify.sampling import Sampling
from common.waking import Bell
from common.web.tasks import Task
from common.work import Aggregate, Works
from common.work.expiry import Expiry
from common.work.own import OwnFact, OwnMarks

_log = structlog.get_logger(__name__)
Equip = Callable[["Running"], Awaitable[Any]]


class LoopEnded(RuntimeError):
    """A loop of a worker has ended by itself: what it does is no longer done, and only a new process does it again."""


def _no_checks(_: Inspected) -> Iterable[Check]:
    """A service of which nothing is to be verified but what holds for every service."""
    return ()


def keys_of(settings: ServiceSettings) -> Keys:
    """The keys for personal data that a service is told."""
    return Keys(FieldCipher.parse(settings.encryption_keys.get_secret_value()), BlindIndex.parse(settings.index_key.get_secret_value()))


def _no_loops(_: Running) -> Mapping[str, Coroutine[Any, Any, None]]:
    """A service whose workers do what all do."""
    return {}


async def _nothing(_: Running) -> None:
    """A service without equipment of its own."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Service:
    """A service as its `app.py` declares it, once: a table of contents."""

    name: str
    title: str
    description: str
    tables: MetaData
    migrations: Path
    access: Access
    routers: tuple[APIRouter, ...]
    publishes: tuple[type[Aggregate], ...] = ()
    """What it owns and others hear of."""
    tasks: tuple[Task, ...] = ()
    """What its operations are for, in the order of the pages; every tag of its routers is one."""
    example_ids: Mapping[str, str] = field(default_factory=dict)
    """By field name (`person_id`): the made-up id that the examples of all services use for it."""
    living: Mapping[str, str] = field(default_factory=dict)
    """By field name: a query for the id of a row of this service that may stand in its place."""
    own_facts: tuple[OwnFact, ...] = ()
    replicas: tuple[Replica, ...] = ()
    dossiers: tuple[Dossier | FanOut, ...] = ()
    imports: tuple[FileImport[Any], ...] = ()
    keeps_history: bool = False
    checks: Callable[[Inspected], Iterable[Check]] = _no_checks
    """What `verify` looks at besides what every service has."""
    equip: Equip = _nothing
    """Makes what this service alone needs (ciphers, clients, parameters); routes and reconcilers find it as `equipment`."""
    loops: Callable[[Running], Mapping[str, Coroutine[Any, Any, None]]] = _no_loops
    """What a worker of this service alone does besides, by name; each runs until it is cancelled."""


@dataclass
class Running:
    """A service at work in this process. `open` connects; `work` starts the loops of a worker; `close` ends all within seconds."""

    service: Service
    settings: ServiceSettings
    bus: Bus
    gateway: httpx2.AsyncClient | None = None
    """How other services are reached; by default over the network at the settings' gateway."""
    tracing: TracerProvider | None = None
    """Where spans of requests and events go; None: nowhere, at no cost. Whoever made it shuts it down."""
    committed: Bell = field(default_factory=Bell)
    """Rings after every commit of an act, a batch of facts or a reconciliation."""
    dropped: Bell = field(default_factory=Bell)
    """Rings when somebody has dropped a file: jobs listen."""
    equipment: Any = None
    consumer: Consumer | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _is_resting: bool = False
    _broken: asyncio.Event = field(default_factory=asyncio.Event)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        service = self.service
        self.database = Database(self.settings.database_url.get_secret_value(), connections=self.settings.database_connections)
        self.dossiers = Dossiers(service.dossiers)
        self.works = Works(self.database, OwnMarks(service.own_facts, self.dossiers), committed=self.committed)
        self.facts = Facts(
            self.database, service.replicas, self.dossiers, group=service.name, bus_id=self.bus.id, keeps_history=service.keeps_history
        )
        self.hearing = Hearing(service.replicas, (model.publishes.topic for model in service.publishes if model.publishes))
        self.keys = keys_of(self.settings)
        self.audit_keys = AuditKeys.parse(service.name, self.settings.audit_keys.get_secret_value())
        self.audit_heads = HeadFiles(self.settings.audit_heads, service.name) if self.settings.audit_heads else None
        self.business_day = BusinessDay(self.database, committed=self.committed)
        self._stack.push_async_callback(self.database.close)

    async def open(self) -> None:
        """Bring the database up to date, set the first business day, make the equipment."""
        await upgrade(self.settings.database_url.get_secret_value(), self.service.migrations, keys=self.keys)
        await self.business_day.begin(self.settings.first_business_day if self.settings.clock is ClockKind.MANUAL else None)
        self.equipment = await self.service.equip(self)

    def other_services(self) -> ServiceClient:
        """The other services behind the gateway, called as this service itself."""
        settings = self.settings
        client = self.gateway or httpx2.AsyncClient(base_url=settings.gateway_url, timeout=10)
        client.auth = ClientCredentials(f"{settings.issuer_url}/token", settings.client_id, settings.client_secret.get_secret_value())
        self._stack.push_async_callback(client.aclose)
        return ServiceClient(client)

    def reconciler(self) -> Reconciler:
        """One more reconciler; each is a loop of its own."""
        return Reconciler(
            self.database, self.dossiers, equipment=self.equipment, wake=self.committed.listen(), finished=self.committed.ring
        )

    def jobs(self) -> Jobs:
        """What carries out the files that were dropped."""
        return Jobs(
            self.service.imports,
            database=self.database,
            works=self.works,
            cipher=self.keys.cipher,
            equipment=self.equipment,
            dropped=self.dropped,
            progressed=self.committed,
        )

    def work(self) -> None:
        """Start what a worker does: publish, seal the audit, listen, reconcile and recompute samples, follow the clock, carry out jobs, remove what has expired."""
        self._is_resting = False
        sent = metrics.relay_batch.labels(self.service.name).observe
        relay = Relay(self.database, self.bus, wake=self.committed.listen(), sent=sent)
        sealer = Sealer(self.database, self.audit_keys, heads=self.audit_heads, wake=self.committed.listen())
        expiry = Expiry(self.database)
        loops: dict[str, Coroutine[Any, Any, None]] = {
            "relay": relay.run(),
            "sealer": sealer.run(),
            "jobs": self.jobs().run(),
            "expiry": expiry.run(),
        }
        loops |= self.service.loops(self)
        if self.service.replicas:
            self.consumer = Consumer(self.bus, self.facts, group=self.service.name, applied=self.committed.ring, tracing=self.tracing)
            loops["consumer"] = self.consumer.run()
        if self.service.dossiers:
            loops |= {f"reconciler {nth}": self.reconciler().run() for nth in range(1, self.settings.reconcilers + 1)}
            if (recomputed := self._recomputed()) is not None:
                loops["sampling"] = Sampling(self.database, recomputed).run()
        if self.settings.clock is ClockKind.REAL:
            loops["clock"] = self.business_day.follow()
        self._tasks = [asyncio.create_task(loop, name=f"{self.service.name} {name}") for name, loop in loops.items()]
        for task in self._tasks:
            task.add_done_callback(self._has_ended)

    def _recomputed(self) -> Recomputed | None:
        """The check of which samples are taken all the time; None when the service has none."""
        checks = self.service.checks(Inspected(self.service, self.settings, self.database))
        return next((check for check in checks if isinstance(check, Recomputed)), None)

    def _has_ended(self, loop: asyncio.Task[None]) -> None:
        """Nobody awaits a loop: its end is told here, and whoever attends hears of it."""
        error = None if loop.cancelled() else loop.exception()
        if self._is_resting and error is None:
            return
        _log.error("loop_ended", loop=loop.get_name(), exc_info=error)
        if not self._is_resting:
            self._broken.set()

    async def attend(self) -> None:
        """Until cancelled. Raises LoopEnded as soon as a loop has ended by itself."""
        await self._broken.wait()
        raise LoopEnded(", ".join(task.get_name() for task in self._tasks if task.done()))

    async def rest(self) -> None:
        """Stop the loops, each behind the batch that it has in hand. How one of them ends keeps no other from it."""
        self._is_resting = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def close(self) -> None:
        """Stop the loops, then disconnect, whatever happens meanwhile."""
        async with self._stack:
            await self.rest()
