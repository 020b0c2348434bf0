"""Large files are read in a process of their own: unpacking and searching one would hold up everybody else for as long.

`python -m common.files.apart` is that process: the file on its standard input, the sheet in pieces on its standard output.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import sys
from typing import BinaryIO

from common.files.reading import read_sheet
from common.files.sheet import FileUnreadable, Sheet
from common.refusal import Refusal

_LARGE_BYTES = 64 * 1024
_ROWS_AT_ONCE = 500
"""What comes back is unpacked so many at a time: one step of it holds the interpreter for about a millisecond."""


async def read_large(content: bytes) -> Sheet:
    """The one sheet of a file of any size. Raises what `read_sheet` raises; FileUnreadable also when the reading itself breaks down."""
    if len(content) < _LARGE_BYTES:
        return await asyncio.to_thread(read_sheet, content)
    # In a session of its own: a Ctrl-C at the terminal is for us alone, or the file would look unreadable.
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        answer, _ = await reader.communicate(content)
    finally:
        if reader.returncode is None:
            reader.kill()
            await reader.wait()
    if reader.returncode:
        raise FileUnreadable
    return await asyncio.to_thread(_unpacked, io.BytesIO(answer))


def _unpacked(answer: BinaryIO) -> Sheet:
    first = pickle.load(answer)  # noqa: S301 - from our own process
    if isinstance(first, Refusal):
        raise first
    headers, formulas, errors, pieces = first
    rows = [row for _ in range(pieces) for row in pickle.load(answer)]  # noqa: S301
    return Sheet(headers, rows, formulas, errors)


def _answer(content: bytes, target: BinaryIO) -> None:
    try:
        sheet = read_sheet(content)
    except Refusal as refusal:
        pickle.dump(refusal, target)
        return
    pieces = [sheet.rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(sheet.rows), _ROWS_AT_ONCE)]
    pickle.dump((sheet.headers, sheet.formulas, sheet.errors, len(pieces)), target)
    for piece in pieces:
        pickle.dump(piece, target)


if __name__ == "__main__":
    _answer(sys.stdin.buffer.read(), sys.stdout.buffer)
