"""Large files are read in a process of their own, to the same sheet and the same refusals as small ones."""

import asyncio
import gc
import random

import pytest

from common.files import apart
from common.files.apart import read_large
from common.files.reading import read_sheet
from common.files.sheet import FileUnreadable, Number, SheetEmpty
from common.testing.files import csv_file, xlsx

HEADERS = ["姓名", "证件号码"]


def large_workbook() -> bytes:
    """Of rows that cannot be packed tightly, among them a number and a gap."""
    chance = random.Random(1)
    rows = [{"姓名": str(chance.getrandbits(200)), "证件号码": 5 if nth == 3 else str(chance.getrandbits(60))} for nth in range(3_000)]
    return xlsx(HEADERS, rows)


async def test_a_large_workbook_is_the_same_sheet_wherever_it_is_read() -> None:
    content = large_workbook()
    assert len(content) > apart._LARGE_BYTES

    sheet = await read_large(content)

    assert sheet == read_sheet(content)
    assert isinstance(sheet.rows[3][1][1], Number)


async def test_the_loop_goes_on_while_a_large_file_is_read() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    counting = asyncio.create_task(count())
    await read_large(large_workbook())
    counting.cancel()

    assert turns > 10


async def test_the_collector_has_nothing_to_walk_in_the_text_of_a_long_file() -> None:
    content = csv_file(HEADERS, [{"姓名": f"某{nth}", "证件号码": str(nth)} for nth in range(10_000)])
    assert len(content) > apart._LARGE_BYTES

    sheet = await read_large(content)
    for _ in range(2):  # it lets go of what is innermost first
        gc.collect()

    assert not any(map(gc.is_tracked, sheet.rows))


async def test_a_large_file_is_refused_by_the_same_name() -> None:
    with pytest.raises(SheetEmpty) as refused:
        await read_large(csv_file(HEADERS, [{"姓名": "", "证件号码": ""}] * 100_000))

    assert refused.value.detail == SheetEmpty().detail


async def test_a_reading_that_breaks_down_is_a_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "__name__", "common.files.no_such_module")

    with pytest.raises(FileUnreadable):
        await read_large(large_workbook())
