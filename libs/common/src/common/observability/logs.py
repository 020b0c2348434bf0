"""Logs: one JSON object a line, on standard output unless told otherwise, whoever logs, structlog or the standard library, redacted in one place."""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from opentelemetry import trace

from common.calendar.days import shanghai_now
from common.observability.redaction import redactor


def configure_logs(service: str, *, level: str = "INFO", to: TextIO | None = None) -> None:
    """Set up logging of this process. Logs carry the service, the time of the city and the trace."""
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _at(service),
        _trace,
        structlog.processors.format_exc_info,
        redactor,
    ]
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(to or sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # The servers' access log writes whole URLs, the SQL log whole statements: our own request log has what is needed.
    for noisy in ("uvicorn.access", "sqlalchemy.engine", "aiokafka", "httpx2", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _at(service: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["at"] = shanghai_now().isoformat(timespec="milliseconds")
        event.setdefault("service", service)
        return event

    return add


def _trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event
