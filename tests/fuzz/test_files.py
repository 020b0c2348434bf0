"""Files at random: right ones of every import spoiled in every layer, and giants. Each ends with rows or a clear error, soon and in little memory."""

import asyncio
import json
import random
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from desk import KINDS, Desk
from effort import IS_LONG, SEED, rounds, said
from giants import GIANTS
from spoiled_books import spoiled_book
from spoiled_texts import spoiled_text

from common.files import sheet
from common.testing.files import csv_file, xlsx

_EACH_ROUND = 2_000 if IS_LONG else 150
_MOST_MEGABYTES = 300
_DEADLINE_SECONDS = 60
_REFUSALS = {
    each.code for each in vars(sheet).values() if isinstance(each, type) and issubclass(each, sheet.Invalid) and each is not sheet.Invalid
}
_OF_AN_IMPORT = {"headers-missing", "headers-twice"}

Reading = Callable[[bytes], Any]


@asynccontextmanager
async def reader() -> AsyncIterator[Reading]:
    """A process that reads as a service's does. What it took at most is counted over all its files."""
    script = str(Path(__file__).parent / "read_in_turn.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**20
    )
    assert process.stdin is not None
    assert process.stdout is not None
    to, back = process.stdin, process.stdout

    async def read(content: bytes) -> dict[str, Any]:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            to.write(len(content).to_bytes(8) + content)
            await to.drain()
            line = await back.readline()
        assert line, f"the process died, exit code {await process.wait()}"
        found: dict[str, Any] = json.loads(line)
        return found

    try:
        yield read
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def spoiled(desk: Desk, kind: str, chance: random.Random) -> tuple[str, bytes]:
    headers, rows = desk.headers(kind), [desk.row(kind) for _ in range(3)]
    if chance.random() < 0.6:
        return spoiled_book(chance, xlsx(headers, rows))
    return spoiled_text(chance, csv_file(headers, rows))


def files(desk: Desk, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """Kind, what was done and the content; the same for the same seed, but for the persons in it."""
    for nth in range(_EACH_ROUND):
        kind = KINDS[nth % len(KINDS)]
        what, content = spoiled(desk, kind, random.Random(f"{seed}/{nth}"))
        yield kind, f"seed {seed}, file {nth}, {kind}: {what}", content


@pytest.mark.timeout(0 if IS_LONG else 300)
async def test_a_spoiled_file_ends_with_rows_or_a_clear_error_and_the_next_one_is_taken(counter: Desk) -> None:
    ends: Counter[str] = Counter()
    for seed in rounds(share=0.5):
        async with reader() as read:
            for kind, what, content in files(counter, seed):
                alone = await read(content)
                assert "fell" not in alone, (what, alone)
                assert alone["megabytes"] < _MOST_MEGABYTES, (what, alone)
                ends[alone.get("refused", "rows")] += 1
                if content:
                    job = await counter.drop(kind, content, validate_only=seed % 2 == 0)
                    assert ended_clearly(job), (what, job["state"], job["failed_reason"])
    said(f"files: {dict(ends)}")
    assert ends["rows"] > 0.1 * ends.total(), "or nothing but the first line of defence was tried"
    assert len(ends) >= 5, "or all were spoiled alike"
    for kind in KINDS:
        assert (await counter.drop(kind, counter.sheet(kind, counter.row(kind))))["rows_accepted"] == 1, "the workers go on"


def ended_clearly(job: dict[str, Any]) -> bool:
    """With rows, each accepted or refused for a reason; or with one of the errors that a file can have, in Chinese."""
    if job["state"] == "DONE":
        return bool(job["rows_total"] == job["rows_accepted"] + job["rows_refused"] > 0)
    code, _, words = (job["failed_reason"] or "").partition(": ")
    return code in _REFUSALS | _OF_AN_IMPORT and re.search(r"[\u4e00-\u9fff]", words) is not None


@pytest.mark.timeout(0 if IS_LONG else 300)
async def test_a_giant_is_refused_soon_and_in_little_memory(counter: Desk) -> None:
    """In the short run a third of them, another one with each seed."""
    headers, rows = counter.headers("persons"), [counter.row("persons")]
    book, text = xlsx(headers, rows), csv_file(headers, rows)
    chosen = list(GIANTS) if IS_LONG else random.Random(SEED).sample(list(GIANTS), len(GIANTS) // 3)
    for what in chosen:
        async with reader() as read:
            found = await read(GIANTS[what](book if what.startswith("book") else text))
        said(f"{what}: {found}")
        assert "fell" not in found, (what, found)
        assert found["megabytes"] < _MOST_MEGABYTES, (what, found)
