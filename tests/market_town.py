"""A town in which every scheme is lived over REST, on either bus: all five services in one process, and a few words to tell its stories."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
from desk import SERVICES, free_port

from city.agency import Agency
from city.identities import number_of, uscc
from common.bus.cluster import Cluster
from common.bus.kafka import KafkaBus
from common.bus.protocol import Bus
from common.bus.topics import declare_topics, read_topics
from common.one_process import OneProcess, one_process
from common.security.issuer import Account
from common.security.principal import Role
from common.waking import rung

OPENING = date(2018, 6, 1)
WELDER = "2015:6-18-02-04"
_PATIENCE_SECONDS = 60
TOPICS = Path(__file__).parents[1] / "deploy/kafka/topics.yaml"


@dataclass
class Town:
    """The officer acts unless another agency is asked for. Nothing is shared between two stories but the registers and the day."""

    running: OneProcess
    client: httpx2.AsyncClient
    officer: Agency
    _agencies: dict[str, Agency] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def agency(self, user: str) -> Agency:
        """Another official: `clerk`, `auditor`, a second officer."""
        if user not in self._agencies:
            self._agencies[user] = Agency(self.client, user)
            await self._agencies[user].log_in()
        return self._agencies[user]

    async def person(self, *, area_code: str = "320582", elsewhere_before: bool | None = None, born: date = date(1990, 1, 1)) -> str:
        """Somebody new, with registered residence in that area since he was born; the id."""
        body = {
            "id_number": number_of(born, next(self._numbers)),
            "name": "示例人员",
            "hukou": [{"area_code": area_code, "first_on": born.isoformat()}],
            "elsewhere_before": elsewhere_before,
        }
        return await self.made("/registry/v1/people", body)

    async def organisation(self, kind: str = "ENTERPRISE", *, area_code: str = "320582103") -> str:
        """Somebody who employs, trains or teaches there, since 2010; the id."""
        nth = next(self._numbers)
        span = {"kind": kind, "area_code": area_code, "is_locally_registered": area_code.startswith("320582"), "first_on": "2010-03-01"}
        return await self.made("/registry/v1/organisations", {"uscc": uscc("91", 7000 + nth), "name": f"示例单位{nth}", "spans": [span]})

    async def employed(self, person: str, organisation: str, since: str, until: str | None = None) -> str:
        """By contract; the employment's id."""
        body = {
            "person_id": person, "organisation_id": organisation, "kind": "CONTRACT", "started_on": since, "ended_on": until,
            "evidence": "CONTRACT",
        }  # fmt: skip
        return await self.made("/registry/v1/employments", {name: value for name, value in body.items() if value is not None})

    async def made(self, path: str, body: dict[str, Any]) -> str:
        """The id of what is entered."""
        return str((await self.officer.create(path, body))["id"])

    async def act(self, path: str, verb: str, **body: Any) -> dict[str, Any]:
        """Do something to what stands under the path, as it stands now."""
        held = await self.officer.get(path)
        return await self.officer.act(f"{path}:{verb}", held["version"], body or None)

    async def decide(self, **figures: Any) -> None:
        """Figures by `<scheme-id>.<name>` that no paper had set, for all that has happened: proposed, seen to the fen, decided by another."""
        self.running.issuer.accounts.setdefault("another-officer", Account("another-officer", Role.OFFICER))
        paper = {"effective_from": "2015-01-01", "replaces": "2015-01-01", "paper": "张人社〔2018〕40号"}
        body = {"figures": [{"parameter": name, "value": value} | paper for name, value in figures.items()], "reason": "奖励办法已公布"}
        path = f"/awards/v1/parameter-proposals/{await self.made('/awards/v1/parameter-proposals', body)}"
        wake = self.running.services["awards"].committed.listen()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (preview := await self.officer.get(f"{path}/preview"))["state"] not in ("DONE", "FAILED"):
                await rung(wake, within_seconds=1.0)
                wake.clear()
        self.running.services["awards"].committed.forget(wake)
        assert preview["state"] == "DONE", preview
        other = await self.agency("another-officer")
        decided = await other.act(f"{path}:decide", (await other.get(path))["version"])
        assert decided["state"] == "IN_FORCE", decided

    async def day(self, day: date) -> None:
        """The day of all services moves on; a day that has come is left alone."""
        for service in SERVICES:
            now = await self.officer.get(f"/{service}/v1/operations/business-day")
            if date.fromisoformat(now["day"]) < day:
                await self.officer.create(f"/{service}/v1/operations/business-day:advance", {"day": day.isoformat()})

    async def settled(self) -> None:
        """Until nothing is on its way any more."""
        await self.officer.settled(SERVICES)

    async def owed(self, **asked: str) -> list[tuple[str, str, str]]:
        """(scheme, state, yuan due) of every entitlement of a `person_id` or a `payee_id`, once all is settled; in order."""
        await self.settled()
        return sorted(
            [(row["scheme"], row["state"], row["due"]["amount"]) async for row in self.officer.every("/awards/v1/entitlements", **asked)]
        )


@asynccontextmanager
async def open_town(directory: Path, *, kafka: str | None = None) -> AsyncIterator[Town]:
    """Start it under a directory, on the bus of its own database or on the Kafka of these servers."""
    async with AsyncExitStack() as stack:
        bus = await _kafka(kafka) if kafka else None
        if bus is not None:
            stack.push_async_callback(bus.close)
        running = await stack.enter_async_context(
            one_process(SERVICES, directory, first_day=OPENING, port=free_port(), durable=False, bus=bus)
        )
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=running.url, timeout=60))
        officer = Agency(client, "officer")
        await officer.log_in()
        town = Town(running, client, officer)
        await town.made("/certification/v1/occupations", {"occupation": WELDER, "name": "焊工"})
        await officer.create("/registry/v1/sources", {"kind": "EMPLOYMENT", "complete_since": "1990-01-01"})
        yield town


async def _kafka(servers: str) -> Bus:
    cluster = Cluster(servers)
    await declare_topics(cluster, read_topics(TOPICS))
    await cluster.close()
    return await KafkaBus.open(servers)
