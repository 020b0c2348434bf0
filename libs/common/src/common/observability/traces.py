"""Traces: OpenTelemetry spans whose queries, exception texts and attributes are redacted before they leave the process."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from common.bus.protocol import Message
from common.observability.redaction import REDACTED, redact, redact_text

_WHOLE = frozenset({"url.query", "exception.message", "exception.stacktrace"})
_PROPAGATOR = TraceContextTextMapPropagator()
_LINKS = 100
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


def otlp(service: str, endpoint: str) -> TracerProvider:
    """A provider whose spans go to a collector by OTLP over HTTP."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - its libraries only where traces are on

    return tracer_provider(service, OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"))


def applying(provider: TracerProvider | None, group: str, messages: Sequence[Message]) -> AbstractContextManager[object]:
    """A span for a batch of events, linked to the acts that they come from; nothing where traces are off."""
    if provider is None:
        return nullcontext()
    parents = dict.fromkeys(message.headers["traceparent"] for message in messages if "traceparent" in message.headers)
    origins = (trace.get_current_span(_PROPAGATOR.extract({"traceparent": parent})).get_span_context() for parent in parents)
    return provider.get_tracer(__name__).start_as_current_span(
        "apply facts",
        kind=trace.SpanKind.CONSUMER,
        links=[trace.Link(origin) for origin in itertools.islice((each for each in origins if each.is_valid), _LINKS)],
        attributes={"messaging.consumer.group.name": group, "messaging.batch.message_count": len(messages)},
    )


def current_trace_parent() -> str | None:
    """The span under way, as it is handed on; None where traces are off."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{trace.format_trace_id(context.trace_id)}-{trace.format_span_id(context.span_id)}-{context.trace_flags:02x}"


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
        status=Status(span.status.status_code),  # its description is the exception's text
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
