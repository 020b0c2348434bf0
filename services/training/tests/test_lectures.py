"""Lectures inside enterprises: reported by the school, confirmed by the enterprise, and only then told to others."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork

REPORTS, LECTURES = "/training/v1/lecture-reports", "/training/v1/lectures"


async def reported(training: AtWork, *, who: str = "clerk", **changed: Any) -> httpx2.Response:
    body = {"school_id": str(uuid4()), "teacher_id": str(uuid4()), "enterprise_id": str(uuid4()), "held_on": "2018-04-12", "hours": 4}
    return await training.call("POST", REPORTS, json=body | changed, who=who)


async def confirmed(training: AtWork, report: dict[str, Any], *, who: str = "clerk", version: int = 1) -> httpx2.Response:
    return await training.call("POST", f"{REPORTS}/{report['id']}:confirm", version=version, who=who)


async def withdrawn(training: AtWork, lecture: dict[str, Any], *, on: str = "2018-06-01", version: int = 1) -> httpx2.Response:
    return await training.call("POST", f"{LECTURES}/{lecture['id']}:withdraw", json={"withdrawn_on": on}, version=version)


async def told(training: AtWork, teacher_id: str) -> list[str]:
    """Verbs and versions of what went out about a teacher's lectures, as the audit has them of the rows that are published."""
    query = """
        SELECT audit.verb, audit.version FROM audit JOIN lecture ON lecture.id = audit.subject_id
        WHERE lecture.teacher_id = $1 ORDER BY lecture.id, audit.version
    """
    async with training.running.database.transaction() as session:
        return [f"{row['verb']} {row['version']}" for row in await (await raw(session)).fetch(query, UUID(teacher_id))]


async def test_what_a_school_reports_is_nobodys_fact_until_the_enterprise_confirms_it(training: AtWork) -> None:
    school_id, enterprise_id, teacher = uuid4(), uuid4(), str(uuid4())
    school, enterprise = (training.account(Role.ORGANISATION, organisation_id=id_) for id_ in (school_id, enterprise_id))

    report = await reported(training, who=school, school_id=str(school_id), enterprise_id=str(enterprise_id), teacher_id=teacher)
    before = await told(training, teacher)
    tokens = [answer.headers.get("Consistency-Token") for answer in (report,)]
    waiting = (await training.call("GET", REPORTS, params={"state": "REPORTED"}, who=enterprise)).json()["items"]
    lecture = await confirmed(training, report.json(), who=enterprise)
    after = (await training.call("GET", f"{REPORTS}/{report.json()['id']}", who=school)).json()

    assert (report.status_code, before, tokens) == (201, [], [None])
    assert [each["id"] for each in waiting] == [report.json()["id"]]
    assert (lecture.status_code, lecture.json()["confirmed_on"], lecture.json()["hours"]) == (200, "2018-06-01", 4)
    assert lecture.headers["Consistency-Token"]
    assert (after["lecture_id"], await told(training, teacher)) == (lecture.json()["id"], ["confirmed 1"])
    assert (await training.call("GET", REPORTS, params={"state": "REPORTED"}, who=enterprise)).json()["items"] == []


async def test_a_school_confirms_nothing_itself_and_reports_only_its_own(training: AtWork) -> None:
    school_id, enterprise_id = uuid4(), uuid4()
    school, enterprise = (training.account(Role.ORGANISATION, organisation_id=id_) for id_ in (school_id, enterprise_id))
    made = {"school_id": str(school_id), "enterprise_id": str(enterprise_id)}
    report = (await reported(training, who=school, **made)).json()

    refused = [
        await confirmed(training, report, who=school),
        await reported(training, who=enterprise, **made),
        await training.call("POST", f"{REPORTS}/{report['id']}:withdraw", version=1, who=enterprise),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(404, "not-found")}


async def test_a_report_that_cannot_be_is_refused_by_name(training: AtWork) -> None:
    one = str(uuid4())
    same = {"teacher_id": str(uuid4()), "enterprise_id": str(uuid4())}
    await reported(training, **same)

    refused = [
        await reported(training, held_on="2018-06-02"),
        await reported(training, school_id=one, enterprise_id=one),
        await reported(training, **same, hours=2),
        await reported(training, hours=25),
        await reported(training, hours=0),
    ]

    assert [answer.json()["code"] for answer in refused] == [
        "lecture-in-future", "school-is-enterprise", "lecture-already-reported", "invalid", "invalid",
    ]  # fmt: skip
    assert (await reported(training, **same, held_on="2018-04-13")).status_code == 201
    assert (await reported(training, **same | {"enterprise_id": str(uuid4())})).status_code == 201


async def test_a_report_ends_once_confirmed_or_taken_back(training: AtWork) -> None:
    kept, same = (await reported(training)).json(), {"teacher_id": str(uuid4()), "enterprise_id": str(uuid4())}
    back = (await reported(training, **same)).json()
    await confirmed(training, kept)
    taken = await training.call("POST", f"{REPORTS}/{back['id']}:withdraw", version=1, who="clerk")

    refused = [
        await confirmed(training, kept, version=2),
        await training.call("POST", f"{REPORTS}/{kept['id']}:withdraw", version=2, who="clerk"),
        await confirmed(training, back, version=2),
        await training.call("POST", f"{REPORTS}/{back['id']}:withdraw", version=2, who="clerk"),
    ]

    assert (taken.status_code, taken.json()["withdrawn_on"]) == (200, "2018-06-01")
    assert [answer.json()["code"] for answer in refused] == [
        "report-already-confirmed", "report-already-confirmed", "report-withdrawn", "report-withdrawn",
    ]  # fmt: skip
    assert (await reported(training, **same)).status_code == 201, "what was taken back may be reported anew"


async def test_a_lecture_that_never_was_is_withdrawn_and_the_day_may_be_reported_anew(training: AtWork) -> None:
    teacher = str(uuid4())
    report = (await reported(training, teacher_id=teacher)).json()
    lecture = (await confirmed(training, report)).json()

    refused = [await withdrawn(training, lecture, on=day) for day in ("2018-04-11", "2018-06-02")]
    by_clerk = await training.call(
        "POST", f"{LECTURES}/{lecture['id']}:withdraw", json={"withdrawn_on": "2018-06-01"}, version=1, who="clerk"
    )
    gone = await withdrawn(training, lecture, on="2018-04-12")
    again = await withdrawn(training, lecture, version=2)
    anew = await reported(training, teacher_id=teacher, enterprise_id=report["enterprise_id"])

    assert [answer.json()["code"] for answer in refused] == ["lecture-withdrawn-outside-its-time"] * 2
    assert (by_clerk.status_code, gone.json()["withdrawn_on"], again.json()["code"]) == (403, "2018-04-12", "lecture-withdrawn")
    assert anew.status_code == 201
    assert (await confirmed(training, anew.json())).status_code == 200
    assert await told(training, teacher) == ["confirmed 1", "withdrawn 2", "confirmed 1"]
    states = [
        (await training.call("GET", REPORTS, params={"school_id": report["school_id"], "state": state})).json()["items"]
        for state in ("CONFIRMED", "WITHDRAWN")
    ]
    assert [[each["id"] for each in found] for found in states] == [[], [report["id"]]]


@pytest.mark.parametrize("path", [REPORTS, LECTURES])
async def test_a_lecture_is_seen_by_its_teacher_its_school_and_its_enterprise(training: AtWork, path: str) -> None:
    school, enterprise, teacher = uuid4(), uuid4(), uuid4()
    report = (await reported(training, school_id=str(school), enterprise_id=str(enterprise), teacher_id=str(teacher))).json()
    lecture = (await confirmed(training, report)).json()
    thing = report["id"] if path == REPORTS else lecture["id"]
    organisations = [training.account(Role.ORGANISATION, organisation_id=id_) for id_ in (school, enterprise, uuid4())]
    persons = [training.account(Role.PERSON, person_id=id_) for id_ in (teacher, uuid4())]

    read = [(await training.call("GET", f"{path}/{thing}", who=who)).status_code for who in (*organisations, *persons, "auditor")]
    listed = [len((await training.call("GET", path, who=who)).json()["items"]) for who in (*organisations, *persons)]

    assert read == [200, 200, 404, 200, 404, 200]
    assert listed == [1, 1, 0, 1, 0]
