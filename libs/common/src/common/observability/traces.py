"""Traces: OpenTelemetry spans whose queries, exception texts and attributes are redacted before they leave the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status

from common.observability.redaction import REDACTED, redact, redact_text

_WHOLE = frozenset({"url.query"})
_WITH_QUERY = frozenset({"http.url", "http.target", "url.full"})


class RedactingExporter(SpanExporter):
    """Hands redacted copies to another exporter."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_redacted(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def tracer_provider(service: str, exporter: SpanExporter) -> TracerProvider:
    """A provider whose spans reach `exporter` redacted, in batches."""
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.namespace": "craftport"}))
    provider.add_span_processor(BatchSpanProcessor(RedactingExporter(exporter)))
    return provider


def _redacted(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=redact_text(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_attributes(span.attributes),
        events=[Event(redact_text(event.name), _attributes(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code, redact_text(span.status.description) if span.status.description else None),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _attributes(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: _attribute(key, value) for key, value in (attributes or {}).items()}


def _attribute(key: str, value: Any) -> Any:
    if key in _WHOLE:
        return REDACTED
    if key in _WITH_QUERY:
        address, question, _ = str(value).partition("?")
        return redact_text(address) + (question and f"?{REDACTED}")
    return redact(value, key=key)
