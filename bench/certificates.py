"""Certificates to reconciled entitlements: facts, reconciliation, grounds, decisions and events, on real PostgreSQL in one process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from awards.app import service
from common.bus.event import Event
from common.bus.facts import Heard
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from contracts import certification, registry, training
from contracts.fact import Fact

WELDER = "2015:6-18-02-04"
BATCH = 1000


def _heard(fact: Fact) -> Heard:
    event = Event(
        id=uuid7(), type=fact.event_type(fact.verbs[0]), topic=fact.topic, key=fact.key, aggregate_id=fact.id, epoch=1, version=1,
        recorded_at=datetime.now(UTC), cause="bench", bulk=False, data=fact.model_dump_json().encode(),
    )  # fmt: skip
    return Heard(event, fact)


async def _apply(bench: AtWork, facts: list[Fact]) -> None:
    heard = [_heard(fact) for fact in facts]
    for at in range(0, len(heard), BATCH):
        async with bench.running.database.transaction() as session:
            await bench.running.facts.keep(await raw(session), heard[at : at + BATCH])


def _registers(base: UUID) -> tuple[training.TrainingClass, list[Fact]]:
    course = training.TrainingClass(
        id=uuid7(), number="B-1", kind=training.ClassKind.SHORTAGE, organiser_id=base, occupation=WELDER, level_code=3,
        starts_on=date(2018, 3, 1), ends_on=date(2018, 5, 1), state=training.ClassState.COMPLETED,
    )  # fmt: skip
    mandate = training.Mandate(
        id=uuid7(),
        organisation_id=base,
        occupation=WELDER,
        level_code=3,
        catalogue_year=2018,
        valid_from=date(2018, 1, 1),
        valid_to=date(2018, 12, 31),
    )
    entries = (training.CatalogueEntry(occupation=WELDER, level_codes=(3,)),)
    catalogue = training.Catalogue(id=uuid7(), year=2018, entries=entries, in_force_from=date(2018, 1, 1), paper_number="1")
    return course, [course, mandate, catalogue]


async def _measure(server: EmbeddedPostgres, persons: int) -> dict[str, float]:
    async with at_work(service, server, first_day=date(2018, 12, 1), worker=False) as bench:
        course, registers = _registers(uuid7())
        people = [registry.Person(id=uuid7(), birth_month="1990-01") for _ in range(persons)]
        await _apply(bench, [*registers, *people])
        await bench.running.reconciler().until_clean()
        certificates: list[Fact] = [
            certification.Certificate(
                id=uuid7(), person_id=person.id, occupation=WELDER, level_code=3, mode=certification.EvaluationMode.SOCIAL_APPRAISAL,
                kind=certification.CertificateKind.SKILL_LEVEL, issued_on=date(2018, 5, 20), body_id=uuid7(), class_id=course.id,
            )
            for person in people
        ]  # fmt: skip
        began = time.perf_counter()
        await _apply(bench, certificates)
        heard = time.perf_counter()
        await bench.running.reconciler().until_clean()
        ended = time.perf_counter()
        async with bench.running.database.transaction() as session:
            due = await (await raw(session)).fetchval("SELECT count(*) FROM entitlement WHERE state = 'DUE' AND due_fen = 100000")
        if due != persons:
            raise AssertionError(f"{due} of {persons} certificates became money")
    return {
        "facts, events/s": persons / (heard - began),
        "reconciliation, dossiers/s": persons / (ended - heard),
        "certificates to entitlements, one process, no relay, per second": persons / (ended - began),
    }


def measure(persons: int, repeats: int) -> list[dict[str, float]]:
    """One reading for each repeat."""
    with tempfile.TemporaryDirectory(prefix="craftport-bench-") as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.start()
        try:
            return [asyncio.run(_measure(server, persons)) for _ in range(repeats)]
        finally:
            server.remove()
