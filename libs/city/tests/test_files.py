"""The bureaus' files read back as text, with the headers that README.md promises and the faults where the labels say."""

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from city import sheets
from city.dropping import DroppedFile, Dropping
from city.sheets import Kind, lines
from city.spoiled import FAULTS
from city.synthetic import City

README = Path(__file__).parents[1] / "README.md"
KINDS = (sheets.PERSONS, sheets.EMPLOYMENT, sheets.INSURANCE, sheets.ROSTER, sheets.CERTIFICATES, sheets.PLACEMENTS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[DroppedFile]:
    return City().write_files(tmp_path_factory.mktemp("files"))


@cache
def read(file: DroppedFile) -> list[Sequence[object]]:
    return [list(row) for row in CalamineWorkbook.from_path(file.path).get_sheet_by_index(0).to_python(skip_empty_area=False)]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    files, again = City(persons=1_000).write_files(tmp_path / "one"), City(persons=1_000).write_files(tmp_path / "other")
    assert [file.path.name for file in again] == [file.path.name for file in files]
    for one, other in zip(files, again, strict=True):
        assert hashlib.sha256(one.path.read_bytes()).digest() == hashlib.sha256(other.path.read_bytes()).digest(), one.path.name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.import_name)
def test_the_readme_explains_every_header(kind: Kind) -> None:
    chapter = README.read_text("utf-8").split(f"import `{kind.import_name}`")[1].split("###")[0]
    for header in kind.headers:
        assert header in chapter


def test_the_readme_explains_every_refusal() -> None:
    text = README.read_text("utf-8")
    for faults in FAULTS.values():
        for fault in faults:
            assert f"`{fault.code}`" in text


def test_headers_and_rows_are_as_counted(files: list[DroppedFile]) -> None:
    headers = {kind.import_name: list(kind.headers) for kind in KINDS}
    for file in files:
        rows = read(file)
        assert rows[0] == headers[file.import_name]
        assert len(rows) == file.rows + 1


def test_every_cell_is_text_but_for_the_numbers_that_are_seeded(files: list[DroppedFile]) -> None:
    for file in files:
        numeric = {refused.row_number for refused in file.refused if refused.code == "number-in-identity-column"}
        found = {number for number, row in enumerate(read(file), start=1) for cell in row if not isinstance(cell, str)}
        assert found == numeric, file.path.name


def test_each_seeded_fault_stands_where_its_label_says(files: list[DroppedFile]) -> None:
    seen: list[tuple[str, str]] = []
    for file in files:
        rows = read(file) if file.refused else []
        for refused in file.refused:
            row = rows[refused.row_number - 1]
            cell = row[rows[0].index(refused.column)]
            seen.append((file.import_name, refused.code))
            if refused.code == "duplicate-row":
                assert row in rows[: refused.row_number - 1]
            if refused.code == "required":
                assert cell == ""
            if refused.code == "formula-cell":
                assert str(cell).startswith("=")
    assert seen == [(kind.import_name, fault.code) for kind in _in_order(files) for fault in FAULTS[kind]]


def _in_order(files: list[DroppedFile]) -> list[Kind]:
    spoiled = [file.import_name for file in files if file.refused]
    return [next(kind for kind in KINDS if kind.import_name == name) for name in spoiled]


def test_natural_keys_are_unique_but_for_the_seeded_duplicates(files: list[DroppedFile]) -> None:
    keys = {
        "persons": ("证件号码", "户籍起始日期"),
        "employment": ("证件号码", "统一社会信用代码", "起始日期"),
        "insurance": ("证件号码", "统一社会信用代码", "险种", "起始月份"),
        "roster": ("班级编号", "证件号码"),
        "certificates": ("证书编号",),
        "placements": ("证件号码", "合作单位统一社会信用代码", "用人单位统一社会信用代码", "上岗日期"),
    }
    for file in files:
        header, *rows = read(file)
        places = [header.index(column) for column in keys[file.import_name]]
        found = [tuple(row[place] for place in places) for row in rows]
        assert len(found) - len(set(found)) == sum(refused.code == "duplicate-row" for refused in file.refused)


def test_files_know_nothing_of_what_comes_later(files: list[DroppedFile]) -> None:
    for file in files:
        header, *rows = read(file)
        spoiled = {refused.row_number for refused in file.refused}
        for number, row in enumerate(rows, start=2):
            for column, cell in zip(header, row, strict=True):
                if str(column).endswith("日期") and cell and number not in spoiled:
                    assert date.fromisoformat(str(cell)) <= file.on, (file.path.name, number, column)


def test_only_what_was_dropped_by_a_day_is_written(tmp_path: Path) -> None:
    opening = City().write_files(tmp_path, until=date(2018, 1, 2))
    assert {file.path.name for file in opening} == {
        "persons.xlsx", "employment-to-2017.xlsx", "insurance-to-2017-12.xlsx", "certificates-to-2017.xlsx",
    }  # fmt: skip


def test_a_file_that_grows_too_long_goes_on_in_another(tmp_path: Path) -> None:
    dropping = Dropping(tmp_path, until=date(2018, 1, 2), rows_per_file=400)
    for block in City().blocks():
        dropping.write(lines(block))
    persons = [file for file in dropping.close() if file.import_name == "persons"]
    assert [file.path.name for file in persons][:2] == ["persons-2.xlsx", "persons-3.xlsx"]
    assert all(file.rows <= 401 for file in persons)
