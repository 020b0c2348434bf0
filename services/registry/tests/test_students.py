"""Students: enrolled, suspended, back, left, graduated, corrected; on every day since the entry it is known what somebody was."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from common.refusal import Refusal
from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import xlsx
from contracts.registry import StudentStage, StudentStatus
from registry.students.importing import students_import
from registry.students.model import StatusBegins, Student

PATH = "/registry/v1/students"
TODAY = date(2018, 6, 1)
Made = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def enrolment(new_person: Made, new_organisation: Made) -> dict[str, Any]:
    """A body for a student who may be entered."""
    school = await new_organisation(spans=[{"kind": "SECONDARY_SCHOOL", "area_code": "320582103", "first_on": "2010-03-01"}])
    return {"person_id": (await new_person())["id"], "school_id": school["id"], "stage": "SECONDARY", "entered_on": "2016-09-01"}


async def made(registry: AtWork, body: dict[str, Any]) -> str:
    answer = await registry.call("POST", PATH, json=body)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['id']}"


def said(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def spans(answer: Any) -> list[tuple[str, str, str | None]]:
    return [(span["status"], span["first_on"], span["last_on"]) for span in answer.json()["status_spans"]]


async def test_a_student_is_suspended_comes_back_and_graduates_without_a_gap(registry: AtWork, enrolment: dict[str, Any]) -> None:
    path = await made(registry, enrolment)

    await registry.call("POST", f"{path}:change-status", json={"status": "SUSPENDED", "first_on": "2017-03-01"}, version=1)
    await registry.call("POST", f"{path}:change-status", json={"status": "ENROLLED", "first_on": "2017-09-01"}, version=2)
    graduated = await registry.call("POST", f"{path}:graduate", json={"graduated_on": "2018-05-31"}, version=3)

    assert graduated.json()["graduated_on"] == "2018-05-31"
    assert spans(graduated) == [
        ("ENROLLED", "2016-09-01", "2017-02-28"), ("SUSPENDED", "2017-03-01", "2017-08-31"), ("ENROLLED", "2017-09-01", "2018-05-31"),
        ("LEFT", "2018-06-01", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "then", "status", "code"),
    [
        ([], {"status": "SUSPENDED", "first_on": "2018-06-02"}, 422, "status-in-future"),
        ([], {"status": "SUSPENDED", "first_on": "2016-09-01"}, 422, "status-not-in-order"),
        ([], {"status": "ENROLLED", "first_on": "2017-09-01"}, 409, "status-unchanged"),
        ([("LEFT", "2017-03-01")], {"status": "ENROLLED", "first_on": "2017-09-01"}, 409, "student-has-left"),
        ([("SUSPENDED", "2017-03-01")], {"graduated_on": "2018-05-31"}, 409, "graduated-without-studying"),
        ([], {"graduated_on": "2016-08-31"}, 422, "status-not-in-order"),
        ([], {"graduated_on": "2018-06-02"}, 422, "status-in-future"),
        (["2018-05-31"], {"graduated_on": "2018-05-30"}, 409, "student-has-graduated"),
        (["2018-05-31"], {"status": "LEFT", "first_on": "2018-06-01"}, 409, "student-has-graduated"),
    ],
)
async def test_what_cannot_become_of_a_student_is_refused_by_name(
    registry: AtWork, enrolment: dict[str, Any], first: list[Any], then: dict[str, str], status: int, code: str
) -> None:
    path = await made(registry, enrolment)

    async def do(body: dict[str, str], version: int) -> Any:
        return await registry.call(
            "POST", f"{path}:{'graduate' if 'graduated_on' in body else 'change-status'}", json=body, version=version
        )

    for version, each in enumerate(first, start=1):
        body = {"graduated_on": each} if isinstance(each, str) else {"status": each[0], "first_on": each[1]}
        assert (await do(body, version)).status_code == 200

    assert said(await do(then, 1 + len(first))) == (status, code)


async def test_a_graduation_entered_by_mistake_is_taken_back_and_what_is_shown_may_be_sent_back(
    registry: AtWork, enrolment: dict[str, Any]
) -> None:
    path = await made(registry, enrolment)
    graduated = (await registry.call("POST", f"{path}:graduate", json={"graduated_on": "2018-05-31"}, version=1)).json()
    shown = {"stage": "SECONDARY", "graduated_on": "2018-05-31"}
    shown |= {"statuses": [{key: span[key] for key in ("status", "first_on")} for span in graduated["status_spans"]]}

    as_shown = await registry.call("PUT", path, json=shown, version=2)
    back = await registry.call("PUT", path, json=shown | {"graduated_on": None, "statuses": shown["statuses"][:1]}, version=2)

    assert as_shown.json() == graduated
    assert (spans(back), back.json()["graduated_on"]) == ([("ENROLLED", "2016-09-01", None)], None)


@pytest.mark.parametrize(
    ("statuses", "status", "code"),
    [
        ([("SUSPENDED", "2016-09-01")], 422, "does-not-begin-enrolled"),
        ([("ENROLLED", "2016-09-01"), ("LEFT", "2016-09-01")], 422, "status-not-in-order"),
        ([("ENROLLED", "2016-09-01"), ("LEFT", "2017-03-01"), ("ENROLLED", "2018-03-01")], 409, "student-has-left"),
        ([("ENROLLED", "2018-06-02")], 422, "status-in-future"),
        ([], 422, "invalid"),
    ],
)
async def test_a_correction_that_cannot_be_is_refused_by_name(
    registry: AtWork, enrolment: dict[str, Any], statuses: list[tuple[str, str]], status: int, code: str
) -> None:
    path = await made(registry, enrolment)
    body = {"stage": "SECONDARY", "statuses": [{"status": each, "first_on": first_on} for each, first_on in statuses]}

    assert said(await registry.call("PUT", path, json=body, version=1)) == (status, code)


async def test_one_entry_at_one_school_stands_once_also_after_a_correction(registry: AtWork, enrolment: dict[str, Any]) -> None:
    twins = await asyncio.gather(*(registry.call("POST", PATH, json=enrolment) for _ in range(3)))
    later = await made(registry, enrolment | {"entered_on": "2017-09-01"})
    body = {"stage": "SECONDARY", "statuses": [{"status": "ENROLLED", "first_on": "2016-09-01"}]}

    assert sorted(answer.status_code for answer in twins) == [201, 409, 409], [answer.text for answer in twins]
    assert said(await registry.call("POST", PATH, json=enrolment)) == (409, "student-already-enrolled")
    assert said(await registry.call("PUT", later, json=body, version=1)) == (409, "student-already-enrolled")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"entered_on": "2018-06-02"}, 422, "status-in-future"),
        ({"person_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"school_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"stage": "KINDERGARTEN"}, 422, "invalid"),
    ],
)
async def test_who_cannot_be_enrolled_is_refused_by_name(
    registry: AtWork, enrolment: dict[str, Any], changed: dict[str, Any], status: int, code: str
) -> None:
    assert said(await registry.call("POST", PATH, json=enrolment | changed)) == (status, code)


async def test_a_school_and_a_person_see_their_own_only(registry: AtWork, enrolment: dict[str, Any]) -> None:
    path = await made(registry, enrolment)
    accounts = {
        "school": registry.account(Role.ORGANISATION, organisation_id=enrolment["school_id"]),
        "stranger": registry.account(Role.ORGANISATION, organisation_id=uuid7()),
        "himself": registry.account(Role.PERSON, person_id=enrolment["person_id"]),
        "another": registry.account(Role.PERSON, person_id=uuid7()),
    }

    async def seen(who: str) -> tuple[int, int]:
        listed = await registry.call("GET", PATH, who=accounts[who], params={"person_id": enrolment["person_id"]})
        return (await registry.call("GET", path, who=accounts[who])).status_code, len(listed.json()["items"])

    assert {who: await seen(who) for who in accounts} == {
        "school": (200, 1), "stranger": (404, 0), "himself": (200, 1), "another": (404, 0),
    }  # fmt: skip


# The roster of a school.


@pytest.fixture
async def roster(registry: AtWork, new_organisation: Made, new_number: Callable[[], str]) -> Callable[..., dict[str, Any]]:
    """A right row of a new student of one school."""
    code = (await new_organisation())["uscc"]

    def row(**changed: str) -> dict[str, Any]:
        right = {"学校统一社会信用代码": code, "学段": "中职", "入学日期": "2016-09-01", "学籍状态": "在籍"}
        return {"姓名": "示例人员", "证件号码": new_number()} | right | changed

    return row


async def drop(registry: AtWork, *rows: dict[str, Any], **more: Any) -> list[list[str]]:
    """Drop a roster; the codes of each refused row."""
    job = await registry.import_file("students", xlsx([column.header for column in students_import.columns], rows), **more)
    assert job["state"] == "DONE", job
    refused = (await registry.call("GET", f"/registry/v1/jobs/{job['id']}/rows")).json()["items"]
    return [[fault["code"] for fault in row["faults"]] for row in refused]


async def students_of(registry: AtWork, number: str) -> list[Any]:
    sought = await registry.call("POST", "/registry/v1/people:search", json={"id_number": number, "purpose": "核对名册"})
    if sought.status_code == 404:
        return []
    items: list[Any] = (await registry.call("GET", PATH, params={"person_id": sought.json()["id"]})).json()["items"]
    return items


async def test_a_roster_enrols_and_the_next_says_what_became_of_whom(registry: AtWork, roster: Callable[..., dict[str, Any]]) -> None:
    stays, pauses, ends, new = [roster() for _ in range(4)]
    assert await drop(registry, stays, pauses, ends) == []

    next_term = [
        stays | {"专业代码": "660103", "困难学生": "是"}, pauses | {"学籍状态": "休学", "状态起始日期": "2018-03-01"},
        ends | {"学籍状态": "毕业", "状态起始日期": "2018-05-31"}, new | {"学籍状态": "离校", "状态起始日期": "2017-01-10"},
    ]  # fmt: skip
    assert await drop(registry, *next_term) == []

    found = [await students_of(registry, row["证件号码"]) for row in (stays, pauses, ends, new)]
    assert [len(each) for each in found] == [1, 1, 1, 1]
    assert [[span["status"] for span in each["status_spans"]] for (each,) in found] == [
        ["ENROLLED"], ["ENROLLED", "SUSPENDED"], ["ENROLLED", "LEFT"], ["ENROLLED", "LEFT"],
    ]  # fmt: skip
    assert [(each["major"], each["has_hardship"], each["graduated_on"]) for (each,) in found[:3]] == [
        ("660103", True, None), (None, False, None), (None, False, "2018-05-31"),
    ]  # fmt: skip


async def test_the_roster_of_last_term_dropped_again_takes_nothing_back(
    registry: AtWork, roster: Callable[..., dict[str, Any]], holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    row = roster()
    graduates = roster() | {"学籍状态": "毕业", "状态起始日期": "2018-05-31"}
    suspended, back = row | {"学籍状态": "休学", "状态起始日期": "2017-03-01"}, row | {"状态起始日期": "2017-09-01"}
    for rows in ([row, graduates], [suspended], [back]):
        assert await drop(registry, *rows) == []
    before = await holdings()

    for nth, rows in enumerate(([row], [suspended], [back], [graduates])):
        assert await drop(registry, *rows, roster() | {"证件号码": f"{nth}"}) == [["id-card-malformed"]], "another file, the same rows"

    assert await holdings() == before


async def test_a_row_that_contradicts_what_is_known_is_refused_and_changes_nothing(
    registry: AtWork, roster: Callable[..., dict[str, Any]], holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    gone, graduated, suspended = [roster() for _ in range(3)]
    known = [
        gone | {"学籍状态": "离校", "状态起始日期": "2017-03-01"}, graduated | {"学籍状态": "毕业", "状态起始日期": "2018-05-31"},
        suspended | {"学籍状态": "休学", "状态起始日期": "2017-03-01"},
    ]  # fmt: skip
    assert await drop(registry, *known) == []
    before = await holdings()

    refused = await drop(
        registry,
        gone | {"状态起始日期": "2017-09-01", "困难学生": "是"},
        graduated | {"学籍状态": "毕业", "状态起始日期": "2018-05-30", "困难学生": "是"},
        suspended | {"学籍状态": "休学", "状态起始日期": "2017-03-02", "困难学生": "是"},
    )

    assert refused == [["student-has-left"], ["student-has-graduated"], ["status-unchanged"]]
    assert await holdings() == before


async def test_a_dry_run_enrols_nobody(
    registry: AtWork, roster: Callable[..., dict[str, Any]], holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    before = await holdings()

    assert await drop(registry, roster(), roster(学籍状态="休学"), validate_only=True) == [["required"]]

    assert await holdings() == before


# Every day since the entry.


def days(student: Student) -> Iterator[tuple[date, str]]:
    for span in student.status_spans:
        day, last = date.fromisoformat(span["first_on"]), date.fromisoformat(span["last_on"] or "2018-06-30")
        while day <= last:
            yield day, span["status"]
            day += timedelta(days=1)


STATUSES = st.lists(st.tuples(st.sampled_from(StudentStatus), st.integers(0, 600)), max_size=6)


@given(STATUSES, st.none() | st.integers(0, 700))
def test_whatever_is_said_every_day_since_the_entry_is_covered_once(said: list[tuple[StudentStatus, int]], graduated: int | None) -> None:
    entered = date(2016, 9, 1)
    student = Student.enrolled(person_id=uuid7(), school_id=uuid7(), stage=StudentStage.SECONDARY, entered_on=entered)
    expected = [StatusBegins(StudentStatus.ENROLLED, entered)]
    for status, after in said:
        try:
            student.become(status, entered + timedelta(days=after), today=TODAY)
        except Refusal:
            continue
        expected.append(StatusBegins(status, entered + timedelta(days=after)))
    ends_on = None
    try:
        if graduated is not None:
            student.graduate(entered + timedelta(days=graduated), today=TODAY)
            ends_on = student.graduated_on
    except Refusal:
        pass

    covered = list(days(student))

    assert [day for day, _ in covered] == [entered + timedelta(days=nth) for nth in range(len(covered))]
    assert covered[-1][0] == date(2018, 6, 30)
    for day, status in covered:
        was = [each.status for each in expected if each.first_on <= day][-1]
        assert status == (StudentStatus.LEFT if ends_on and day > ends_on else was), day
    assert student.statuses == expected
