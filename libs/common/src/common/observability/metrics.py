"""Figures for Prometheus. Labels are services, routes, topics and kinds: never ids."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
registry = CollectorRegistry()
"""Of this process; several services in one process are told apart by their label."""

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BEAT_SECONDS = 0.5

requests = Histogram(
    "craftport_request_seconds", "Answering a request", ("service", "method", "route", "status"), registry=registry, buckets=_FAST
)
event_loop_lag = Gauge("craftport_event_loop_lag_seconds", "How late the event loop is", ("service",), registry=registry)
outbox_depth = Gauge("craftport_outbox_depth", "Events that are committed and not yet on the bus", ("service",), registry=registry)
published = Counter("craftport_published_events", "Events handed to the bus", ("service", "topic"), registry=registry)
backlog = Gauge("craftport_backlog", "Messages on the bus that are not yet applied", ("service", "topic"), registry=registry)
facts = Counter("craftport_facts", "Messages heard, by what became of them", ("service", "topic", "outcome"), registry=registry)
dead_letters = Gauge("craftport_dead_letters", "Messages that wait for a person", ("service", "topic"), registry=registry)
dossiers = Gauge("craftport_dossiers", "Dossiers, by kind and by what they wait for", ("service", "kind", "state"), registry=registry)
reconciled = Counter("craftport_reconciled_dossiers", "Dossiers recomputed", ("service", "kind"), registry=registry)
reconciliation = Histogram(
    "craftport_reconciliation_seconds", "Recomputing one batch of dossiers", ("service", "kind"), registry=registry, buckets=_FAST
)


def exposition() -> bytes:
    """All figures as Prometheus reads them (`CONTENT_TYPE`)."""
    return generate_latest(registry)


async def watch_event_loop(service: str) -> None:
    """Measure, until cancelled, how much later than asked the loop wakes us."""
    lag = event_loop_lag.labels(service)
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(_BEAT_SECONDS)
        lag.set(max(0.0, time.perf_counter() - asked - _BEAT_SECONDS))
