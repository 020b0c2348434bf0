"""What is too large or too slow to be a request, over real connections: refused early and in words, and nothing of it is kept."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from lending.counter import ids
from lending.wire import Wire, wire

from common.web import bodies, server

TWO_GIGABYTES = 2 * 1024**3
PIECE = b"x" * 65536
MEMORY_BYTES = 24 * 1024**2
"""More than a process may grow by while it refuses one body; the file of an upload is on disk, and goes."""
JSON = {"Content-Type": "application/json"}
UPLOAD = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'


def memory() -> int:
    """Of this process, which is the server's too."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def files_kept() -> list[str]:
    """Open files that have no name any more, and named ones where files are put for a moment."""
    kept = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            kept.append(str(each.readlink()))
        except FileNotFoundError:  # the directory itself, while it was read
            continue
    return sorted(name for name in kept if tempfile.gettempdir() in name)


async def send_until_refused(speaking: Wire, first: bytes) -> int:
    """Chunk after chunk; how many bytes the server let pass before it hung up."""
    sent = 0
    try:
        await speaking.send(b"%x\r\n%s\r\n" % (len(first), first))
        while sent < TWO_GIGABYTES:
            await speaking.send(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            sent += len(PIECE)
    except ConnectionError:
        pass
    return sent


@pytest.mark.parametrize(("path", "kind"), [("/books", JSON), ("/imports/books", UPLOAD)])
async def test_two_gigabytes_that_are_announced_are_refused_before_they_are_sent(
    over_sockets: Any, path: str, kind: dict[str, str]
) -> None:
    async with wire(over_sockets.port) as speaking:
        headers = over_sockets.login() | kind | {"Content-Length": str(TWO_GIGABYTES), "Expect": "100-continue"}
        await speaking.ask("POST", f"/lending/v1{path}", headers)
        answer = await speaking.answer()

    assert (answer.status, answer.json()["code"], answer.headers["content-type"]) == (413, "too-large", "application/problem+json")
    assert "不能超过" in answer.json()["detail"]
    assert answer.json()["trace_id"] == answer.headers["traceparent"].split("-")[1]
    assert answer.headers["connection"] == "close"


@pytest.mark.slow
@pytest.mark.parametrize(("path", "kind", "first", "limit"), [("/books", JSON, b"[", 1), ("/imports/books", UPLOAD, FILE, 52)])
async def test_two_gigabytes_that_nobody_announced_are_refused_as_soon_as_they_are_too_many_and_not_kept(
    over_sockets: Any, path: str, kind: dict[str, str], first: bytes, limit: int
) -> None:
    kept, before, most = files_kept(), memory(), 0

    async with wire(over_sockets.port) as speaking:
        headers = over_sockets.login() | kind | {"Transfer-Encoding": "chunked", "Idempotency-Key": uuid4().hex}
        await speaking.ask("POST", f"/lending/v1{path}", headers)
        sending = asyncio.create_task(send_until_refused(speaking, first))
        answering = asyncio.create_task(speaking.answer())
        while not answering.done():
            most = max(most, memory())
            await asyncio.wait({answering}, timeout=0.01)
        answer = await answering
        sent = await sending

    assert (answer.status, answer.json()["code"], answer.is_whole) == (413, "too-large", True)
    assert limit * 1024**2 - len(PIECE) <= sent < TWO_GIGABYTES
    assert most - before < MEMORY_BYTES
    assert files_kept() == kept
    await over_sockets.nothing_is_held()


@pytest.mark.slow
async def test_many_large_files_at_once_are_taken_two_at_a_time_and_memory_is_that_of_two(over_sockets: Any) -> None:
    files, megabytes = 6, 20
    before, most = memory(), 0

    async def drop(nth: int) -> int:
        async with wire(over_sockets.port) as speaking:
            rest = b"\r\n--b--\r\n"
            length = len(FILE) + 10 + megabytes * 1024**2 + len(rest)
            await speaking.ask("POST", "/lending/v1/imports/books", over_sockets.login() | UPLOAD | {"Content-Length": str(length)}, FILE)
            await speaking.send(b"%010d" % nth)
            for _ in range(megabytes * 16):
                await speaking.send(PIECE)
            await speaking.send(rest)
            return (await speaking.answer()).status

    dropping = asyncio.gather(*(drop(nth) for nth in range(files)))
    while not dropping.done():
        most = max(most, memory())
        await asyncio.sleep(0.005)

    assert await dropping == [202] * files
    assert most - before < 2 * 6 * megabytes * 1024**2, "of each the file, its cipher, and what is made of it on its way to the database"
    async with over_sockets.ask.at.running.database.raw_transaction() as connection:
        await connection.execute("DELETE FROM job")


async def bytewise(speaking: Wire, said: bytes) -> None:
    """Never a long pause, and never at an end."""
    try:
        while True:
            await speaking.send(said)
            await asyncio.sleep(0.02)
    except ConnectionError:
        pass


@pytest.mark.parametrize("began", [b"", b"GET /lending/v1/books HTTP/1.1\r\nX-Slow: "])
async def test_a_head_that_never_ends_is_cut_off_and_holds_nobody_up(
    over_sockets: Any, monkeypatch: pytest.MonkeyPatch, began: bytes
) -> None:
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.5)
    async with wire(over_sockets.port) as speaking:
        slowly = asyncio.create_task(bytewise(speaking, b"x")) if began else None
        await speaking.send(began)

        assert ids(await over_sockets.ask("GET", "/books")) is not None
        if began:
            answer = await speaking.answer()
            assert (answer.status, answer.json()["code"]) == (408, "request-head-too-slow")
        async with asyncio.timeout(5):
            assert await speaking.has_ended()
        if slowly:
            await slowly


async def test_a_head_without_bounds_is_cut_off(over_sockets: Any) -> None:
    async with wire(over_sockets.port) as speaking:
        await speaking.send(b"GET /lending/v1/books HTTP/1.1\r\nX-Large: ")
        sending = asyncio.create_task(send_without_end(speaking))
        answer = await speaking.answer()
        await sending

    assert (answer.status, answer.json()["code"]) == (431, "request-head-too-large")


async def send_without_end(speaking: Wire) -> None:
    try:
        while True:
            await speaking.send(PIECE)
    except ConnectionError:
        pass


async def test_a_connection_may_ask_again_after_a_pause_and_is_closed_when_it_says_nothing_more(
    over_sockets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.3)
    async with wire(over_sockets.port) as speaking:
        statuses = []
        for _ in range(2):
            await speaking.ask("GET", "/lending/v1/books", over_sockets.login())
            statuses.append((await speaking.answer()).status)
        await speaking.send(b"\r\n")  # which is no request
        async with asyncio.timeout(5):
            statuses.append((await speaking.answer()).status)
            assert await speaking.has_ended()

    assert statuses == [200, 200, 408]


@pytest.mark.parametrize("framing", [{"Content-Length": "500"}, {"Transfer-Encoding": "chunked"}])
@pytest.mark.parametrize("kind", [JSON, UPLOAD])
async def test_bodies_that_come_byte_by_byte_are_cut_off_and_hold_nobody_up(
    over_sockets: Any, monkeypatch: pytest.MonkeyPatch, framing: dict[str, str], kind: dict[str, str]
) -> None:
    monkeypatch.setattr(bodies, "_PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(bodies, "_SEEING_OFF_SECONDS", 0.1)
    path = "/lending/v1/imports/books" if kind is UPLOAD else "/lending/v1/books"
    headers = over_sockets.login() | kind | framing | {"Idempotency-Key": uuid4().hex}
    begun = FILE if kind is UPLOAD else b"["
    begun = b"%x\r\n%s\r\n" % (len(begun), begun) if "Transfer-Encoding" in framing else begun
    many = [await asyncio.open_connection("127.0.0.1", over_sockets.port) for _ in range(30)]
    speaking = [Wire(*each) for each in many]
    for each in speaking:
        await each.ask("POST", path, headers, begun)
    slowly = [asyncio.create_task(bytewise(each, b"1\r\nx\r\n" if "Transfer-Encoding" in framing else b"x")) for each in speaking]

    meanwhile = await over_sockets.ask("GET", "/books")
    answers = [await each.answer() for each in speaking]
    await asyncio.gather(*slowly)
    for each in speaking:
        each.hang_up()

    assert meanwhile.status_code == 200
    assert {(answer.status, answer.json()["code"]) for answer in answers} == {(408, "too-slow")}
    await over_sockets.nothing_is_held()


async def test_a_poor_line_is_no_slow_body(over_sockets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "_SLOWEST_BYTES_PER_SECOND", 100)
    said = b'{"name": "%s", "shelf": "A1"}' % ("慢".encode() * 15)
    headers = over_sockets.login() | JSON | {"Content-Length": str(len(said)), "Idempotency-Key": uuid4().hex}
    async with wire(over_sockets.port) as speaking:
        await speaking.ask("POST", "/lending/v1/books", headers, said[:40])
        await asyncio.sleep(0.4)  # longer than the patience, and no longer than 40 bytes may take
        await speaking.send(said[40:])
        answer = await speaking.answer()

    assert answer.status == 201
