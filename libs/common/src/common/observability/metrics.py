"""Figures of this process for Prometheus. Labels are services, routes, topics and kinds: never ids. Those of a whole service: `figures`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
registry = CollectorRegistry()
"""Of this process; several services in one process are told apart by their label."""

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MANY = (1, 2, 5, 10, 25, 50, 100, 250, 500)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_BEAT_SECONDS = 0.5

requests = Histogram(
    "craftport_request_seconds", "Answering a request", ("service", "method", "route", "status"), registry=registry, buckets=_FAST
)
requests_at_work = Gauge(
    "craftport_requests_at_work", "Requests that have a place and are worked on", ("service", "line"), registry=registry
)
requests_waiting = Gauge("craftport_requests_waiting", "Requests that wait for a place", ("service", "line"), registry=registry)
requests_refused = Counter(
    "craftport_requests_refused", "Requests refused before anything was done, by the problem's code", ("service", "code"), registry=registry
)
event_loop_lag = Histogram(
    "craftport_event_loop_lag_seconds", "How much later than asked the event loop wakes", ("service",), registry=registry, buckets=_FAST
)
relay_batch = Histogram(
    "craftport_relay_batch_events", "Events that the relay hands to the bus at once", ("service",), registry=registry, buckets=_MANY
)


def answered(service: str, method: str, route: str | None, status: int, seconds: float) -> None:
    """A request. `route` is the template behind the service's own prefix; what belongs to none, and methods that callers make up, have one label each."""
    requests.labels(service, method if method in _METHODS else "other", route or "none", str(status)).observe(seconds)


def exposition() -> bytes:
    """The figures of this process as Prometheus reads them (`CONTENT_TYPE`)."""
    return generate_latest(registry)


@asynccontextmanager
async def watched_event_loop(service: str) -> AsyncIterator[None]:
    """Meanwhile the lag of the event loop is measured."""
    watching = asyncio.create_task(watch_event_loop(service))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def watch_event_loop(service: str) -> None:
    """Measure, until cancelled, how much later than asked the loop wakes us."""
    lag = event_loop_lag.labels(service)
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(_BEAT_SECONDS)
        lag.observe(max(0.0, time.perf_counter() - asked - _BEAT_SECONDS))
