"""How every face is served: uvicorn, with a bound on how long and how large the head of a request may be, and orders for its end."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from common.web.problems import MEDIA_TYPE

_HEAD_SECONDS = 10.0
_LARGEST_HEAD = 64 * 1024


def server(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 8000, ends_within_seconds: int, has_lifespan: bool = True
) -> uvicorn.Server:
    """A server that is ready to be started. At its end running requests are finished, for so many seconds."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            http=BoundedProtocol,
            ws="none",
            lifespan="on" if has_lifespan else "off",
            timeout_graceful_shutdown=ends_within_seconds,
        )
    )


async def serve(server: uvicorn.Server, stop: asyncio.Event) -> None:
    """Until it is told to stop, or ends by itself: its port is taken.

    Signals are the caller's business: uvicorn's own way with them ends the process before anything else is closed.
    """
    serving, stopping = asyncio.create_task(server._serve()), asyncio.create_task(stop.wait())  # noqa: SLF001 - `serve` takes the signals
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's own waits for ever for the end of a head, and keeps whatever comes until then.

    A connection that has nothing to say is closed too: from its beginning, and between two requests, it has as long for the next head.
    """

    _head_deadline: asyncio.TimerHandle | None = None
    _head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if self._head_deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._expect_head()
        super().data_received(data)
        if self._head_deadline is not None:
            self._head_size += len(data)
            if self._head_size > _LARGEST_HEAD:
                self._hang_up(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "request-head-too-large", "请求头过大")

    def on_headers_complete(self) -> None:
        self._head_is_over()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_over()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_deadline = self.loop.call_later(_HEAD_SECONDS, self._too_slow)

    def _head_is_over(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
        self._head_deadline, self._head_size = None, 0

    def _too_slow(self) -> None:
        if self._head_size:
            self._hang_up(HTTPStatus.REQUEST_TIMEOUT, "request-head-too-slow", "请求头传送过慢")
        else:
            self._head_is_over()
            self.transport.close()

    def _hang_up(self, status: HTTPStatus, code: str, title: str) -> None:
        """Before there is a request there is no application that could answer."""
        self._head_is_over()
        if self.transport.is_closing():
            return
        told: dict[str, Any] = {"type": f"/problems/{code}", "title": title, "status": status, "code": code, "trace_id": ""}
        body = json.dumps(told, ensure_ascii=False).encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()
