"""Articles 5, 11, 12 and 14, lived: masters brought in, the outstanding named, students appraised free, and what waits for a paper's figure."""

import asyncio
import time
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from market_town import WELDER, Town

from common.security.issuer import Account
from common.security.principal import Role

pytestmark = pytest.mark.slow
OUTSIDE = "340100"
FREE = {"amount": "0.00", "currency": "CNY"}
_PATIENCE_SECONDS = 60


async def today(town: Town) -> str:
    """Other stories may have moved the day on."""
    return str((await town.officer.get("/awards/v1/operations/business-day"))["day"])


async def title(town: Town, person: str, kind: str, awarded_on: str) -> str:
    return await town.made(
        "/certification/v1/titles", {"person_id": person, "kind": kind, "awarded_on": awarded_on, "paper_number": "人社〔2017〕1号"}
    )


async def certificate(town: Town, person: str, level_code: int) -> str:
    body = {
        "number": uuid4().hex[:16].upper(), "person_id": person, "occupation": WELDER, "level_code": level_code, "issued_on": "2015-05-20",
        "body_id": await town.organisation("TRAINING_BODY"),
    }  # fmt: skip
    return await town.made("/certification/v1/certificates", body)


@pytest.fixture(scope="module")
async def listed(town: Town) -> None:
    """Welders are short from 2017 on, and the records reach back before anybody here could work."""
    entries = [{"occupation": WELDER, "level_codes": [3, 2, 1]}]
    await town.made(
        "/training/v1/catalogues", {"year": 2017, "entries": entries, "in_force_from": "2017-01-01", "paper_number": "张人社〔2017〕1号"}
    )
    await town.officer.create("/registry/v1/sources", {"kind": "INSURANCE", "complete_since": "1990-01-01"})


async def test_who_brings_a_master_in_and_the_master_are_both_paid(town: Town, listed: None) -> None:
    enterprise, master = await town.organisation(), await town.person(area_code=OUTSIDE, elsewhere_before=True)
    honour = await title(town, master, "NATIONAL_TECHNICAL_EXPERT", "2016-05-04")
    await certificate(town, master, 1)
    await town.employed(master, enterprise, "2017-06-05")
    await town.day(date(2018, 6, 5))

    assert await town.owed(payee_id=enterprise) == [("recruited-master", "DUE", "100000.00")]
    assert await town.owed(payee_id=master) == [("newcomer", "DUE", "2000.00")]

    await town.act(f"/certification/v1/titles/{honour}", "withdraw", withdrawn_on="2018-06-02")

    assert await town.owed(payee_id=enterprise) == [("recruited-master", "DUE", "20000.00")]


async def test_the_outstanding_are_named_and_a_naming_in_error_is_taken_back(town: Town) -> None:
    enterprise, worker = await town.organisation(), await town.person()
    await town.employed(worker, enterprise, "2015-03-01")
    day = await today(town)
    honour = await town.made(
        "/awards/v1/honours", {"kind": "OUTSTANDING", "person_id": worker, "named_on": day, "paper_number": "张政发〔2018〕88号"}
    )

    assert await town.owed(person_id=worker) == [("outstanding", "DUE", "3000.00")]

    await town.act(f"/awards/v1/honours/{honour}", "withdraw", withdrawn_on=day, reason="NAMED_IN_ERROR")

    assert await town.owed(person_id=worker) == [("outstanding", "WITHDRAWN", "0.00")]


async def test_a_student_is_appraised_free_once_what_was_charged_is_paid_back(town: Town) -> None:
    occupation, day = "2015:6-29-02-07", await today(town)
    await town.made(
        "/certification/v1/occupations",
        {"occupation": occupation, "name": "防水工", "appraisal_fees": {"4": {"amount": "260.00", "currency": "CNY"}}},
    )
    school, body, student = await town.organisation("SECONDARY_SCHOOL"), await town.organisation("TRAINING_BODY"), await town.person()
    await town.made("/registry/v1/students", {"person_id": student, "school_id": school, "stage": "SECONDARY", "entered_on": "2016-09-01"})
    sitting = await town.made("/certification/v1/sittings", {"body_id": body, "occupation": occupation, "level_code": 4, "held_on": day})
    entry = await town.made(
        "/certification/v1/exam-entries", {"person_id": student, "sitting_id": sitting, "school_id": school, "registered_on": day}
    )
    states = [await town.owed(person_id=student)]
    for charged in ({"amount": "260.00", "currency": "CNY"}, FREE):
        await town.act(f"/certification/v1/exam-entries/{entry}", "settle", took_part=True, charged=charged)
        states.append(await town.owed(payee_id=body))
    await town.officer.act(f"/certification/v1/sittings/{sitting}:annul", 1)
    states.append(await town.owed(payee_id=body))

    assert states == [
        [("free-appraisal", state, yuan)]
        for state, yuan in (("AWAITING", "0.00"), ("AWAITING", "0.00"), ("DUE", "260.00"), ("WITHDRAWN", "0.00"))
    ]


async def test_what_the_text_names_no_figure_for_is_due_when_a_paper_sets_it(town: Town, listed: None) -> None:
    enterprise, champion, chief, traveller = await town.organisation(), *[await town.person() for _ in range(3)]
    for each in (champion, chief, traveller):
        await town.employed(each, enterprise, "2015-03-01")
    day = await today(town)
    await certificate(town, champion, 3)
    await title(town, champion, "CITY_TECHNICAL_EXPERT", "2018-05-04")
    await town.made(
        "/awards/v1/honours",
        {
            "kind": "CHIEF_TECHNICIAN", "person_id": chief, "named_on": day, "organisation_id": enterprise, "term_years": 2,
            "paper_number": "张人社〔2018〕9号",
        },
    )  # fmt: skip
    trip = await town.made(
        "/training/v1/trips",
        {
            "person_id": traveller, "sender_id": enterprise, "occupation": WELDER, "selected_on": "2017-09-01", "starts_on": "2017-10-10",
            "ends_on": "2017-11-10",
        },
    )  # fmt: skip
    await town.act(f"/training/v1/trips/{trip}", "complete", reported_on="2017-11-20", cost={"amount": "30000.00", "currency": "CNY"})
    assert [await town.owed(person_id=each) for each in (champion, chief, traveller)] == [[], [], []]

    await decide(
        town,
        **{"city-master.amount": 500_000, "chief-technician.amount": 600_000, "study-abroad.rate": 5_000, "study-abroad.cap": 2_000_000},
    )

    assert [await town.owed(person_id=each) for each in (champion, chief, traveller)] == [
        [("city-master", "DUE", "5000.00")],
        [("chief-technician", "DUE", "6000.00")],
        [("study-abroad", "DUE", "15000.00")],
    ]


async def decide(town: Town, **figures: Any) -> None:
    """Proposed by the officer, seen to the fen, decided by another one."""
    town.running.issuer.accounts.setdefault("another-officer", Account("another-officer", Role.OFFICER))
    paper = {"effective_from": "2015-01-01", "replaces": "2015-01-01", "paper": "张人社〔2018〕40号"}
    body = {"figures": [{"parameter": name, "value": value} | paper for name, value in figures.items()], "reason": "奖励办法已公布"}
    path = f"/awards/v1/parameter-proposals/{await town.made('/awards/v1/parameter-proposals', body)}"
    until = time.monotonic() + _PATIENCE_SECONDS
    while (preview := await town.officer.get(f"{path}/preview"))["state"] not in ("DONE", "FAILED"):
        assert time.monotonic() < until, preview
        await asyncio.sleep(0.05)
    assert preview["state"] == "DONE", preview
    other = await town.agency("another-officer")
    decided = await other.act(f"{path}:decide", (await other.get(path))["version"])
    assert decided["state"] == "IN_FORCE", decided
