"""The body of a request on its way in: not larger than its kind may be, and not slower than a poor line."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from common.refusal import Refusal, TooLarge

_MEGABYTE = 1024 * 1024
_LARGEST_BODY = _MEGABYTE
_LARGEST_UPLOAD = 52 * _MEGABYTE
"""A file of 50 MB and what a form adds to it."""
_PATIENCE_SECONDS = 10.0
_SLOWEST_BYTES_PER_SECOND = 16 * 1024
"""Who sends byte by byte never lets a pause grow long: what counts is how far he has come."""
_SEEING_OFF_SECONDS = 1.0


class TooSlow(Refusal):
    """The body did not come in time. Nothing was done."""

    status = 408
    title = "内容传送过慢，已中断，尚未办理，请检查网络后重试"


class Body:
    """Of one request. `next` is the server's `receive`, within bounds."""

    def __init__(self, headers: Headers, receive: Receive) -> None:
        self._receive = receive
        self._is_upload = "multipart/form-data" in headers.get("content-type", "")
        self._limit = _LARGEST_UPLOAD if self._is_upload else _LARGEST_BODY
        length = headers.get("content-length", "")
        self._declared = int(length) if length.isdecimal() else None  # servers refuse what is no number
        self.is_whole = not self._declared and "transfer-encoding" not in headers
        self._seen, self._began = 0, time.monotonic()

    def must_fit(self) -> None:
        """Raises TooLarge at once for what says itself that it is."""
        if self._declared is not None and self._declared > self._limit:
            raise self._too_large()

    async def next(self) -> Message:
        """The next piece; after the last one whatever the server has to say. Raises TooLarge, TooSlow."""
        if self.is_whole:
            return await self._receive()
        deadline = self._began + _PATIENCE_SECONDS + self._seen / _SLOWEST_BYTES_PER_SECOND
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                message = await self._receive()
        except TimeoutError as late:
            raise TooSlow from late
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise self._too_large()
        self.is_whole = not message.get("more_body", False)
        return message

    async def see_off(self) -> None:
        """What is still on its way is read and dropped for a moment: to hang up on who is speaking takes the answer away from him."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SEEING_OFF_SECONDS):
                while not self.is_whole:
                    self.is_whole = not (await self._receive()).get("more_body", False)

    def _too_large(self) -> TooLarge:
        return TooLarge("文件不能超过 50 MB" if self._is_upload else "请求内容不能超过 1 MB")
