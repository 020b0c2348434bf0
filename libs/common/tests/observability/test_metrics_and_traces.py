"""The loop's lag is real, traces leave redacted."""

import asyncio
import time
from contextlib import suppress

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common.observability import metrics
from common.observability.traces import tracer_provider

NUMBER = "11010519491231002X"


async def test_a_blocked_event_loop_shows_its_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_BEAT_SECONDS", 0.05)
    watch = asyncio.create_task(metrics.watch_event_loop("test"))
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 - blocking the loop is the point
    async with asyncio.timeout(5):
        while not _lag():  # noqa: ASYNC110 - a metric has no event
            await asyncio.sleep(0.01)
    assert _lag() > 0.2
    watch.cancel()


def _lag() -> float:
    return metrics.registry.get_sample_value("craftport_event_loop_lag_seconds_sum", {"service": "test"}) or 0.0


def test_traces_leave_without_queries_and_personal_data() -> None:
    exporter = InMemorySpanExporter()
    provider = tracer_provider("test", exporter)
    tracer = provider.get_tracer("test")
    with suppress(ValueError), tracer.start_as_current_span(f"GET /people/{NUMBER}") as span:
        span.set_attributes({"url.query": "after=x&name=y", "http.url": f"http://a/b?q={NUMBER}", "http.status_code": 500, "note": NUMBER})
        raise ValueError(f"row of {NUMBER}")
    provider.force_flush()
    provider.shutdown()
    (sent,) = exporter.get_finished_spans()
    assert NUMBER not in sent.to_json()
    assert "name=y" not in sent.to_json()
    attributes = dict(sent.attributes or {})
    assert attributes["http.status_code"] == 500
    assert attributes["http.url"] == "http://a/b?[redacted]"
    assert sent.events[0].attributes is not None
    assert sent.events[0].attributes["exception.type"] == "ValueError"
    assert "row of" not in sent.to_json(), "an exception's text may hold anything"
