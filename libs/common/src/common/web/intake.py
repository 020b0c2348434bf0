"""The way in of every request: its body within bounds and in time, then a place among those at work; or a refusal in the application's stead."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.observability import metrics
from common.refusal import Refusal, Unavailable
from common.settings import Limits
from common.web.bodies import Body
from common.web.line import Line, Turn
from common.web.problems import problem

_LONGEST_PAUSE_SECONDS = 30.0
"""Of who reads a long answer: meanwhile he holds a place and a connection to the database."""
_WATCHING = ("health", "metrics")


class BrokenOff(Unavailable):
    """The process ends. The act is rolled back whole, unless it was being committed at this very moment."""

    title = "服务正在停止，未等到办理结果，请稍后用同一个 Idempotency-Key 重试"


class Intake:
    """A place is taken when the body is whole: who is slow in speaking holds nobody up. Who watches the service has a line of his own."""

    def __init__(self, app: ASGIApp, *, service: str, limits: Limits) -> None:
        self._app, self._service = app, service
        self._line = Line(service, "callers", at_work=limits.at_work, waiting=limits.waiting, wait_seconds=limits.wait_seconds)
        self._watching = Line(service, "watchers", at_work=2, waiting=8, wait_seconds=limits.wait_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        line = self._watching if scope["path"].split("/")[2:3] in ([word] for word in _WATCHING) else self._line
        await _Entering(scope, receive, send, line, self._service).through(self._app)


class _Entering:
    """One request on its way in."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, line: Line, service: str) -> None:
        self._scope, self._send, self._line, self._service = scope, send, line, service
        self._body, self._turn = Body(Headers(scope=scope), receive), Turn(line)
        self._refusal: Refusal | None = None
        self._is_answered = False
        scope.setdefault("state", {})["turn"] = self._turn

    async def through(self, app: ASGIApp) -> None:
        try:
            await self._begin()
            if self._refusal is None:
                await app(self._scope, self._receive, self._answer)
        except asyncio.CancelledError:  # by the server, at the end of its patience with running requests
            if not self._is_answered:
                await self._refuse(BrokenOff(retry_after_seconds=5))
            raise
        except Exception:
            if self._refusal is None:
                raise
        finally:
            self._turn.end()
        if self._refusal is not None and not self._is_answered:
            await self._refuse(self._refusal)

    async def _begin(self) -> None:
        try:
            self._body.must_fit()
            if self._body.is_whole:
                await self._turn.take()
            else:
                self._line.must_have_room()
        except Refusal as refusal:
            self._refusal = refusal

    async def _receive(self) -> Message:
        """To the application, who is refused here has hung up: it lets go of whatever it has begun to read."""
        was_whole = self._body.is_whole
        try:
            message = await self._body.next()
            if self._body.is_whole and not was_whole and message["type"] == "http.request":
                await self._turn.take()
        except Refusal as refusal:
            self._refusal = refusal
            return {"type": "http.disconnect"}
        return message

    async def _answer(self, message: Message) -> None:
        if self._refusal is not None:
            return
        self._is_answered = True
        if message.get("more_body"):
            async with asyncio.timeout(_LONGEST_PAUSE_SECONDS):
                await self._send(message)
        else:
            await self._send(message)

    async def _refuse(self, refusal: Refusal) -> None:
        metrics.requests_refused.labels(self._service, refusal.code).inc()
        answer = problem(Request(self._scope), refusal)
        if self._body.is_whole:
            await answer(self._scope, self._body.next, self._send)
            return
        answer.headers["Connection"] = "close"
        await self._send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
        await self._send({"type": "http.response.body", "body": answer.body, "more_body": True})
        await self._body.see_off()
        await self._send({"type": "http.response.body", "body": b""})
