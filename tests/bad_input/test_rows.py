"""Rows that are wrong, in every kind of file: each is named with its column and what to do, and the right ones beside it are accepted."""

import json
import re
from typing import Any

import pytest
from desk import KINDS, Desk, codes, result

from city.identities import uscc
from common.testing.files import Formula, csv_file

Wrong = tuple[dict[str, Any], str, str]
DAY = {
    "persons": "户籍起始日期", "employment": "起始日期", "insurance": "补缴日期", "students": "入学日期", "other-benefits": "发放日期",
    "roster": "报名日期", "exam-entries": "报名日期", "titles": "授予日期", "certificates": "发证日期", "placements": "上岗日期",
    "prior-payments": "支付日期",
}  # fmt: skip
AS_OPERATORS_TYPE_THEM = [
    "2018/3/1",
    "2018.3.1",
    "2018年3月1日",
    "20180301",
    "三月一日",
    "2018-02-30",
    "2018-3-1",
    "２０１８-０３-０１",
    "0000-01-01",
    43160,
]
UNKNOWN_USCC = uscc("91", 998_877)


def wrong_last(text: str) -> str:
    return text[:-1] + ("1" if text[-1] == "0" else "0")


def common(desk: Desk, kind: str) -> list[Wrong]:
    """What is wrong in every kind of file."""
    number = desk.new_number()
    return [
        ({"姓名": ""}, "姓名", "required"),
        ({"证件号码": ""}, "证件号码", "required"),
        ({"证件号码": int(number[:15] + "000")}, "证件号码", "number-in-identity-column"),
        ({"证件号码": float(number[:15] + "000")}, "证件号码", "number-in-identity-column"),
        ({"证件号码": wrong_last(number)}, "证件号码", "id-card-check-digit-wrong"),
        ({"证件号码": number[:16]}, "证件号码", "id-card-malformed"),
        ({"证件号码": f"{number}1"}, "证件号码", "id-card-malformed"),
        ({"证件号码": "320599201806020011"}, "证件号码", "id-card-birth-date-impossible"),
        ({"姓名": '=HYPERLINK("x")'}, "姓名", "formula-cell"),
        ({"姓名": "+1"}, "姓名", "formula-cell"),
        ({"姓名": "-1"}, "姓名", "formula-cell"),
        ({"姓名": "@某"}, "姓名", "formula-cell"),
        ({"姓名": Formula('="某"', "某")}, "姓名", "formula-cell"),
        ({"证件号码": Formula("=A1", number)}, "证件号码", "formula-cell"),
        ({"姓名": "某" * 101}, "姓名", "too-long"),
        *(({DAY[kind]: text}, DAY[kind], "day-unreadable") for text in AS_OPERATORS_TYPE_THEM),
        ({DAY[kind]: "1899-12-31"}, DAY[kind], "day-out-of-range"),
        ({DAY[kind]: "9999-12-31"}, DAY[kind], "day-out-of-range"),
        ({DAY[kind]: "2018-06-02", "结业日期": ""}, DAY[kind], "date-in-future"),
    ]


OWN: dict[str, list[Wrong]] = {
    "persons": [
        ({"户籍终止日期": "2001-08-31"}, "户籍终止日期", "dates-reversed"),
        ({"户籍地区划代码": "32058"}, "户籍地区划代码", "area-code-malformed"),
        ({"手机": "1200000000"}, "手机", "mobile-malformed"),
        ({"社会保障卡账号": "9999 0000"}, "社会保障卡账号", "account-malformed"),
        ({"社会保障卡账号": "甲乙丙丁戊己庚辛壬癸子丑"}, "社会保障卡账号", "account-malformed"),
    ],
    "employment": [
        ({"终止日期": "2018-02-28"}, "终止日期", "dates-reversed"),
        ({"统一社会信用代码": UNKNOWN_USCC}, "统一社会信用代码", "organisation-unknown"),
        ({"用工形式": "朋友帮忙"}, "用工形式", "value-unknown"),
    ],
    "insurance": [
        ({"终止月份": "2018-02"}, "终止月份", "dates-reversed"),
        ({"统一社会信用代码": UNKNOWN_USCC}, "统一社会信用代码", "organisation-unknown"),
        ({"起始月份": "2018-13"}, "起始月份", "month-unreadable"),
        ({"起始月份": "2018年3月"}, "起始月份", "month-unreadable"),
    ],
    "students": [
        ({"学校统一社会信用代码": UNKNOWN_USCC}, "学校统一社会信用代码", "organisation-unknown"),
        ({"学段": "小学"}, "学段", "value-unknown"),
        ({"学籍状态": "逃课"}, "学籍状态", "value-unknown"),
        ({"学籍状态": "休学"}, "状态起始日期", "required"),
        ({"学籍状态": "毕业"}, "状态起始日期", "required"),
        ({"学籍状态": "休学", "状态起始日期": "2016-08-31"}, "状态起始日期", "dates-reversed"),
        ({"学籍状态": "休学", "状态起始日期": "2016-09-01"}, "状态起始日期", "status-not-in-order"),
        ({"状态起始日期": "2017-03-01"}, "状态起始日期", "status-unchanged"),
        ({"专业代码": "6" * 21}, "专业代码", "too-long"),
        ({"困难学生": "有点"}, "困难学生", "value-unknown"),
    ],
    "other-benefits": [
        ({"补贴项目": "过节费"}, "补贴项目", "value-unknown"),
        ({"职业编码": "焊工"}, "职业编码", "occupation-code-malformed"),
        ({"职业版本": "2011"}, "职业编码", "occupation-edition-unknown"),
        ({"等级": "特高级工"}, "等级", "level-unknown"),
        ({"补贴金额": ""}, "补贴金额", "required"),
        ({"补贴金额": "0"}, "补贴金额", "nothing-paid"),
        ({"补贴金额": "两千"}, "补贴金额", "amount-unreadable"),
    ],
    "roster": [
        ({"结业日期": "2018-02-28"}, "结业日期", "dates-reversed"),
        ({"班级编号": "PH2018-9999"}, "班级编号", "class-unknown"),
        ({"已收费用": "二百四十"}, "已收费用", "amount-unreadable"),
        ({"已收费用": "240.005"}, "已收费用", "amount-unreadable"),
        ({"已退费用": "240.01"}, "已退费用", "refund-above-charge"),
        ({"出勤率": "100.1"}, "出勤率", "share-unreadable"),
    ],
    "exam-entries": [
        ({"鉴定机构统一社会信用代码": UNKNOWN_USCC}, "鉴定机构统一社会信用代码", "organisation-unknown"),
        ({"学校统一社会信用代码": UNKNOWN_USCC}, "学校统一社会信用代码", "organisation-unknown"),
        ({"学校统一社会信用代码": "91"}, "学校统一社会信用代码", "uscc-malformed"),
        ({"鉴定日期": "2018-06-21"}, "鉴定日期", "sitting-unknown"),
        ({"职业编码": "6-99-99-99"}, "鉴定日期", "sitting-unknown"),
        ({"等级": "技师"}, "鉴定日期", "sitting-unknown"),
        ({"鉴定日期": "2018-05-19"}, "报名日期", "registered-after-sitting"),
        ({"鉴定日期": "六月二十日"}, "鉴定日期", "day-unreadable"),
        ({"等级": "特高级工"}, "等级", "level-unknown"),
        ({"职业版本": "2011"}, "职业编码", "occupation-edition-unknown"),
    ],
    "titles": [
        ({"称号": "劳动模范"}, "称号", "value-unknown"),
        ({"职业编码": "6-99-99-99"}, "职业编码", "occupation-unknown"),
        ({"职业编码": "焊工"}, "职业编码", "occupation-code-malformed"),
        ({"职业编码": ""}, "职业编码", "required"),
        ({"职业版本": ""}, "职业编码", "occupation-edition-unknown"),
        ({"文号": ""}, "文号", "required"),
        ({"文号": "文" * 61}, "文号", "too-long"),
    ],
    "certificates": [
        ({"职业编码": "6-99-99-99"}, "职业编码", "occupation-unknown"),
        ({"职业版本": "2011"}, "职业编码", "occupation-edition-unknown"),
        ({"等级": "特高级工"}, "等级", "level-unknown"),
        ({"证书编号": "S0001"}, "证书编号", "certificate-number-length-wrong"),
        ({"发证机构统一社会信用代码": UNKNOWN_USCC}, "发证机构统一社会信用代码", "organisation-unknown"),
        ({"班级编号": "PH2018-9999"}, "班级编号", "class-unknown"),
    ],
    "placements": [
        ({"用人单位统一社会信用代码": UNKNOWN_USCC}, "用人单位统一社会信用代码", "organisation-unknown"),
        ({"合作单位统一社会信用代码": UNKNOWN_USCC}, "合作单位统一社会信用代码", "organisation-unknown"),
        ({"凭据": "口头"}, "凭据", "value-unknown"),
    ],
    "prior-payments": [
        ({"待遇项目": "人才房"}, "待遇项目", "value-unknown"),
        ({"收款单位统一社会信用代码": UNKNOWN_USCC}, "收款单位统一社会信用代码", "organisation-unknown"),
        ({"待遇项目": "合作单位输送技能人才补贴", "年度": "2017"}, "收款单位统一社会信用代码", "required"),
        ({"年度": "17年"}, "年度", "year-unreadable"),
        ({"金额": "两千"}, "金额", "amount-unreadable"),
        ({"金额": "0.00"}, "金额", "required"),
        ({"等级": "高级工"}, "职业编码", "required"),
        ({"职业版本": "2015", "职业编码": "6-18-02-04"}, "等级", "required"),
        ({"职业版本": "2015", "职业编码": "6-99-99-99", "等级": "高级工"}, "职业编码", "occupation-unknown"),
    ],
}  # fmt: skip


def test_every_import_is_tried(desk: Desk) -> None:
    assert set(KINDS) == set(desk.imports) == set(OWN) == set(DAY)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_wrong_row_is_named_and_the_right_ones_beside_it_are_accepted(desk: Desk, kind: str) -> None:
    wrong = [*common(desk, kind), *OWN[kind]]
    first, last = desk.row(kind), desk.row(kind)
    rows = [first, *(desk.row(kind, **changed) for changed, _, _ in wrong), first | {"姓名": "另一写法"}, last]

    job = await desk.drop(kind, desk.sheet(kind, *rows))

    expected = {number: [(column, code)] for number, (_, column, code) in enumerate(wrong, start=3)}
    expected[3 + len(wrong)] = [(desk.imports[kind][1].natural_key[0], "duplicate-row")]
    assert codes(job) == expected
    assert result(job) == ("DONE", len(rows), 2, len(wrong) + 1)
    for (changed, _, _), faults in zip(wrong, job["refused"].values(), strict=False):
        said = json.dumps(faults, ensure_ascii=False)
        assert all(re.search(r"[\u4e00-\u9fff]", fault["message"]) for fault in faults), "it says in Chinese what to do"
        assert not [value for value in changed.values() if len(str(value)) > 4 and str(value) in said], "and not what stood there"


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_rows_again_in_this_file_or_another_double_nothing(desk: Desk, kind: str) -> None:
    rows = [desk.row(kind) for _ in range(3)]
    content = desk.sheet(kind, *rows)
    first = await desk.drop(kind, content)
    acts = await desk.acts(kind)

    again = await desk.drop(kind, content)
    by_another = await desk.drop(kind, content, who="clerk")
    in_another_file = await desk.drop(kind, csv_file(desk.headers(kind), rows[::-1]))

    assert first["id"] == again["id"] != by_another["id"]
    assert result(first) == result(by_another) == result(in_another_file) == ("DONE", 3, 3, 0)
    assert await desk.acts(kind) == acts


@pytest.mark.parametrize("kind", KINDS)
async def test_full_width_digits_and_blanks_around_a_cell_make_no_other_row(desk: Desk, kind: str) -> None:
    full_width = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
    row = desk.row(kind)
    typed = {header: f" {value}\u3000" for header, value in row.items()} | {"证件号码": f"{row['证件号码'].translate(full_width)} "}
    await desk.drop(kind, desk.sheet(kind, row))
    acts = await desk.acts(kind)

    jobs = [await desk.drop(kind, content) for content in (desk.sheet(kind, typed), csv_file(desk.headers(kind), [typed]))]

    assert [result(job) for job in jobs] == [("DONE", 1, 1, 0)] * 2
    assert await desk.acts(kind) == acts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("character", ["\x01", "\x7f", "\x00"])
async def test_a_control_character_refuses_its_row_only(desk: Desk, kind: str, character: str) -> None:
    rows = [desk.row(kind) for _ in range(30)]  # the first 1,024 bytes decide whether it is a text at all
    wrong = [desk.row(kind, 姓名=f"某{character}某"), *[desk.row(kind, 班级编号=f"P{character}") for _ in [kind] if kind == "roster"]]

    job = await desk.drop(kind, csv_file(desk.headers(kind), [*rows, *wrong]))

    assert codes(job) == {
        32: [("姓名", "control-character")], **({33: [("班级编号", "control-character")]} if kind == "roster" else {}),
    }  # fmt: skip
    assert job["rows_accepted"] == 30


@pytest.mark.parametrize("kind", KINDS)
async def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk, kind: str) -> None:
    content = desk.sheet(kind, desk.row(kind), desk.row(kind, 证件号码="12"))
    acts = await desk.acts(kind)

    dry = await desk.drop(kind, content, validate_only=True)
    after = await desk.acts(kind)
    wet = await desk.drop(kind, content)

    assert (result(dry), codes(dry)) == (result(wet), codes(wet))
    assert (after, result(wet)) == (acts, ("DONE", 2, 1, 1))
