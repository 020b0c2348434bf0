"""The list that comes with a paper: whom it gives which title, what a later list may change, and what it may not."""

from itertools import count
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from certification.titles.importing import titles_import
from common.identifiers.id_card import check_character
from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import csv_file, xlsx
from common.testing.played_registry import PlayedRegistry, person_id, rows_locked

TITLES = "/certification/v1/titles"
WELDER, TURNER = "2015:6-18-02-04", "2015:6-18-01-01"
HEADERS = [column.header for column in titles_import.columns]
numbers = count(1)


@pytest.fixture(scope="module", autouse=True)
async def turners(certification: AtWork) -> None:
    made = await certification.call("POST", "/certification/v1/occupations", json={"occupation": TURNER, "name": "车工"})
    assert made.status_code == 201, made.text


def row(**changed: Any) -> dict[str, Any]:
    seventeen = f"32059919880101{next(numbers):03}"
    return {
        "姓名": "示例·人员", "证件号码": seventeen + check_character(seventeen), "称号": "省级技术能手", "职业版本": "2015", "职业编码": "6-18-02-04",
        "授予日期": "2017-11-20", "文号": "苏人社发〔2017〕345号",
    } | changed  # fmt: skip


async def held(certification: AtWork, named: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await certification.call("GET", TITLES, params={"person_id": person_id(named["证件号码"])})).json()[
        "items"
    ]
    return found


async def faults(certification: AtWork, job: dict[str, Any]) -> dict[int, str]:
    rows = (await certification.call("GET", f"/certification/v1/jobs/{job['id']}/rows")).json()["items"]
    return {each["row_number"]: each["faults"][0]["code"] for each in rows}


async def test_a_list_is_checked_entered_and_dropped_again_without_effect(certification: AtWork, registry: PlayedRegistry) -> None:
    named = [row(), row(称号="国家技术能手"), row(称号="全国技术能手", 职业版本="", 职业编码="")]

    dry = await certification.import_file("titles", xlsx(HEADERS, named), validate_only=True, who="clerk")
    nobody = await held(certification, named[0])
    wet = await certification.import_file("titles", xlsx(HEADERS, named), who="clerk")
    again = await certification.import_file("titles", csv_file(HEADERS, named[::-1]))

    assert [(job["state"], job["rows_accepted"], job["rows_refused"]) for job in (dry, wet, again)] == [("DONE", 3, 0)] * 3
    assert nobody == []
    found = [await held(certification, each) for each in named]
    assert [[(each["version"], each["kind"], each["occupation"]) for each in own] for own in found] == [
        [(1, "PROVINCIAL_TECHNICAL_EXPERT", WELDER)], [(1, "NATIONAL_TECHNICAL_EXPERT", WELDER)], [(1, "NATIONAL_TECHNICAL_EXPERT", None)],
    ]  # fmt: skip
    assert [asked.get("validate_only", False) for asked in registry.asked[-3:]] == [True, False, False]


async def test_a_later_list_corrects_what_stands_and_brings_back_nothing_that_was_withdrawn(certification: AtWork) -> None:
    stays, gone = row(), row()
    await certification.import_file("titles", csv_file(HEADERS, [stays, gone]))
    (withdrawn,) = await held(certification, gone)
    await certification.call("POST", f"{TITLES}/{withdrawn['id']}:withdraw", json={"withdrawn_on": "2018-05-01"}, version=1)

    same = await certification.import_file("titles", csv_file(HEADERS, [gone, stays]))
    other = await certification.import_file("titles", csv_file(HEADERS, [each | {"授予日期": "2017-11-21"} for each in (stays, gone)]))

    assert (same["rows_accepted"], same["rows_refused"]) == (2, 0)
    assert await faults(certification, other) == {3: "title-withdrawn"}
    assert [(each["version"], each["awarded_on"]) for each in await held(certification, stays)] == [(2, "2017-11-21")]
    assert [(each["version"], each["withdrawn_on"]) for each in await held(certification, gone)] == [(2, "2018-05-01")]


async def test_what_was_awarded_anew_after_a_withdrawal_is_the_one_that_a_list_means(certification: AtWork) -> None:
    named = row()
    await certification.import_file("titles", csv_file(HEADERS, [named]))
    (first,) = await held(certification, named)
    await certification.call("POST", f"{TITLES}/{first['id']}:withdraw", json={"withdrawn_on": "2018-05-01"}, version=1)
    anew = {key: first[key] for key in ("person_id", "kind", "occupation", "awarded_on", "paper_number")}
    assert (await certification.call("POST", TITLES, json=anew)).status_code == 201

    job = await certification.import_file("titles", csv_file(HEADERS, [named | {"授予日期": "2017-11-22"}]))

    assert job["rows_accepted"] == 1
    assert sorted((each["awarded_on"], each["withdrawn_on"] is None) for each in await held(certification, named)) == [
        ("2017-11-20", False), ("2017-11-22", True),
    ]  # fmt: skip


async def test_a_title_of_a_contest_stays_in_the_occupation_in_which_he_was_placed(certification: AtWork) -> None:
    named = row(称号="技能状元", 授予日期="2018-05-25")
    winner = person_id(named["证件号码"])
    contest = {"brand": "状元赛", "tier": "CITY", "year": 2018, "held_on": "2018-05-20", "occupations": [WELDER, TURNER]}
    contest_id = (await certification.call("POST", "/certification/v1/contests", json=contest)).json()["id"]
    results = {"results": [{"occupation": WELDER, "placed": [winner]}]}
    await certification.call("POST", f"/certification/v1/contests/{contest_id}:hold", json=results, version=1)
    body = {
        "person_id": winner, "kind": "TOP_SKILL", "occupation": WELDER, "awarded_on": "2018-05-25", "paper_number": named["文号"],
        "contest_id": contest_id,
    }  # fmt: skip
    await certification.call("POST", TITLES, json=body)

    job = await certification.import_file("titles", csv_file(HEADERS, [named | {"职业编码": "6-18-01-01"}]))
    right = await certification.import_file("titles", csv_file(HEADERS, [named | {"授予日期": "2018-05-26"}]))

    assert (await faults(certification, job), right["rows_accepted"]) == ({2: "not-placed"}, 1)
    assert [(each["contest_id"], each["occupation"], each["awarded_on"]) for each in await held(certification, named)] == [
        (contest_id, WELDER, "2018-05-26")
    ]


async def test_registry_is_asked_before_a_row_is_locked(certification: AtWork, registry: PlayedRegistry) -> None:
    named, locked = row(), list[int]()
    await certification.import_file("titles", csv_file(HEADERS, [named]))

    async def look() -> None:
        locked.append(await rows_locked(certification.running.database, "title"))

    registry.meanwhile = look
    job = await certification.import_file("titles", csv_file(HEADERS, [named | {"授予日期": "2017-11-21"}]))

    assert (job["rows_accepted"], locked) == (1, [0])


async def test_titles_come_from_the_bureau_only(certification: AtWork) -> None:
    who = certification.account(Role.ORGANISATION, organisation_id=uuid7())

    answer = await certification.call(
        "POST", "/certification/v1/imports/titles", who=who, files={"file": ("名单.csv", csv_file(HEADERS, [row()]))}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "not-your-role")
