"""What registry knows after the bureaus' files: new, corrected later, and never lost by a blank cell."""

from collections.abc import Awaitable, Callable
from typing import Any

from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import xlsx

Made = Callable[..., Awaitable[dict[str, Any]]]


async def drop(registry: AtWork, kind: str, *rows: dict[str, str]) -> None:
    job = await registry.import_file(kind, xlsx(list(dict.fromkeys(header for row in rows for header in row)), rows))
    assert (job["state"], job["rows_refused"], job["rows_accepted"]) == ("DONE", 0, len(rows)), job


async def person(registry: AtWork, number: str) -> dict[str, Any]:
    answer = await registry.call("POST", "/registry/v1/people:search", json={"id_number": number, "purpose": "核对"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def employments(registry: AtWork, number: str) -> list[dict[str, Any]]:
    person_id = (await person(registry, number))["id"]
    items = (await registry.call("GET", "/registry/v1/employments", params={"person_id": person_id})).json()["items"]
    return sorted(items, key=lambda item: item["started_on"])


async def months(registry: AtWork, number: str) -> list[tuple[str, str, str, str | None]]:
    person_id = (await person(registry, number))["id"]
    spans = (await registry.call("GET", f"/registry/v1/people/{person_id}/insurance")).json()["spans"]
    return [(span["kind"], span["first_month"], span["last_month"], span["back_paid_on"]) for span in spans]


async def test_the_polices_file_makes_a_person_whole(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    await registry.call(
        "POST", "/registry/v1/people:resolve", json={"people": [{"id_number": number, "name": "花名册写法"}]}, who="service"
    )
    common = {
        "姓名": "真实姓名",
        "证件号码": number,
        "市外经历": "工作、参保",
        "手机": "12000000019",
        "社会保障卡账号": "9999000000000000019",
    }

    await drop(
        registry,
        "persons",
        common | {"户籍地区划代码": "320582103", "户籍起始日期": "2012-05-01", "户籍终止日期": ""},
        common | {"户籍地区划代码": "320100", "户籍起始日期": "1999-01-01", "户籍终止日期": "2012-04-30"},
    )

    held = await person(registry, number)
    assert (held["name"], held["is_provisional"], held["has_payee_account"], held["payee_account_verified"]) == (
        "真实姓名",
        False,
        True,
        False,
    )
    assert (held["elsewhere_before"], held["elsewhere_kinds"], held["phone_masked"]) == (True, ["WORK", "INSURANCE"], "*********19")
    assert held["hukou"] == [
        {"area_code": "320100", "first_on": "1999-01-01", "last_on": "2012-04-30"},
        {"area_code": "320582103", "first_on": "2012-05-01", "last_on": None},
    ]


async def test_established_that_there_was_none_is_not_nobody_knows(registry: AtWork, new_number: Callable[[], str]) -> None:
    none, unknown = new_number(), new_number()

    await drop(registry, "persons", {"姓名": "某", "证件号码": none, "市外经历": "无"}, {"姓名": "某", "证件号码": unknown, "市外经历": ""})

    assert [(await person(registry, number))["elsewhere_before"] for number in (none, unknown)] == [False, None]


async def test_a_blank_cell_takes_nothing_away(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    full = {
        "姓名": "某", "证件号码": number, "市外经历": "学习", "死亡日期": "2018-01-02", "手机": "12000000019", "社会保障卡账号": "9999000000000000019",
        "户籍地区划代码": "320582", "户籍起始日期": "2001-09-01",
    }  # fmt: skip
    await drop(registry, "persons", full)
    before = await person(registry, number)

    await drop(registry, "persons", {header: full[header] if header in ("姓名", "证件号码") else "" for header in full})

    assert await person(registry, number) == before


async def test_a_span_is_closed_by_a_later_file_and_one_that_overlaps_is_refused(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    row = {"姓名": "某", "证件号码": number, "户籍地区划代码": "320582", "户籍起始日期": "2001-09-01", "户籍终止日期": ""}
    moved = row | {"户籍地区划代码": "320100", "户籍起始日期": "2018-03-01"}
    await drop(registry, "persons", row)

    overlapping = await registry.import_file("persons", xlsx(list(moved), [moved]))
    await drop(registry, "persons", row | {"户籍终止日期": "2018-02-28"}, moved)

    rows = (await registry.call("GET", f"/registry/v1/jobs/{overlapping['id']}/rows")).json()["items"]
    assert [(each["row_number"], each["faults"][0]["code"]) for each in rows] == [(2, "spans-overlap")]
    assert [(span["first_on"], span["last_on"]) for span in (await person(registry, number))["hukou"]] == [
        ("2001-09-01", "2018-02-28"), ("2018-03-01", None),
    ]  # fmt: skip


async def test_another_account_has_to_be_verified_anew(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    row = {"姓名": "某", "证件号码": number, "社会保障卡账号": "9999000000000000019"}
    await drop(registry, "persons", row)
    first = await person(registry, number)

    await drop(registry, "persons", row | {"社会保障卡账号": "9999000000000000027"})

    changed = await person(registry, number)
    assert (changed["version"], changed["payee_account_verified"]) == (first["version"] + 1, False)


async def test_the_last_day_of_an_employment_arrives_months_later(
    registry: AtWork, new_organisation: Made, new_number: Callable[[], str]
) -> None:
    number, uscc, user = new_number(), (await new_organisation())["uscc"], (await new_organisation())
    row = {
        "姓名": "某", "证件号码": number, "单位名称": "随便", "统一社会信用代码": uscc, "用工单位统一社会信用代码": user["uscc"], "用工形式": "劳务派遣",
        "起始日期": "2017-03-01", "终止日期": "", "凭据": "社会保险",
    }  # fmt: skip
    await drop(registry, "employment", row)
    (begun,) = await employments(registry, number)

    await drop(registry, "employment", row | {"终止日期": "2018-05-31"}, row | {"起始日期": "2018-06-01", "用工形式": "学徒"})

    ended, next_one = await employments(registry, number)
    assert (begun["ended_on"], begun["using_organisation_id"], begun["kind"], begun["evidence"]) == (
        None,
        user["id"],
        "DISPATCH",
        "INSURANCE",
    )
    assert ended == begun | {"ended_on": "2018-05-31", "version": 2}
    assert (next_one["started_on"], next_one["kind"], next_one["version"]) == ("2018-06-01", "APPRENTICE", 1)
    assert (await person(registry, number))["is_provisional"], "the labour register does not make a person whole"


async def test_last_months_file_dropped_again_does_not_put_an_ended_job_back_to_work(
    registry: AtWork, new_organisation: Made, new_number: Callable[[], str]
) -> None:
    number = new_number()
    row = {
        "姓名": "某", "证件号码": number, "统一社会信用代码": (await new_organisation())["uscc"], "用工形式": "劳动合同", "起始日期": "2017-03-01",
        "终止日期": "", "凭据": "劳动合同",
    }  # fmt: skip
    await drop(registry, "employment", row)
    await drop(registry, "employment", row | {"终止日期": "2018-05-31"})

    await drop(registry, "employment", row, row | {"证件号码": new_number()})

    (ended,) = await employments(registry, number)
    assert (ended["ended_on"], ended["version"]) == ("2018-05-31", 2)


async def test_months_join_and_a_gap_stays(registry: AtWork, new_organisation: Made, new_number: Callable[[], str]) -> None:
    number, uscc = new_number(), (await new_organisation())["uscc"]

    def paid(first: str, last: str, **changed: str) -> dict[str, str]:
        row = {
            "姓名": "某",
            "证件号码": number,
            "统一社会信用代码": uscc,
            "险种": "职工养老",
            "起始月份": first,
            "终止月份": last,
            "补缴日期": "",
        }
        return row | changed

    await drop(registry, "insurance", paid("2017-11", "2017-12"), paid("2018-03", "2018-03"), paid("2017-11", "2017-12", 险种="五险合一"))
    await drop(registry, "insurance", paid("2018-04", "2018-04"))
    await drop(registry, "insurance", paid("2018-01", "2018-01", 补缴日期="2018-05-20"))

    assert await months(registry, number) == [
        ("EMPLOYEE_PENSION", "2017-11", "2017-12", None),
        ("FIVE_IN_ONE", "2017-11", "2017-12", None),
        ("EMPLOYEE_PENSION", "2018-01", "2018-01", "2018-05-20"),
        ("EMPLOYEE_PENSION", "2018-03", "2018-04", None),
    ]


async def test_a_person_sees_his_own_months_only(registry: AtWork, new_organisation: Made, new_number: Callable[[], str]) -> None:
    number, uscc = new_number(), (await new_organisation())["uscc"]
    row = {"姓名": "某", "证件号码": number, "统一社会信用代码": uscc, "险种": "职工养老", "起始月份": "2018-01", "终止月份": "2018-01"}
    await drop(registry, "insurance", row)
    person_id = (await person(registry, number))["id"]
    himself, another = (registry.account(Role.PERSON, person_id=each) for each in (person_id, uuid7()))

    path = f"/registry/v1/people/{person_id}/insurance"
    assert [(await registry.call("GET", path, who=who)).status_code for who in (himself, another)] == [200, 404]
    assert (await registry.call("GET", f"/registry/v1/people/{uuid7()}/insurance")).status_code == 404


async def test_a_move_in_one_file_is_taken_whichever_row_comes_first(registry: AtWork, new_number: Callable[[], str]) -> None:
    number = new_number()
    old = {"姓名": "某", "证件号码": number, "户籍地区划代码": "320100", "户籍起始日期": "2001-09-01", "户籍终止日期": ""}
    await drop(registry, "persons", old)

    await drop(registry, "persons", old | {"户籍地区划代码": "320582", "户籍起始日期": "2018-03-01"}, old | {"户籍终止日期": "2018-02-28"})

    spans = (await person(registry, number))["hukou"]
    assert [(span["area_code"], span["last_on"]) for span in spans] == [("320100", "2018-02-28"), ("320582", None)]
