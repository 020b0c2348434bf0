"""The bureaus' three files, XLSX and CSV: what is accepted, what is refused and why, and that nothing happens twice."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from common.database.engine import raw
from common.testing.at_work import AtWork
from common.testing.files import Formula, Row, csv_file, xlsx

Made = Callable[..., Awaitable[dict[str, Any]]]
Holdings = Callable[[], Awaitable[dict[str, Any]]]
HEADERS = {
    "persons": ["姓名", "证件号码", "户籍地区划代码", "户籍起始日期", "户籍终止日期", "市外经历", "死亡日期", "手机", "社会保障卡账号"],
    "employment": [
        "姓名", "证件号码", "单位名称", "统一社会信用代码", "用工单位统一社会信用代码", "用工形式", "起始日期", "终止日期", "凭据",
    ],
    "insurance": ["姓名", "证件号码", "单位名称", "统一社会信用代码", "险种", "起始月份", "终止月份", "补缴日期"],
}  # fmt: skip
KINDS = list(HEADERS)
WRITERS = {"xlsx": xlsx, "csv": csv_file}


class Bureau(NamedTuple):
    """Makes right rows of each kind of file, each of a new person, all of one employer."""

    uscc: str
    new_number: Callable[[], str]

    def row(self, kind: str, **changed: Any) -> dict[str, Any]:
        own: dict[str, dict[str, Any]] = {
            "persons": {
                "户籍地区划代码": "320582", "户籍起始日期": "2001-09-01", "市外经历": "工作、参保",
                "手机": "12000000001", "社会保障卡账号": "9999000000000000011",
            },
            "employment": {"统一社会信用代码": self.uscc, "用工形式": "劳动合同", "起始日期": "2018-03-01", "凭据": "劳动合同"},
            "insurance": {"统一社会信用代码": self.uscc, "险种": "职工养老", "起始月份": "2018-03", "终止月份": "2018-04"},
        }  # fmt: skip
        return {"姓名": "示例·人员", "证件号码": self.new_number()} | own[kind] | changed


@pytest.fixture
async def bureau(new_organisation: Made, new_number: Callable[[], str]) -> Bureau:
    return Bureau((await new_organisation())["uscc"], new_number)


async def refused(registry: AtWork, job: dict[str, Any]) -> dict[int, list[tuple[str, str]]]:
    """Row number → (column, code) of every fault."""
    answer = await registry.call("GET", f"/registry/v1/jobs/{job['id']}/rows", params={"limit": 1000})
    return {row["row_number"]: [(fault["column"], fault["code"]) for fault in row["faults"]] for row in answer.json()["items"]}


def result(job: dict[str, Any]) -> tuple[Any, ...]:
    return job["state"], job["rows_total"], job["rows_accepted"], job["rows_refused"]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_good_rows_are_accepted_and_bad_ones_named_by_the_sheets_own_number(
    registry: AtWork, bureau: Bureau, kind: str, writer: str
) -> None:
    rows = [bureau.row(kind), bureau.row(kind, 姓名=""), bureau.row(kind), bureau.row(kind, 证件号码="12")]

    job = await registry.import_file(kind, WRITERS[writer](HEADERS[kind], rows))

    assert result(job) == ("DONE", 4, 2, 2)
    assert await refused(registry, job) == {3: [("姓名", "required")], 5: [("证件号码", "id-card-malformed")]}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_dry_run_says_the_same_and_changes_nothing(
    registry: AtWork, bureau: Bureau, holdings: Holdings, kind: str, writer: str
) -> None:
    content = WRITERS[writer](HEADERS[kind], [bureau.row(kind), bureau.row(kind, 证件号码="12"), bureau.row(kind)])
    before = await holdings()

    dry = await registry.import_file(kind, content, validate_only=True)
    after = await holdings()
    wet = await registry.import_file(kind, content)

    assert before == after
    assert dry["validate_only"]
    assert result(dry) == result(wet) == ("DONE", 3, 2, 1)
    assert await refused(registry, dry) == await refused(registry, wet) == {3: [("证件号码", "id-card-malformed")]}
    assert await holdings() != after


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_rows_again_change_nothing(registry: AtWork, bureau: Bureau, holdings: Holdings, kind: str) -> None:
    rows = [bureau.row(kind) for _ in range(20)]
    content = xlsx(HEADERS[kind], rows)
    first = await registry.import_file(kind, content)
    before = await holdings()

    same = await registry.import_file(kind, content)
    by_another = await registry.import_file(kind, content, who="clerk")
    in_another_file = await registry.import_file(kind, csv_file(HEADERS[kind], rows[::-1]))

    assert same["id"] == first["id"], "the same file of the same caller is the same job"
    assert len({first["id"], by_another["id"], in_another_file["id"]}) == 3
    assert result(by_another) == result(in_another_file) == ("DONE", 20, 20, 0)
    assert await holdings() == before


@pytest.mark.parametrize("kind", KINDS)
async def test_a_row_that_stands_twice_in_one_file_counts_once(registry: AtWork, bureau: Bureau, kind: str) -> None:
    row, other = bureau.row(kind), bureau.row(kind)

    job = await registry.import_file(kind, xlsx(HEADERS[kind], [row, other, row | {"姓名": "另一写法"}]))

    assert result(job) == ("DONE", 3, 2, 1)
    assert await refused(registry, job) == {4: [("证件号码", "duplicate-row")]}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_person_typed_otherwise_is_the_same_row(registry: AtWork, bureau: Bureau, kind: str) -> None:
    number = next(number for _ in range(100) if (number := bureau.new_number()).endswith("X"))
    row = bureau.row(kind, 证件号码=number)

    job = await registry.import_file(kind, xlsx(HEADERS[kind], [row, row | {"证件号码": f" {number.lower()}"}]))

    assert await refused(registry, job) == {3: [("证件号码", "duplicate-row")]}


TODAY, TOMORROW = "2018-06-01", "2018-06-02"
ANY_FILE = [
    ({"姓名": ""}, "姓名", "required"),
    ({"证件号码": ""}, "证件号码", "required"),
    ({"证件号码": 320599197001010011}, "证件号码", "number-in-identity-column"),
    ({"姓名": '=HYPERLINK("x")'}, "姓名", "formula-cell"),
    ({"姓名": "+86"}, "姓名", "formula-cell"),
    ({"姓名": "-1"}, "姓名", "formula-cell"),
    ({"姓名": "@某"}, "姓名", "formula-cell"),
    ({"姓名": Formula('="示例"&"人员"', "示例人员")}, "姓名", "formula-cell"),
    ({"证件号码": "3205991970010100110"}, "证件号码", "id-card-malformed"),
    ({"证件号码": "000599197001010011"}, "证件号码", "id-card-malformed"),
    ({"证件号码": "320599197002300011"}, "证件号码", "id-card-birth-date-impossible"),
    ({"证件号码": "320599201806020011"}, "证件号码", "id-card-birth-date-impossible"),
    ({"证件号码": "110101199003070000"}, "证件号码", "id-card-check-digit-wrong"),
]
OF_PERSONS = [
    ({"户籍起始日期": ""}, "户籍起始日期", "required"),
    ({"户籍地区划代码": 320582}, "户籍地区划代码", "number-in-identity-column"),
    ({"手机": 12000000001}, "手机", "number-in-identity-column"),
    ({"社会保障卡账号": 9999000000000000011}, "社会保障卡账号", "number-in-identity-column"),
    ({"户籍地区划代码": "3205"}, "户籍地区划代码", "area-code-malformed"),
    ({"手机": "22000000001"}, "手机", "mobile-malformed"),
    ({"市外经历": "旅游"}, "市外经历", "value-unknown"),
    ({"市外经历": "工作、无"}, "市外经历", "value-unknown"),
    ({"户籍起始日期": "2001年9月"}, "户籍起始日期", "day-unreadable"),
    ({"户籍起始日期": "20010901"}, "户籍起始日期", "day-unreadable"),
    ({"户籍起始日期": 37135}, "户籍起始日期", "day-unreadable"),
    ({"户籍终止日期": "2018-02-30"}, "户籍终止日期", "day-unreadable"),
    ({"户籍终止日期": "2001-08-31"}, "户籍终止日期", "dates-reversed"),
    ({"户籍起始日期": TOMORROW}, "户籍起始日期", "date-in-future"),
    ({"死亡日期": TOMORROW}, "死亡日期", "date-in-future"),
]
OF_EMPLOYMENT = [
    ({"统一社会信用代码": ""}, "统一社会信用代码", "required"),
    ({"用工形式": ""}, "用工形式", "required"),
    ({"统一社会信用代码": 123456789012345678}, "统一社会信用代码", "number-in-identity-column"),
    ({"统一社会信用代码": "9132059"}, "统一社会信用代码", "uscc-malformed"),
    ({"统一社会信用代码": "91320599MA00000001"}, "统一社会信用代码", "uscc-check-digit-wrong"),
    ({"用工单位统一社会信用代码": "91320599MA00000001"}, "用工单位统一社会信用代码", "uscc-check-digit-wrong"),
    ({"用工形式": "朋友帮忙"}, "用工形式", "value-unknown"),
    ({"凭据": "口头"}, "凭据", "value-unknown"),
    ({"起始日期": "2018/3/1"}, "起始日期", "day-unreadable"),
    ({"起始日期": "2018-W09-4"}, "起始日期", "day-unreadable"),
    ({"终止日期": "以后"}, "终止日期", "day-unreadable"),
    ({"终止日期": "2018-02-28"}, "终止日期", "dates-reversed"),
    ({"起始日期": TOMORROW}, "起始日期", "date-in-future"),
]
OF_INSURANCE = [
    ({"险种": ""}, "险种", "required"),
    ({"起始月份": ""}, "起始月份", "required"),
    ({"统一社会信用代码": 123456789012345678}, "统一社会信用代码", "number-in-identity-column"),
    ({"统一社会信用代码": "9132059"}, "统一社会信用代码", "uscc-malformed"),
    ({"统一社会信用代码": "91320599MA00000001"}, "统一社会信用代码", "uscc-check-digit-wrong"),
    ({"险种": "商业保险"}, "险种", "value-unknown"),
    ({"起始月份": "2018-3"}, "起始月份", "month-unreadable"),
    ({"起始月份": "201803"}, "起始月份", "month-unreadable"),
    ({"终止月份": "2018-13"}, "终止月份", "month-unreadable"),
    ({"补缴日期": "昨天"}, "补缴日期", "day-unreadable"),
    ({"终止月份": "2018-02"}, "终止月份", "dates-reversed"),
    ({"终止月份": "2018-07"}, "终止月份", "date-in-future"),
    ({"补缴日期": TOMORROW}, "补缴日期", "date-in-future"),
]
REFUSED = [
    *((kind, *case) for kind in KINDS for case in ANY_FILE),
    *(("persons", *case) for case in OF_PERSONS),
    *(("employment", *case) for case in OF_EMPLOYMENT),
    *(("insurance", *case) for case in OF_INSURANCE),
]


@pytest.mark.parametrize(
    ("kind", "changed", "column", "code"), REFUSED, ids=[f"{k}-{c}-{code}-{n}" for n, (k, _, c, code) in enumerate(REFUSED)]
)
async def test_a_row_is_refused_by_name_and_what_stood_in_it_is_kept_nowhere(
    registry: AtWork, bureau: Bureau, holdings: Holdings, kind: str, changed: Row, column: str, code: str
) -> None:
    row = bureau.row(kind) | changed
    before = await holdings()

    job = await registry.import_file(kind, xlsx(HEADERS[kind], [row]))

    assert result(job) == ("DONE", 1, 0, 1)
    assert await refused(registry, job) == {2: [(column, code)]}
    assert await holdings() == before
    async with registry.running.database.transaction() as session:
        kept = await (await raw(session)).fetchval("SELECT faults::text FROM job_row WHERE job_id = $1", job["id"])
    assert not any(str(value) in kept for value in changed.values() if len(str(value)) > 6)


async def test_an_employer_that_is_not_entered_is_named_in_either_column(
    registry: AtWork, bureau: Bureau, new_uscc: Callable[[], str]
) -> None:
    rows = [
        bureau.row("employment", 统一社会信用代码=new_uscc()),
        bureau.row("employment", 用工形式="劳务派遣", 用工单位统一社会信用代码=new_uscc()),
    ]

    employment = await registry.import_file("employment", xlsx(HEADERS["employment"], rows))
    insurance = await registry.import_file("insurance", xlsx(HEADERS["insurance"], [bureau.row("insurance", 统一社会信用代码=new_uscc())]))

    assert await refused(registry, employment) == {
        2: [("统一社会信用代码", "organisation-unknown")], 3: [("用工单位统一社会信用代码", "organisation-unknown")],
    }  # fmt: skip
    assert await refused(registry, insurance) == {2: [("统一社会信用代码", "organisation-unknown")]}


async def test_a_file_with_refused_rows_may_be_dropped_again_once_the_registers_have_caught_up(
    registry: AtWork, bureau: Bureau, new_organisation: Made, new_uscc: Callable[[], str]
) -> None:
    late = new_uscc()
    content = xlsx(HEADERS["employment"], [bureau.row("employment"), bureau.row("employment", 统一社会信用代码=late)])

    first = await registry.import_file("employment", content)
    still = await registry.import_file("employment", content)
    await new_organisation(uscc=late)
    again = await registry.import_file("employment", content)
    and_again = await registry.import_file("employment", content)

    assert [result(job) for job in (first, still, again)] == [("DONE", 2, 1, 1), ("DONE", 2, 1, 1), ("DONE", 2, 2, 0)]
    assert len({job["id"] for job in (first, still, again)}) == 3
    assert and_again["id"] == again["id"], "now everything of it is in"


async def test_the_same_file_is_one_job_while_it_waits_and_a_dry_run_of_it_another(registry: AtWork, bureau: Bureau) -> None:
    """Dropped in one instant: nobody can say which rows will be refused."""
    sent = {"files": {"file": ("f.csv", csv_file(HEADERS["persons"], [bureau.row("persons", 证件号码="12")]))}}
    await registry.running.rest()
    try:
        wet, dry, again = [
            (await registry.call("POST", "/registry/v1/imports/persons", data={"validate_only": only}, **sent)).json()
            for only in ("false", "true", "false")
        ]
    finally:
        registry.running.work()

    assert wet["state"] == "WAITING"
    assert (again["id"], dry["id"] == wet["id"]) == (wet["id"], False)


async def test_everything_that_is_wrong_with_a_row_is_said_at_once(registry: AtWork, bureau: Bureau) -> None:
    row = bureau.row("employment", 姓名="", 证件号码="12", 用工形式="朋友帮忙", 起始日期="昨天")

    job = await registry.import_file("employment", xlsx(HEADERS["employment"], [row]))

    assert sorted((await refused(registry, job))[2]) == sorted(
        [("姓名", "required"), ("证件号码", "id-card-malformed"), ("用工形式", "value-unknown"), ("起始日期", "day-unreadable")]
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_without_a_required_column_is_refused_whole(registry: AtWork, bureau: Bureau, kind: str) -> None:
    without = [header for header in HEADERS[kind] if header != "证件号码"]
    row = {header: value for header, value in bureau.row(kind).items() if header != "证件号码"}

    job = await registry.import_file(kind, xlsx(without, [row]))

    assert (job["state"], job["rows_accepted"]) == ("FAILED", 0)
    assert job["failed_reason"].startswith("headers-missing:")
    assert "证件号码" in job["failed_reason"]


@pytest.mark.parametrize("kind", KINDS)
async def test_columns_may_stand_in_any_order_and_others_are_ignored(registry: AtWork, bureau: Bureau, kind: str) -> None:
    job = await registry.import_file(kind, csv_file(["备注", *HEADERS[kind][::-1]], [bureau.row(kind, 备注="随便")]))

    assert result(job) == ("DONE", 1, 1, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_csv_may_be_utf_8_or_gb18030(registry: AtWork, bureau: Bureau, encoding: str) -> None:
    job = await registry.import_file("persons", csv_file(HEADERS["persons"], [bureau.row("persons")], encoding=encoding))

    assert result(job) == ("DONE", 1, 1, 0)


def spoiled(bureau: Bureau) -> dict[str, tuple[bytes, str]]:
    """Files that cannot be read, and the reason that the job must give."""
    rows = [bureau.row("persons") for _ in range(200)]
    sheet, text = xlsx(HEADERS["persons"], rows), csv_file(HEADERS["persons"], rows)
    quoted = '姓名,证件号码\n"示例'.encode()
    return {
        "cut.xlsx": (sheet[: len(sheet) // 2], "file-unreadable"),
        "half a zip header": (sheet[:40], "file-unreadable"),
        "cut inside a quoted cell.csv": (quoted, "file-unreadable"),
        "utf-16.csv": (text.decode().encode("utf-16"), "encoding-unknown"),
        "no known encoding.csv": (b"\xff\xff\xff" + text, "encoding-unknown"),
        "wrong encoding.csv": (text.decode().encode("big5", "replace"), "headers-missing"),
        "old.xls": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "not-a-sheet"),
        "empty": (b"", "not-a-sheet"),
        "headers only": (xlsx(HEADERS["persons"], []), "sheet-empty"),
        "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-sheet"),
    }


async def test_a_file_that_is_no_sheet_or_was_cut_changes_nothing_and_says_why(
    registry: AtWork, bureau: Bureau, holdings: Holdings
) -> None:
    before = await holdings()

    jobs = {name: await registry.import_file("persons", content) for name, (content, _) in spoiled(bureau).items()}

    expected = {name: ("FAILED", reason) for name, (_, reason) in spoiled(bureau).items()}
    assert {name: (job["state"], job["failed_reason"].partition(":")[0]) for name, job in jobs.items()} == expected
    assert await holdings() == before


async def test_a_csv_that_was_cut_between_cells_refuses_its_last_row_only(registry: AtWork, bureau: Bureau) -> None:
    text = csv_file(HEADERS["employment"], [bureau.row("employment") for _ in range(3)])
    cut = text[: text.rindex(bureau.uscc.encode()) + 9]

    job = await registry.import_file("employment", cut)

    assert result(job) == ("DONE", 3, 2, 1)
    assert ("统一社会信用代码", "uscc-malformed") in (await refused(registry, job))[4]


async def test_a_failed_file_may_be_dropped_again(registry: AtWork, bureau: Bureau) -> None:
    content = xlsx(["姓名"], [{"姓名": bureau.row("persons")["姓名"] + bureau.new_number()}])

    first, again = [await registry.import_file("persons", content) for _ in range(2)]

    assert first["state"] == again["state"] == "FAILED"
    assert first["id"] != again["id"]


async def test_the_content_is_not_kept_when_the_job_has_ended(registry: AtWork, bureau: Bureau) -> None:
    jobs = [
        await registry.import_file("persons", xlsx(HEADERS["persons"], [bureau.row("persons")])),
        await registry.import_file("persons", b"\x89PNG" + bureau.new_number().encode() + b"\0"),
    ]

    async with registry.running.database.transaction() as session:
        kept = await (await raw(session)).fetch("SELECT content FROM job WHERE id = ANY($1::uuid[])", [job["id"] for job in jobs])
    assert [row["content"] for row in kept] == [None, None]


async def test_the_template_is_taken_back_as_it_is(registry: AtWork) -> None:
    template = await registry.call("GET", "/registry/v1/imports/persons/template")

    job = await registry.import_file("persons", template.content)

    assert (job["state"], job["failed_reason"].partition(":")[0]) == ("FAILED", "sheet-empty"), "every header was found, only rows lack"
