"""Figures of a whole service for Prometheus, read from its database and its bus when they are asked for: every process tells the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from common.bus import dead_letters
from common.bus.backlog import backlog, by_topic
from common.bus.offsets import stopped_partitions

if TYPE_CHECKING:
    from common.service import Running

_log = structlog.get_logger(__name__)
_SECONDS = 5.0
_BUS_SECONDS = 2.0
_Values = dict[tuple[str, ...], float]
"""By the values of the labels."""
DOSSIERS = """
    WITH RECURSIVE known(kind) AS (
        SELECT min(kind) FROM dossier
        UNION ALL SELECT (SELECT min(d.kind) FROM dossier AS d WHERE d.kind > known.kind) FROM known WHERE kind IS NOT NULL),
    counted AS MATERIALIZED (
        SELECT kind,
            (SELECT count(*) FROM dossier AS d WHERE d.kind = known.kind AND dirty > clean) AS dirty,
            (SELECT count(*) FROM dossier AS d
             WHERE d.kind = known.kind AND dirty <= clean AND look_again_on <= (SELECT day FROM business_day)) AS due,
            (SELECT count(*) FROM dossier AS d WHERE d.kind = known.kind AND failed_reason IS NOT NULL) AS failed
        FROM known)
    SELECT kind, dirty + due AS waiting, failed FROM counted WHERE dirty + due + failed > 0 ORDER BY kind
"""
"""Each number is counted in an index of its own that holds only what is asked for; one question for all of it would read every dossier."""
OUTBOX = "SELECT count(*) AS depth, coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float8 AS age FROM outbox"

UNSEALED = """
    SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS age FROM (
        SELECT at FROM audit WHERE id > coalesce((SELECT audit_id FROM audit_seal ORDER BY seal_no DESC LIMIT 1), 0) ORDER BY id LIMIT 100000) AS waiting
"""
"""So many are counted and no more: while nobody seals, the question must not become expensive."""


async def exposition(running: Running) -> bytes:
    """As Prometheus reads them. A database or a bus that is away is a figure too, and what only it knows is absent."""
    figures = _Figures(running.service.name)
    try:
        async with asyncio.timeout(_SECONDS), running.database.raw_transaction() as connection:
            await _of_database(figures, connection)
            figures.gauge("database_up", "Whether the database answers", {(): 1})
            await _of_bus(figures, connection, running)
    except Exception as error:
        _log.warning("figures_unknown", error=type(error).__name__)
        figures = _Figures(running.service.name)
        figures.gauge("database_up", "Whether the database answers", {(): 0})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    return generate_latest(registry)


async def _of_database(figures: _Figures, connection: asyncpg.Connection) -> None:
    outbox = await connection.fetchrow(OUTBOX)
    figures.gauge("outbox_depth", "Events that are committed and not yet on the bus", {(): outbox["depth"]})
    figures.gauge("outbox_age_seconds", "How long the oldest of them has waited", {(): max(0.0, outbox["age"])})
    published = await connection.fetch("SELECT topic, events FROM published")
    figures.counter("published_events", "Events handed to the bus", ("topic",), {(row["topic"],): row["events"] for row in published})
    heard = await connection.fetch("SELECT topic, applied, superseded, duplicate FROM fact_count")
    outcomes: _Values = {(row["topic"], outcome): row[outcome] for row in heard for outcome in ("applied", "superseded", "duplicate")}
    figures.counter("facts", "Messages heard, by what became of them", ("topic", "outcome"), outcomes)
    letters = await dead_letters.counts(connection)
    figures.gauge("dead_letters", "Messages that wait for a person", {(topic,): dead for topic, (dead, _) in letters.items()}, ("topic",))
    waiting = await connection.fetch(DOSSIERS)
    states: _Values = {(row["kind"], state): row[state] for row in waiting for state in ("waiting", "failed")}
    figures.gauge("dossiers", "Dossiers that wait, and those of them that failed", states, ("kind", "state"))
    audit = await connection.fetchrow(UNSEALED)
    figures.gauge("audit_unsealed", "Audit rows since the last that was sealed", {(): audit["rows"]})
    figures.gauge("audit_unsealed_age_seconds", "How long the oldest of them has waited", {(): max(0.0, audit["age"])})
    samples = await connection.fetch("SELECT kind, looked_at, differing FROM recomputation")
    looked: _Values = {(row["kind"],): row["looked_at"] for row in samples}
    figures.counter("recomputed_dossiers", "Dossiers recomputed as samples", ("kind",), looked)
    differing: _Values = {(row["kind"],): row["differing"] for row in samples}
    figures.counter("recomputed_differing", "Those of them that were not as they must be", ("kind",), differing)
    jobs = await connection.fetch("SELECT kind, state, count(*) AS number FROM job GROUP BY kind, state")
    figures.gauge("jobs", "Imports, by how far they are", {(row["kind"], row["state"]): row["number"] for row in jobs}, ("kind", "state"))


async def _of_bus(figures: _Figures, connection: asyncpg.Connection, running: Running) -> None:
    stopped = Counter(partition.topic for partition in await stopped_partitions(connection, running.facts.bus_id, running.facts.group))
    figures.gauge("stopped_partitions", "Partitions that stand still", {(topic,): number for topic, number in stopped.items()}, ("topic",))
    try:
        async with asyncio.timeout(_BUS_SECONDS):
            waiting = by_topic(await backlog(connection, running.bus, running.facts), datetime.now(UTC))
    except Exception as error:
        _log.warning("backlog_unknown", error=type(error).__name__)
        figures.gauge("bus_up", "Whether the bus answers", {(): 0})
        return
    figures.gauge("bus_up", "Whether the bus answers", {(): 1})
    unread: _Values = {(topic,): number for topic, (number, _) in waiting.items()}
    figures.gauge("backlog", "Messages on the bus that are not yet applied", unread, ("topic",))
    behind: _Values = {(topic,): seconds for topic, (_, seconds) in waiting.items() if seconds is not None}
    figures.gauge("backlog_age_seconds", "How old the newest event is that was applied, where messages wait", behind, ("topic",))


class _Figures(Collector):
    """What was read, under the service's label."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._metrics: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        return self._metrics

    def gauge(self, name: str, meaning: str, values: _Values, labels: tuple[str, ...] = ()) -> None:
        metric = GaugeMetricFamily(f"craftport_{name}", meaning, labels=("service", *labels))
        self._add(metric, values)

    def counter(self, name: str, meaning: str, labels: tuple[str, ...], values: _Values) -> None:
        metric = CounterMetricFamily(f"craftport_{name}", meaning, labels=("service", *labels))
        self._add(metric, values)

    def _add(self, metric: GaugeMetricFamily | CounterMetricFamily, values: _Values) -> None:
        for named, value in sorted(values.items()):
            metric.add_metric((self._service, *named), value)
        self._metrics.append(metric)
