"""What others have paid: reported once, corrected, withdrawn; the fund's file again changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import xlsx
from registry.other_benefits.importing import other_benefits_import

PATH = "/registry/v1/other-benefits"
Made = Callable[..., Awaitable[dict[str, Any]]]


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
async def benefit(new_person: Made) -> dict[str, Any]:
    """A body for a payment that may be reported."""
    return {
        "person_id": (await new_person())["id"], "scheme": "UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY", "occupation": "2015:6-18-02-04",
        "level_code": 3, "amount": yuan("2000.00"), "paid_on": "2018-05-10",
    }  # fmt: skip


async def made(registry: AtWork, body: dict[str, Any]) -> str:
    answer = await registry.call("POST", PATH, json=body)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['id']}"


def said(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


async def test_a_payment_is_reported_corrected_withdrawn_and_that_taken_back(registry: AtWork, benefit: dict[str, Any]) -> None:
    path = await made(registry, benefit)

    corrected = await registry.call("PUT", path, json={"amount": yuan("1500.00")}, version=1)
    withdrawn = await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-20"}, version=2)
    late = await registry.call("PUT", path, json={"amount": yuan("1000.00")}, version=3)
    twice = await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-21"}, version=3)
    back = await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": None}, version=3)
    nothing_to_take_back = await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": None}, version=4)

    assert corrected.json()["amount"] == yuan("1500.00")
    assert withdrawn.json()["withdrawn_on"] == "2018-05-20"
    assert said(late) == said(twice) == (409, "other-benefit-already-withdrawn")
    assert (back.json()["withdrawn_on"], back.json()["amount"]) == (None, yuan("1500.00"))
    assert said(nothing_to_take_back) == (409, "other-benefit-not-withdrawn")


async def test_only_an_officer_withdraws_and_not_before_the_payment(registry: AtWork, benefit: dict[str, Any]) -> None:
    path = await made(registry, benefit)

    by_clerk = await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-20"}, version=1, who="clerk")
    too_early = await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-09"}, version=1)

    assert said(by_clerk) == (403, "not-your-role")
    assert said(too_early) == (422, "withdrawn-before-paid")


async def test_one_payment_is_reported_once(registry: AtWork, benefit: dict[str, Any]) -> None:
    twins = await asyncio.gather(*(registry.call("POST", PATH, json=benefit) for _ in range(3)))
    again = await registry.call("POST", PATH, json=benefit | {"amount": yuan("1.00")})

    assert sorted(answer.status_code for answer in twins) == [201, 409, 409], [answer.text for answer in twins]
    assert said(again) == (409, "other-benefit-already-reported")
    await made(registry, benefit | {"level_code": 2})


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"paid_on": "2018-06-02"}, 422, "paid-in-future"),
        ({"amount": yuan("0.00")}, 422, "nothing-paid"),
        ({"amount": 2000}, 422, "invalid"),
        ({"person_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"occupation": "焊工"}, 422, "invalid"),
        ({"level_code": 6}, 422, "invalid"),
        ({"scheme": "GIFT"}, 422, "invalid"),
    ],
)
async def test_what_cannot_have_been_paid_is_refused_by_name(
    registry: AtWork, benefit: dict[str, Any], changed: dict[str, Any], status: int, code: str
) -> None:
    assert said(await registry.call("POST", PATH, json=benefit | changed)) == (status, code)


async def test_a_person_sees_his_own_only(registry: AtWork, benefit: dict[str, Any]) -> None:
    path = await made(registry, benefit)
    himself = registry.account(Role.PERSON, person_id=benefit["person_id"])
    another = registry.account(Role.PERSON, person_id=uuid7())

    async def seen(who: str) -> tuple[int, int]:
        listed = await registry.call("GET", PATH, who=who, params={"person_id": benefit["person_id"]})
        return (await registry.call("GET", path, who=who)).status_code, len(listed.json()["items"])

    assert [await seen(who) for who in (himself, another, "auditor")] == [(200, 1), (404, 0), (200, 1)]


# The fund's file.


@pytest.fixture
def row(new_number: Callable[[], str]) -> dict[str, Any]:
    return {
        "姓名": "示例人员", "证件号码": new_number(), "补贴项目": "失业保险技能提升补贴", "职业版本": "2015", "职业编码": "6-18-02-04", "等级": "高级工",
        "补贴金额": "2000.00", "发放日期": "2018-05-10",
    }  # fmt: skip


async def drop(registry: AtWork, *rows: dict[str, Any]) -> list[list[str]]:
    """Drop a file; the codes of each refused row."""
    job = await registry.import_file("other-benefits", xlsx([column.header for column in other_benefits_import.columns], rows))
    assert job["state"] == "DONE", job
    refused = (await registry.call("GET", f"/registry/v1/jobs/{job['id']}/rows")).json()["items"]
    return [[fault["code"] for fault in row["faults"]] for row in refused]


async def benefits_of(registry: AtWork, number: str) -> list[Any]:
    sought = await registry.call("POST", "/registry/v1/people:search", json={"id_number": number, "purpose": "核对补贴"})
    items: list[Any] = (await registry.call("GET", PATH, params={"person_id": sought.json()["id"]})).json()["items"]
    return items


async def test_a_file_reports_and_a_later_one_corrects_the_amount(registry: AtWork, row: dict[str, Any]) -> None:
    assert await drop(registry, row, row | {"等级": "技师", "补贴金额": "2500"}) == []
    assert await drop(registry, row | {"补贴金额": "1500.00"}) == []

    found = await benefits_of(registry, row["证件号码"])
    assert {(each["level_code"], each["amount"]["amount"], each["version"]) for each in found} == {(3, "1500.00", 2), (2, "2500.00", 1)}


async def test_what_was_withdrawn_stays_so_whatever_a_file_says(
    registry: AtWork, row: dict[str, Any], holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    await drop(registry, row)
    (held,) = await benefits_of(registry, row["证件号码"])
    await registry.call("POST", f"{PATH}/{held['id']}:withdraw", json={"withdrawn_on": "2018-05-20"}, version=1)
    before = await holdings()

    assert await drop(registry, row | {"姓名": "另一写法"}) == []
    assert await drop(registry, row | {"补贴金额": "1"}) == [["other-benefit-already-withdrawn"]]

    assert await holdings() == before
