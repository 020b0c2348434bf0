"""A request and the events that follow from it are one story: the act's span, and a span for the batch that links to it."""

import gzip
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

from lending.app import TODAY, lending
from lending.desk import lent, outgoing
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common.bus.postgres import PostgresBus
from common.bus.protocol import Message, Partition
from common.database.embedded import EmbeddedPostgres
from common.observability.traces import applying, otlp, tracer_provider
from common.testing.at_work import AtWork, at_work
from common.testing.until import until

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRET = "320599197001010011"


async def test_a_request_is_a_span_of_the_callers_trace_and_hands_itself_on(postgres: EmbeddedPostgres) -> None:
    exporter = InMemorySpanExporter()
    tracing = tracer_provider("lending", exporter)
    async with at_work(lending(), postgres, first_day=TODAY, tracing=tracing) as service:
        body = {"name": "红楼梦", "shelf": "A1"}
        answer = await service.call("POST", "/lending/v1/books", who="clerk", json=body, headers={"traceparent": GIVEN})
        await service.call("GET", f"/lending/v1/books?shelf={SECRET}")
        await service.call("GET", "/lending/health/live")
        rows = await told(service)
    tracing.force_flush()
    spans = exporter.get_finished_spans()

    act, reading = (next(span for span in spans if span.name.startswith(method)) for method in ("POST", "GET"))
    assert trace.format_trace_id(act.get_span_context().trace_id) == GIVEN.split("-")[1]
    assert answer.headers["traceparent"] == as_parent(act)
    assert rows == [as_parent(act)], "the event bears the act's span"
    assert SECRET not in reading.to_json()
    assert "shelf=" not in reading.to_json()
    assert not [span for span in spans if "health" in span.to_json()]


async def test_a_batch_is_a_span_that_links_to_the_acts_its_events_come_from(postgres: EmbeddedPostgres) -> None:
    exporter = InMemorySpanExporter()
    tracing = tracer_provider("lending", exporter)
    async with at_work(lending(), postgres, first_day=TODAY, tracing=tracing) as service:
        events = [outgoing(lent("ann"), headers={"traceparent": given}) for given in (GIVEN, GIVEN, "garbled", None)]
        await service.running.bus.publish(events)

        async def is_told() -> bool:
            tracing.force_flush()
            return sum(int(str((span.attributes or {})["messaging.batch.message_count"])) for span in batches(exporter)) == 4

        await until(is_told)

    links = [link.context for span in batches(exporter) for link in span.links]
    assert {(trace.format_trace_id(c.trace_id), trace.format_span_id(c.span_id)) for c in links} == {tuple(GIVEN.split("-")[1:3])}


def test_spans_reach_a_collector_without_what_exceptions_say() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, gzip.decompress(body) if (body := self._body())[:2] == b"\x1f\x8b" else body))
            self.send_response(200)
            self.end_headers()

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["content-length"]))

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tracing = otlp("lending", f"http://127.0.0.1:{server.server_port}/")
    with suppress(ValueError), tracing.get_tracer("test").start_as_current_span("an act that fails"):
        raise ValueError(f"a row of {SECRET} and of somebody")
    tracing.shutdown()
    server.shutdown()
    server.server_close()

    ((path, body),) = received
    assert path == "/v1/traces"
    assert all(word in body for word in (b"an act that fails", b"lending", b"ValueError"))
    assert not any(word in body for word in (SECRET.encode(), b"somebody"))


def test_where_traces_are_off_nothing_is_looked_at() -> None:
    class Unlooked(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            raise AssertionError(key)

    with applying(None, "lending", [Message(Partition("a", "b", 0), 0, "", Unlooked(), b"")]):
        assert not trace.get_current_span().get_span_context().is_valid


def batches(exporter: InMemorySpanExporter) -> Sequence[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == "apply facts"]


def as_parent(span: ReadableSpan) -> str:
    context = span.get_span_context()
    return f"00-{trace.format_trace_id(context.trace_id)}-{trace.format_span_id(context.span_id)}-01"


async def told(service: AtWork) -> list[str]:
    """What the events of lending's own topic bear."""
    bus = service.running.bus
    assert isinstance(bus, PostgresBus)

    async def is_published() -> bool:
        return any((await bus.ends(("lending.book",))).values())

    await until(is_published)
    rows = await bus._pool.fetch("SELECT headers::jsonb ->> 'traceparent' AS parent FROM log JOIN log_partition USING (topic_id, number)")
    return [row["parent"] for row in rows]
