"""From a certificate's POST to its entitlement in awards, read with `?after=`: on the embedded bus, and on Apache Kafka where there is one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from figures import Figure, percentile, postgres
from population import TODAY, WELDER, Registers, people
from uuid_utils.compat import uuid7

from awards.app import service as awards_service
from certification.app import service as certification_service
from common.bus.cluster import Cluster
from common.bus.kafka import KafkaBus
from common.bus.postgres import PostgresBus
from common.bus.protocol import Bus
from common.bus.topics import declare_topics, read_topics
from common.collector import settle_collector
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import AtWork, at_work
from common.testing.kafka import NoBroker, kafka_broker
from common.testing.postgres import fresh_database
from common.testing.telling import Teller

TOPICS = Path(__file__).parents[1] / "deploy/kafka/topics.yaml"
OTHERS_SECONDS = 0.2
"""Somebody else issues a certificate as often: the light load."""


@dataclass
class City:
    """Certification and awards at work on one bus, and what a certificate needs to become money."""

    certification: AtWork
    awards: AtWork
    registers: Registers

    async def issue(self, person: UUID) -> str:
        """POST a certificate; the token of the write."""
        answer = await self.certification.call(
            "POST",
            "/certification/v1/certificates",
            json={
                "number": uuid4().hex[:20].upper(), "person_id": str(person), "occupation": WELDER, "level_code": 3, "issued_on": "2018-05-20",
                "body_id": str(self.registers.base), "class_id": str(self.registers.shortage),
            },
        )  # fmt: skip
        if answer.status_code != 201:
            raise AssertionError(answer.text)
        return answer.headers["Consistency-Token"]

    async def seconds_to_money(self, person: UUID) -> float:
        """From before the POST until the answer that shows the entitlement."""
        began = time.perf_counter()
        token = await self.issue(person)
        answer = await self.awards.call("GET", f"/awards/v1/entitlements?person_id={person}&after={token}")
        seconds = time.perf_counter() - began
        if "DUE" not in {row["state"] for row in answer.json()["items"]}:
            raise AssertionError(f"no money: {answer.text}")
        return seconds

    async def issue_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(OTHERS_SECONDS)
            await self.issue(uuid7())


@asynccontextmanager
async def city(server: EmbeddedPostgres, bus: Bus) -> AsyncIterator[City]:
    async with AsyncExitStack() as stack:
        certification, awards = [
            await stack.enter_async_context(at_work(service, server, first_day=TODAY, bus=bus))
            for service in (certification_service, awards_service)
        ]
        registers = Registers()
        await Teller(awards).tell(*registers.facts())
        await certification.call("POST", "/certification/v1/occupations", json={"occupation": WELDER, "name": "焊工"})
        yield City(certification, awards, registers)


async def _sample(server: EmbeddedPostgres, bus: Bus, samples: int) -> list[float]:
    async with city(server, bus) as made:
        known = list(people(made.registers, samples))
        await Teller(made.awards).tell(*(fact for person in known for fact in person.facts))
        settle_collector()
        others = asyncio.create_task(made.issue_now_and_then())
        await made.seconds_to_money(uuid7())
        readings = [await made.seconds_to_money(person.id) for person in known]
        others.cancel()
        with suppress(asyncio.CancelledError):
            await others
        return readings


async def _embedded(server: EmbeddedPostgres, samples: int) -> list[float]:
    async with fresh_database(server, "bus") as url:
        bus = await PostgresBus.open(url)
        try:
            return await _sample(server, bus, samples)
        finally:
            await bus.close()


async def _kafka(server: EmbeddedPostgres, servers: str, samples: int) -> list[float]:
    cluster = Cluster(servers)
    await declare_topics(cluster, read_topics(TOPICS))
    await cluster.close()
    bus = await KafkaBus.open(servers)
    try:
        return await _sample(server, bus, samples)
    finally:
        await bus.close()


def _figures(readings: list[float], bus: str, **targets: float) -> list[Figure]:
    return [
        Figure(f"certificate POST to entitlement, {bus}, {name}, ms", percentile(readings, share) * 1e3, at_most=targets.get(name))
        for name, share in (("p50", 0.5), ("p99", 0.99))
    ]


def measure(*, samples: int, kafka: bool) -> list[Figure]:
    """Of so many certificates; Kafka's figures only where a broker can be had."""
    with postgres() as server:
        figures = _figures(asyncio.run(_embedded(server, samples)), "embedded bus", p50=50, p99=150)
        if not kafka:
            return figures
        try:
            with kafka_broker() as broker:
                return figures + _figures(asyncio.run(_kafka(server, broker.servers, samples)), "Kafka")
        except NoBroker as error:
            print(f"not measured on Kafka: {error}")
            return figures


if __name__ == "__main__":
    for figure in measure(samples=300, kafka=True):
        print(figure.name, figure.measured, figure.verdict)
