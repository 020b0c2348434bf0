"""The file of go-live day: what was paid on paper, row by row, by a dry run first; the same file twice is no second payment."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from common.identifiers.id_card import check_character
from common.identifiers.uscc import complete_uscc
from common.testing.files import xlsx
from common.testing.played_registry import person_id
from contracts.certification import Occupation
from contracts.registry import Employment, EmploymentEvidence, EmploymentKind, Organisation, Person

HEADERS = ("待遇项目", "收款单位统一社会信用代码", "姓名", "证件号码", "职业版本", "职业编码", "等级", "年度", "金额", "支付日期", "文号")
FACTORY, NOBODY = (complete_uscc(f"91320599MA1MC0Q{nth}") for nth in (7, 8))


def card(number: int) -> str:
    """An ID number of the unassigned county, with its check digit."""
    body = f"32059919900101{number:03d}"
    return body + check_character(body)


def row(scheme: str, **cells: str) -> dict[str, str]:
    return {"待遇项目": scheme, "支付日期": "2017-06-30", "文号": "2017-12"} | cells


NEWCOMER = row("高技能人才初次来本市工作奖励", 姓名="甲", 证件号码=card(1), 金额="2000.00")
TRAINED = row(
    "普惠制职业技能培训补贴", 收款单位统一社会信用代码=FACTORY, 姓名="乙", 证件号码=card(2), 职业版本="2015", 职业编码="6-18-02-04", 等级="高级工",
    金额="500.00",
)  # fmt: skip
BONUS = row("合作单位输送技能人才补贴", 收款单位统一社会信用代码=FACTORY, 年度="2017", 金额="20000.00")


@pytest.fixture
async def town(city_with_registry: Any) -> Any:
    await city_with_registry.teller.tell(
        Organisation(id=uuid7(), uscc=FACTORY, name="乙厂", spans=()), Occupation(id=uuid7(), occupation="2015:6-18-02-04", name="焊工")
    )
    return city_with_registry


async def listed(town: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await town.at_work.call("GET", "/awards/v1/prior-payments")).json()["items"]
    return items


async def test_a_file_is_tried_loaded_and_corrected_by_the_row(town: Any) -> None:
    file = xlsx(HEADERS, [NEWCOMER, TRAINED, BONUS])

    tried = await town.at_work.import_file("prior-payments", file, validate_only=True)
    after_the_trial = await listed(town)
    loaded = await town.at_work.import_file("prior-payments", file)
    again = await town.at_work.import_file("prior-payments", xlsx(HEADERS, [NEWCOMER | {"金额": "1500.00"}, TRAINED, BONUS]))

    assert [(job["rows_accepted"], job["rows_refused"]) for job in (tried, loaded, again)] == [(3, 0)] * 3
    assert after_the_trial == []
    rows = {each["scheme"]: each for each in await listed(town)}
    assert {name: each["amount"]["amount"] for name, each in rows.items()} == {
        "newcomer": "1500.00", "universal-training": "500.00", "partner-bonus": "20000.00",
    }  # fmt: skip
    assert rows["newcomer"]["person_id"] == rows["newcomer"]["beneficiary_id"] == person_id(card(1))
    assert {name: each["version"] for name, each in rows.items()} == {"newcomer": 2, "universal-training": 1, "partner-bonus": 1}


async def test_a_row_that_does_not_tell_what_was_paid_for_is_refused_with_its_number(town: Any) -> None:
    wrong = [
        BONUS | {"年度": ""}, BONUS | {"年度": "17"}, TRAINED | {"等级": ""}, TRAINED | {"证件号码": "", "姓名": ""},
        NEWCOMER | {"金额": "0"}, row("高技能人才初次来本市工作奖励", 金额="1.00"), NEWCOMER | {"待遇项目": "不知道"},
        TRAINED | {"职业编码": "6-18-02-99"}, TRAINED | {"收款单位统一社会信用代码": NOBODY}, NEWCOMER | {"支付日期": "2018-12-02"},
    ]  # fmt: skip
    job = await town.at_work.import_file("prior-payments", xlsx(HEADERS, [*wrong, NEWCOMER]))
    rows = (await town.at_work.call("GET", f"/awards/v1/jobs/{job['id']}/rows")).json()["items"]

    assert (job["rows_accepted"], job["rows_refused"]) == (1, len(wrong))
    assert sorted({each["row_number"] for each in rows}) == list(range(2, 2 + len(wrong)))
    assert len(await listed(town)) == 1


async def test_what_was_withdrawn_is_not_loaded_again_and_what_is_loaded_is_not_owed_again(town: Any) -> None:
    person = UUID(person_id(card(1)))
    await town.teller.tell(
        Person(id=person, birth_month="1995-06", elsewhere_before=True),
        Employment(
            id=uuid7(), person_id=person, organisation_id=town.enterprise, kind=EmploymentKind.CONTRACT, started_on=date(2017, 3, 1),
            evidence=EmploymentEvidence.CONTRACT,
        ),
        town.certificate(town.person(), issued_on=date(2017, 1, 1)).model_copy(update={"person_id": person}),
    )  # fmt: skip
    before = [each["state"] for each in await town.owed(person_id=person)]

    await town.at_work.import_file("prior-payments", xlsx(HEADERS, [NEWCOMER]))
    await town.teller.settled()
    paid = [(each["state"], each["displaced_by_scheme"]) for each in await town.owed(person_id=person)]
    (payment,) = await listed(town)
    await town.at_work.call("POST", f"/awards/v1/prior-payments/{payment['id']}:withdraw", version=1)
    await town.teller.settled()
    # Another file, or it would be the same job: two workbooks that are written in one second are the same bytes.
    again = await town.at_work.import_file("prior-payments", xlsx(HEADERS, [NEWCOMER | {"金额": "1500.00"}]))

    assert before == ["DUE"]
    assert paid == [("DISPLACED", "prior-payment")]
    assert [each["state"] for each in await town.owed(person_id=person)] == ["DUE"]
    assert (again["rows_accepted"], again["rows_refused"]) == (0, 1)
