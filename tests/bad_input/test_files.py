"""Files that are wrong as a whole: refused by name, nothing of them is taken, and the next right file goes through."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
import xlsxwriter
from desk import KINDS, Desk, codes, result

from common.testing.files import csv_file, xlsx


def cut(desk: Desk, kind: str) -> bytes:
    content = desk.sheet(kind, *(desk.row(kind) for _ in range(20)))
    return content[: len(content) // 2]


def another_zip(_: Desk, __: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("名册.txt", "x")
    return target.getvalue()


def twice_headed(desk: Desk, kind: str) -> bytes:
    headers = desk.headers(kind)
    return csv_file([*headers, "副本"], [desk.row(kind)]).replace("副本".encode(), "姓名".encode())


def several_sheets(desk: Desk, kind: str) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        for _ in range(2):
            sheet = workbook.add_worksheet()
            sheet.write_row(0, 0, desk.headers(kind))
            sheet.write_row(1, 0, [str(desk.row(kind).get(header, "")) for header in desk.headers(kind)])
    return target.getvalue()


def titled(desk: Desk, kind: str) -> bytes:
    """A merged title above the headers, as printed lists have it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.merge_range(0, 0, 0, 5, "二〇一八年度名册")
        sheet.write_row(1, 0, desk.headers(kind))
        sheet.write_row(2, 0, [str(desk.row(kind).get(header, "")) for header in desk.headers(kind)])
    return target.getvalue()


def needed(kind: str) -> str:
    """A column without which no file of the kind can be read: not every earlier payment was for a person."""
    return "文号" if kind == "prior-payments" else "证件号码"


def without_a_needed_column(desk: Desk, kind: str) -> bytes:
    headers = [header for header in desk.headers(kind) if header != needed(kind)]
    return xlsx(headers, [{header: desk.row(kind).get(header, "") for header in headers}])


def text_of(desk: Desk, kind: str) -> str:
    return csv_file(desk.headers(kind), [desk.row(kind)]).decode()


WRONG: dict[str, tuple[Callable[[Desk, str], bytes], str, str]] = {
    "cut in the middle": (cut, "file-unreadable", "重新导出"),
    "empty": (lambda _, __: b"", "not-a-sheet", "XLSX 或 CSV"),
    "an old workbook": (lambda _, __: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not-a-sheet", "另存为"),
    "a zip file": (another_zip, "file-unreadable", "重新导出"),
    "UTF-16": (lambda desk, kind: text_of(desk, kind).encode("utf-16"), "encoding-unknown", "UTF-8"),
    "latin-1": (lambda _, __: "prénom,nom\r\nÅsa,Ö\r\n".encode("latin-1"), "encoding-unknown", "UTF-8"),
    "another delimiter": (lambda desk, kind: text_of(desk, kind).replace(",", ";").encode(), "delimiter-wrong", "英文逗号"),
    "headers only": (lambda desk, kind: desk.sheet(kind), "sheet-empty", "没有数据行"),
    "a header twice": (twice_headed, "headers-twice", "姓名"),
    "a header missing": (without_a_needed_column, "headers-missing", ""),
    "a title above the headers": (titled, "headers-missing", "表头"),
    "several sheets": (several_sheets, "several-sheets", "只保留"),
    "a row too many": (lambda desk, kind: (",".join(desk.headers(kind)) + "\n").encode() + b"x\n" * 200_001, "file-too-large", "分成几个文件"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_that_cannot_be_taken_says_why_and_what_to_do_and_changes_nothing(desk: Desk, kind: str) -> None:
    acts = await desk.acts(kind)

    jobs = {name: await desk.drop(kind, made(desk, kind)) for name, (made, _, _) in WRONG.items()}

    assert {name: (job["state"], job["failed_reason"].partition(":")[0]) for name, job in jobs.items()} == {
        name: ("FAILED", code) for name, (_, code, _) in WRONG.items()
    }
    assert not {name for name, (_, _, remedy) in WRONG.items() if remedy not in jobs[name]["failed_reason"]}
    assert needed(kind) in jobs["a header missing"]["failed_reason"]
    assert not {name for name, job in jobs.items() if re.search(r"\d{15}|示例", job["failed_reason"])}, "nothing that stood in it"
    assert await desk.acts(kind) == acts
    assert result(await desk.drop(kind, desk.sheet(kind, desk.row(kind)))) == ("DONE", 1, 1, 0), "the worker goes on"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_column_that_nobody_reads_is_named(desk: Desk, kind: str) -> None:
    """Or a mistyped header of an optional column would lose what stands in it, and nobody would know."""
    headers = desk.headers(kind)
    content = csv_file([*headers, "备注", "终止日期（天）", desk.new_number()], [desk.row(kind)])

    job = await desk.drop(kind, content)

    assert (result(job), job["ignored_headers"]) == (("DONE", 1, 1, 0), ["备注", "终止日期（天）", "[redacted]"])


@pytest.mark.parametrize("kind", KINDS)
async def test_headers_may_be_typed_with_blanks_and_stars(desk: Desk, kind: str) -> None:
    text = text_of(desk, kind).replace("姓名", "姓 名*", 1).replace("证件号码", " 证件号码＊", 1)

    assert result(await desk.drop(kind, text.encode())) == ("DONE", 1, 1, 0)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_merged_block_refuses_the_rows_that_it_leaves_blank(desk: Desk, kind: str) -> None:
    headers, rows = desk.headers(kind), [desk.row(kind, 姓名=name) for name in ("某", "", "")]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, headers)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, [str(row.get(header, "")) for header in headers])
        at = headers.index("姓名")
        sheet.merge_range(1, at, 3, at, "某")

    job = await desk.drop(kind, target.getvalue())

    assert codes(job) == {3: [("姓名", "required")], 4: [("姓名", "required")]}
    assert result(job) == ("DONE", 3, 1, 2)


@pytest.mark.parametrize("kind", KINDS)
async def test_days_that_excel_knows_as_days_are_days(desk: Desk, kind: str) -> None:
    headers, row = desk.headers(kind), desk.row(kind)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        sheet.write_row(0, 0, headers)
        for at, header in enumerate(headers):
            value = str(row.get(header, ""))
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                sheet.write_datetime(1, at, date.fromisoformat(value), day)
            else:
                sheet.write_string(1, at, value)
    await desk.drop(kind, desk.sheet(kind, row))
    acts = await desk.acts(kind)

    assert result(await desk.drop(kind, target.getvalue())) == ("DONE", 1, 1, 0)
    assert await desk.acts(kind) == acts, "and the same days"
