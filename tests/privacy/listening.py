"""Listening to everything that leaves a running city: logs, traces, addresses and answers."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common.observability.logs import configure_logs
from common.observability.traces import tracer_provider
from common.testing.logs import logs_as_before


@dataclass
class Heard:
    """What came out of each channel, as one text each."""

    _lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def hear(self, channel: str, *lines: str) -> None:
        self._lines[channel] += lines

    def items(self) -> Iterator[tuple[str, str]]:
        return ((channel, "\n".join(lines)) for channel, lines in self._lines.items())

    def listen_to(self, client: httpx2.AsyncClient) -> None:
        """Every address that it asks, and every refusal that it gets."""

        async def asked(request: httpx2.Request) -> None:
            self.hear("addresses", str(request.url))

        async def answered(answer: httpx2.Response) -> None:
            if answer.status_code >= 400:
                await answer.aread()
                self.hear("problems", answer.text, *(f"{name}: {value}" for name, value in answer.headers.items()))

        client.event_hooks = {"request": [asked], "response": [answered]}


@contextmanager
def logs() -> Iterator[io.StringIO]:
    """Every line that any logger of this process writes, as the services are set up."""
    written = io.StringIO()
    with logs_as_before():
        configure_logs("city", to=written)
        yield written


@contextmanager
def traces() -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    """Where services send their spans, and every span as it leaves the process."""
    exporter = InMemorySpanExporter()
    provider = tracer_provider("city", exporter)
    try:
        yield provider, exporter
    finally:
        provider.shutdown()


class Planted:
    """What must be found nowhere, in any of the ways in which it could be written."""

    def __init__(self, numbers: Sequence[str], names: Sequence[str]) -> None:
        self._numbers = frozenset(number.upper() for number in numbers)
        self._lengths = sorted({len(number) for number in self._numbers})
        self._masked = frozenset((number[:6], number[-4:]) for number in self._numbers if len(number) == 18)
        self._names = frozenset(names)

    def in_(self, text: str) -> set[str]:
        """The planted values that a text holds."""
        upper = text.upper()
        without_separators = re.sub(r"(?<=[0-9])[ \-·](?=[0-9X])", "", upper)
        found = {number for each in (upper, without_separators) for number in self._runs(each)}
        found |= {f"{begun}…{end}" for begun, end in re.findall(r"(\d{6})\*+(\d{3}[\dX])", upper) if (begun, end) in self._masked}
        found |= {number for number in self._numbers if number.encode().hex().upper() in upper} if len(text) < 1_000_000 else set()
        words = set(re.findall(r"[^\x00-\u00b6\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]{2,}", text))
        return found | {name for word in words for name in self._names if name in word}

    def _runs(self, text: str) -> Iterator[str]:
        for run in set(re.findall(r"[0-9A-Z]{11,}", text)):
            for length in self._lengths:
                for at in range(len(run) - length + 1):
                    if (piece := run[at : at + length]) in self._numbers:
                        yield piece
