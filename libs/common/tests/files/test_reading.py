"""Files as sheets: what is read, what is refused and by which name, and that no file takes the worker with it."""

import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from files.books import HEADERS, ROW, book, cell, shared_strings, that_lies
from xlsxwriter.worksheet import Worksheet

from common.files.reading import read_sheet
from common.files.sheet import Number
from common.refusal import Refusal

Fill = Callable[[xlsxwriter.Workbook, Worksheet], None]


def written(*fills: Fill) -> bytes:
    """A workbook with one worksheet for each `fill`."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        for fill in fills:
            fill(workbook, workbook.add_worksheet())
    return target.getvalue()


def people(*names: str) -> Fill:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_column(0, 0, ["姓名", *names])

    return fill


def hidden(fill: Fill, *, very: bool = False) -> Fill:
    def filled(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        fill(workbook, sheet)
        sheet.very_hidden() if very else sheet.hide()

    return filled


def empty(_: xlsxwriter.Workbook, __: Worksheet) -> None:
    """Excel once made three of them."""


def names_in(content: bytes) -> list[str]:
    return [row[0] for _, row in read_sheet(content).rows]


def refusal_of(content: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        read_sheet(content)
    return refused.value.code


@pytest.mark.parametrize("very", [False, True])
def test_hidden_sheets_are_nobodys_data_wherever_they_stand(very: bool) -> None:
    def seen_first(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        people("甲")(workbook, sheet)
        sheet.activate()
        sheet.set_first_sheet()

    assert names_in(written(hidden(people("选项"), very=very), seen_first, hidden(people("另一"), very=very))) == ["甲"]


def test_the_sheet_that_holds_something_is_read_and_empty_ones_are_passed_over() -> None:
    assert names_in(written(empty, people("甲"), empty)) == ["甲"]


def test_two_sheets_that_hold_something_are_refused_for_one_would_be_lost() -> None:
    assert refusal_of(written(people("甲"), people("乙"))) == "several-sheets"


def test_formulas_are_found_in_the_sheet_that_is_read_not_in_the_first_of_the_archive() -> None:
    def with_formula(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        people("甲")(workbook, sheet)
        sheet.write_formula("A3", '="乙"', None, "乙")
        sheet.activate()

    assert read_sheet(written(hidden(people("选项")), with_formula)).formulas == {(3, 0)}
    assert read_sheet(written(with_formula, hidden(people("选项")))).formulas == {(3, 0)}


def test_errors_that_formulas_left_behind_are_found() -> None:
    sheet = read_sheet(book(HEADERS + ROW + '<row r="3"><c r="B3" t="e"><v>#N/A</v></c></row>'))

    assert sheet.errors == {(3, 1)}


def test_formulas_are_found_where_the_exporter_uses_a_prefix() -> None:
    main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = '<x:row r="1"><x:c r="A1" t="str"><x:v>姓名</x:v></x:c></x:row><x:row r="2"><x:c r="A2" t="str"><x:f>B1</x:f><x:v>甲</x:v></x:c></x:row>'
    sheet = read_sheet(book("", more={"xl/worksheets/sheet1.xml": f"<x:worksheet {main}><x:sheetData>{rows}</x:sheetData></x:worksheet>"}))

    assert (sheet.rows, sheet.formulas) == ([(2, ("甲",))], {(2, 0)})


def test_a_merged_block_fills_its_first_cell_only_and_rows_keep_their_numbers() -> None:
    def merged(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["班级编号", "姓名"])
        sheet.merge_range(1, 0, 3, 0, "PH-1")
        sheet.write_column(1, 1, ["甲", "乙", "丙"])

    assert read_sheet(written(merged)).rows == [(2, ("PH-1", "甲")), (3, ("", "乙")), (4, ("", "丙"))]


def test_every_kind_of_cell_reads_as_what_it_is() -> None:
    def kinds(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        day, clock = workbook.add_format({"num_format": "yyyy/m/d"}), workbook.add_format({"num_format": "hh:mm"})
        sheet.write_row(0, 0, [f"列{at}" for at in range(7)])
        sheet.write_string(1, 0, " 某\u3000")
        sheet.write_datetime(1, 1, dt.datetime(2018, 3, 1, 13, 30), day)  # noqa: DTZ001 - a sheet knows no zone
        sheet.write_number(1, 2, 43160)
        sheet.write_number(1, 3, 320599199001010013)
        sheet.write_boolean(1, 4, True)
        sheet.write_datetime(1, 5, dt.time(9, 30), clock)
        sheet.write_number(1, 6, 92.5)

    ((_, row),) = read_sheet(written(kinds)).rows

    assert row == ("某", "2018-03-01", "43160", "3.2059919900101e+17", "是", "09:30:00", "92.5")
    assert [isinstance(value, Number) for value in row] == [False, False, True, True, False, False, True]


@pytest.mark.parametrize("blank", [" ", "\u3000", "\t"])
def test_blanks_around_a_cell_are_nothing_in_a_csv_too(blank: str) -> None:
    sheet = read_sheet(f"姓名{blank},日期\r\n某{blank},{blank}2018-03-01{blank}\r\n{blank},{blank}\r\n".encode())

    assert (sheet.headers, sheet.rows) == (["姓名", "日期"], [(2, ("某", "2018-03-01"))])


@pytest.mark.parametrize("delimiter", [";", "\t", "，", "|"])
def test_a_csv_with_another_delimiter_is_told_so(delimiter: str) -> None:
    assert refusal_of(f"姓名{delimiter}证件号码\r\n某{delimiter}1\r\n".encode()) == "delimiter-wrong"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-a-sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not-a-sheet"),
        (b"%PDF-1.7\n\x00", "not-a-sheet"),
        ("姓名\r\n某\r\n".encode("utf-16"), "encoding-unknown"),
        ("姓名\r\n某\r\n".encode("utf-16-be").join([b"\xfe\xff", b""]), "encoding-unknown"),
        ("prénom,nom\r\nÅsa,Ö\r\n".encode("latin-1"), "encoding-unknown"),
        ("姓名\r\n".encode(), "sheet-empty"),
        ("姓名\r\n,,\r\n\r\n".encode(), "sheet-empty"),
        ('姓名\r\n"某'.encode(), "file-unreadable"),
        (written(people("甲"))[:-200], "file-unreadable"),
        (written(people("甲"))[:900], "file-unreadable"),
        (book("", more={"xl/workbook.xml": "<workbook"}), "file-unreadable"),
        (book("", more={"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "file-unreadable"),
        (book("", more={"xl/workbook.xml": "<?xml version='1.0' encoding='UTF-99'?><workbook/>"}), "file-unreadable"),
        (book("", more={"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row></worksheet>"}), "sheet-empty"),
        (book(HEADERS + "<row><c t='inlineStr'><is><t>某</t></is></c></row>"), "file-unreadable"),
        (book(""), "sheet-empty"),
        (book(HEADERS), "sheet-empty"),
        (book(HEADERS + ROW, more={"xl/_rels/workbook.xml.rels": "<Relationships/>"}), "sheet-empty"),
    ],
)
def test_what_is_no_sheet_is_refused_by_name(content: bytes, code: str) -> None:
    assert refusal_of(content) == code


def test_a_zip_file_that_is_no_workbook_is_refused() -> None:
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("名册.docx", "x")

    assert refusal_of(target.getvalue()) == "file-unreadable"


def test_a_book_that_says_too_much_of_itself_is_read_all_the_same() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'

    assert names_in(book(rows, more=shared_strings('count="9" uniqueCount="99999999999"'))) == ["某"]


def test_formatting_in_the_last_corner_is_no_content() -> None:
    assert names_in(book(HEADERS + ROW + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')) == ["某"]


def bombs() -> dict[str, tuple[bytes, str]]:
    """Small files that would unfold, and the refusal of each."""
    many = "".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(2, 200_002))
    lying = book(HEADERS + ROW + many)
    return {
        "one cell in the last corner": (book(HEADERS + ROW + f'<row r="1048576">{cell("XFD1048576")}</row>'), "file-too-large"),
        "one cell far down": (book(HEADERS + ROW + f'<row r="200002">{cell("A200002")}</row>'), "file-too-large"),
        "one cell far to the right": (book(HEADERS + f'<row r="2">{cell("BI2")}</row>'), "file-too-large"),
        "a place in other quotes": (book(HEADERS + "<row r='2'><c r='XFD1048576'><v>1</v></c></row>"), "file-unreadable"),
        "a row too many": (book(HEADERS + many + f'<row r="200002">{cell("A200002")}</row>'), "file-too-large"),
        "unpacks to 500 MB": (book(HEADERS, more={"xl/media/a.xml": " " * 500_000_000}), "file-too-large"),
        "unpacks to more than it says": (that_lies(lying, "xl/worksheets/sheet1.xml", 1000), "file-unreadable"),
        "a row too many.csv": ("姓名\n".encode() + b"x\n" * 200_001, "file-too-large"),
        "millions of rows.csv": ("姓名\n".encode() + b"x\n" * 20_000_000, "file-too-large"),
        "millions of columns.csv": ("姓名\n".encode() + b"," * 40_000_000 + b"\n", "file-too-large"),
        "sixty-one columns.csv": ("姓名\n".encode() + b"x" + b"," * 60 + b"\n", "file-too-large"),
        "one endless cell.csv": ("姓名\n".encode() + b"x" * 150_000 + b"\n", "file-unreadable"),
    }


_IN_BOUNDS = """
import json, pathlib, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
from common.files.reading import read_sheet
from common.refusal import Refusal
told = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    began = time.process_time()
    try:
        code = len(read_sheet(path.read_bytes()).rows)
    except Refusal as refusal:
        code = refusal.code
    told[path.name] = (code, time.process_time() - began)
print(json.dumps(told))
"""


@pytest.mark.slow
def test_no_file_takes_the_worker_with_it(tmp_path: Path) -> None:
    files = bombs()
    for name, (content, _) in files.items():
        (tmp_path / name).write_bytes(content)

    ended = subprocess.run([sys.executable, "-c", _IN_BOUNDS, str(tmp_path)], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert {name: code for name, (code, _) in told.items()} == {name: code for name, (_, code) in files.items()}
    assert max(seconds for _, seconds in told.values()) < 20


def test_exactly_the_most_rows_are_read() -> None:
    assert len(read_sheet("姓名\n".encode() + b"x\n" * 200_000).rows) == 200_000
