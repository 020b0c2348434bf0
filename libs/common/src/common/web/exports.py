"""Exports over REST: every row of a list as one CSV file, read from the database as fast as the caller takes it, and each person noted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import Select
from starlette.responses import StreamingResponse

from common.files.exporting import BYTE_ORDER_MARK, csv_lines
from common.refusal import refuses
from common.web.line import Line, Overloaded
from common.web.reading import Reading_

MEDIA_TYPE = "text/csv"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPE}}}}}
"""The `responses` of such a route."""
_ROWS_AT_ONCE = 500
"""A slice of the loop below 20 ms."""
AT_ONCE = 2
"""Each holds a connection and an open transaction for as long as it lasts."""

Row = Any
"""A row of a select."""


@dataclass(frozen=True)
class Column:
    """A header, and what stands below it."""

    header: str
    cell: Callable[[Row], str | None]


@refuses(Overloaded)
async def _in_line(request: Request) -> AsyncIterator[None]:
    line: Line = request.app.state.exports
    async with line.place():
        yield


IN_LINE = Depends(_in_line)
"""For every export: few at a time, so that they leave room for everybody else. Must stand before what opens the reading."""


def exported(
    reading: Reading_, rows: Select[Any], columns: Sequence[Column], *, person: Callable[[Row], UUID | None], name: str
) -> StreamingResponse:
    """All rows of the select as they stand at one moment. Whoever is named in them is in the audit before his row leaves."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(_pieces(reading, rows, columns, person), media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)


async def _pieces(
    reading: Reading_, rows: Select[Any], columns: Sequence[Column], person: Callable[[Row], UUID | None]
) -> AsyncIterator[bytes]:
    await reading.saw_now([], purpose="export")
    yield BYTE_ORDER_MARK.encode() + csv_lines([[column.header for column in columns]])
    found = await reading.session.stream(rows.execution_options(yield_per=_ROWS_AT_ONCE))
    async for part in found.partitions():
        await reading.saw_now(sorted({whose for row in part if (whose := person(row))}), purpose="export")
        yield csv_lines([column.cell(row) for column in columns] for row in part)
