"""A caller without manners: bytes on a real connection, as many and as slowly as a test likes, and what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """`is_whole`: it ended as its head promised, not by the connection's end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Raises ConnectionError when the other side has hung up."""
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        """A head, and what of the body is given."""
        lines = [f"{method} {path} HTTP/1.1", "Host: lending", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        await self.send("\r\n".join(lines).encode() + body)

    async def answer(self) -> Answer:
        """The whole answer, or what there was of it. Raises asyncio.IncompleteReadError when there is none."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        status = int(head[0].split(" ")[1])
        if "content-length" in headers:
            length = int(headers["content-length"])
            body = await self._up_to(length)
            return Answer(status, headers, body, len(body) == length)
        return Answer(status, headers, *await self._pieces())

    async def _pieces(self) -> tuple[bytes, bool]:
        body = b""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
            return body, True
        return body, False

    async def _up_to(self, length: int) -> bytes:
        try:
            return await self.reader.readexactly(length)
        except asyncio.IncompleteReadError as cut:
            return cut.partial

    async def has_ended(self) -> bool:
        """Wait until the other side has hung up; whether it said nothing more."""
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True

    def hang_up(self) -> None:
        """At once: what was not read is not read any more."""
        self.writer.transport.abort()


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """A new connection; hung up at the end."""
    connected = Wire(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield connected
    finally:
        connected.hang_up()
