"""Selections of article 14 over REST: twenty a year and no more, nobody anew within three years, and the instalments that follow."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx2
import pytest
from uuid_utils.compat import uuid7

from common.database.engine import raw
from common.verify.check import Finding, Inspected
from common.verify.standard import checks_of
from contracts import registry

PATH = "/awards/v1/honours"


async def name(city: Any, person_id: UUID | None = None, **changed: Any) -> httpx2.Response:
    body = {"kind": "OUTSTANDING", "person_id": str(person_id or uuid7()), "named_on": "2018-05-04", "paper_number": "〔2018〕31号"}
    answer: httpx2.Response = await city.at_work.call("POST", PATH, json=body | changed)
    return answer


async def named(city: Any, person_id: UUID | None = None, **changed: Any) -> dict[str, Any]:
    answer = await name(city, person_id, **changed)
    assert answer.status_code == 201, answer.text
    honour: dict[str, Any] = answer.json()
    return honour


async def act(city: Any, honour: dict[str, Any], verb: str, **body: Any) -> dict[str, Any] | str:
    """What the honour is then, or why it was refused."""
    now = (await city.at_work.call("GET", f"{PATH}/{honour['id']}")).json()
    answer = await city.at_work.call("POST", f"{PATH}/{honour['id']}:{verb}", json=body, version=now["version"])
    told: dict[str, Any] = answer.json()
    return told if answer.status_code == 200 else str(told["code"])


async def instalments(city: Any, person_id: UUID) -> list[tuple[str, str]]:
    await city.teller.settled()
    rows = await city.owed(person_id=person_id)
    return sorted((row["entitlement_key"].rpartition("/")[2], row["due"]["amount"]) for row in rows if row["scheme"] == "outstanding")


@pytest.fixture
async def worker(city: Any) -> registry.Person:
    person: registry.Person = city.person()
    job = registry.Employment(
        id=uuid7(), person_id=person.id, organisation_id=city.enterprise, kind="CONTRACT", started_on=date(2015, 3, 1), evidence="CONTRACT"
    )
    await city.teller.tell(person, job)
    return person


async def test_who_is_named_is_owed_an_instalment_on_the_day_and_on_both_anniversaries(city: Any, worker: registry.Person) -> None:
    await named(city, worker.id)
    owed = [await instalments(city, worker.id)]
    for day in (date(2019, 5, 3), date(2019, 5, 4), date(2020, 5, 4), date(2022, 1, 1)):
        await city.advance(day)
        owed.append(await instalments(city, worker.id))

    first, second, third = (("1", "3000.00"), ("2", "3000.00"), ("3", "3000.00"))
    assert owed == [[first], [first], [first, second], [first, second, third], [first, second, third]]


async def test_the_answer_to_a_naming_can_be_read_with_its_token_when_the_money_is_there(city: Any, worker: registry.Person) -> None:
    token = (await name(city, worker.id)).headers["consistency-token"]

    page = (await city.at_work.call("GET", f"/awards/v1/entitlements?person_id={worker.id}&after={token}")).json()

    assert [item["due"]["amount"] for item in page["items"]] == ["3000.00"]


async def test_a_withdrawn_naming_keeps_what_fell_due_before_and_a_mistaken_one_nothing(city: Any, worker: registry.Person) -> None:
    honour = await named(city, worker.id)
    other = city.person()
    await city.teller.tell(
        other,
        registry.Employment(
            id=uuid7(),
            person_id=other.id,
            organisation_id=city.enterprise,
            kind="CONTRACT",
            started_on=date(2015, 3, 1),
            evidence="CONTRACT",
        ),
    )
    mistaken = await named(city, other.id)
    await city.advance(date(2019, 6, 1))
    assert len(await instalments(city, worker.id)) == len(await instalments(city, other.id)) == 2

    await act(city, honour, "withdraw", withdrawn_on="2019-05-04", reason="DISHONESTY")
    await act(city, mistaken, "withdraw", withdrawn_on="2018-05-04", reason="NAMED_IN_ERROR")

    assert [await instalments(city, each.id) for each in (worker, other)] == [
        [("1", "3000.00"), ("2", "0.00")],
        [("1", "0.00"), ("2", "0.00")],
    ]
    assert await act(city, honour, "withdraw", withdrawn_on="2019-05-05", reason="MISCONDUCT") == "honour-already-withdrawn"
    assert await act(city, honour, "fail-check", year=2018) == "honour-already-withdrawn"


async def test_a_failed_yearly_check_stops_what_falls_due_in_later_years(city: Any, worker: registry.Person) -> None:
    honour = await named(city, worker.id)
    await city.advance(date(2019, 6, 1))

    checked = await act(city, honour, "fail-check", year=2019)
    assert isinstance(checked, dict)
    await city.advance(date(2020, 6, 1))

    assert checked["failed_checks"] == [2019]
    assert await instalments(city, worker.id) == [("1", "3000.00"), ("2", "3000.00")]
    refused = [await act(city, honour, "fail-check", year=year) for year in (2019, 2017, 2021)]
    assert refused == ["check-already-failed", "no-year-of-the-term", "no-year-of-the-term"]


async def test_twenty_are_named_in_a_year_and_a_withdrawn_place_is_not_filled_again(city: Any) -> None:
    honours = [await named(city, paper_number=f"{nth}") for nth in range(1, 21)]
    assert [honour["rank"] for honour in honours] == [*range(1, 21)]

    refused = [(await name(city)).json()["code"]]
    await act(city, honours[6], "withdraw", withdrawn_on="2018-06-01", reason="RENOUNCED")
    refused.append((await name(city)).json()["code"])

    assert refused == ["twenty-already-named"] * 2
    assert (await named(city, named_on="2017-05-04"))["rank"] == 1, "every year has its own twenty"
    assert (await named(city, kind="CHIEF_TECHNICIAN", organisation_id=str(city.enterprise), term_years=3))["rank"] == 1


async def test_of_two_who_name_the_twentieth_at_once_one_is_refused(city: Any) -> None:
    for _ in range(19):
        await named(city)

    answers = await asyncio.gather(*(name(city) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "twenty-already-named"}


@pytest.mark.parametrize(
    ("again", "code"), [("2017-05-05", "named-within-three-years"), ("2018-05-03", "named-within-three-years"), ("2018-05-04", None)]
)
async def test_nobody_is_named_anew_within_three_years(city: Any, again: str, code: str | None) -> None:
    person = uuid7()
    await named(city, person, named_on="2015-05-04")

    assert (await name(city, person, named_on=again)).json().get("code") == code


async def test_a_naming_entered_late_is_refused_within_three_years_of_a_later_one_too(city: Any) -> None:
    person = uuid7()
    honour = await named(city, person, named_on="2018-05-04")
    await act(city, honour, "withdraw", withdrawn_on="2018-05-04", reason="NAMED_IN_ERROR")

    codes = [(await name(city, person, named_on=day)).json().get("code") for day in ("2015-05-05", "2015-05-04")]

    assert codes == ["named-within-three-years", None]


async def test_a_chief_technician_has_one_term_at_a_time_with_an_enterprise(city: Any) -> None:
    person, chief = uuid7(), {"kind": "CHIEF_TECHNICIAN", "organisation_id": str(city.enterprise), "term_years": 2}
    first = await named(city, person, named_on="2016-05-04", **chief)

    codes = [
        (await name(city, person, named_on="2018-05-03", **chief)).json().get("code"),
        (await name(city, person, named_on="2017-01-01", **chief | {"organisation_id": str(uuid7())})).json().get("code"),
        (await name(city, person, named_on="2018-05-04", **chief)).json().get("code"),
    ]

    assert codes == ["already-chief-technician", None, None]
    await act(city, first, "withdraw", withdrawn_on="2017-06-01", reason="RENOUNCED")
    assert (await name(city, person, named_on="2015-06-01", **chief)).status_code == 201, "the withdrawn term is in nobody's way"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"named_on": "2018-12-02"}, "named-in-future"),
        ({"organisation_id": str(uuid7())}, "enterprise-of-chief-technician"),
        ({"term_years": 3}, "enterprise-of-chief-technician"),
        ({"kind": "CHIEF_TECHNICIAN", "organisation_id": str(uuid7())}, "enterprise-of-chief-technician"),
        ({"kind": "CHIEF_TECHNICIAN", "term_years": 3}, "enterprise-of-chief-technician"),
        ({"kind": "BEST"}, "invalid"),
        ({"term_years": 0}, "invalid"),
        ({"paper_number": ""}, "invalid"),
        ({"rank": 1}, "invalid"),
    ],
)
async def test_a_naming_that_cannot_be_right_is_refused(city: Any, wrong: dict[str, Any], code: str) -> None:
    answer = await name(city, **wrong)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("day", ["2018-05-03", "2018-12-02"])
async def test_a_naming_is_withdrawn_neither_before_it_nor_in_the_future(city: Any, day: str) -> None:
    assert await act(city, await named(city), "withdraw", withdrawn_on=day, reason="MISCONDUCT") == "withdrawn-outside-time"


async def test_namings_are_listed_by_kind_year_and_person(city: Any) -> None:
    person = uuid7()
    await named(city, person)
    await named(city, named_on="2017-05-04")
    await named(city, person, kind="CHIEF_TECHNICIAN", organisation_id=str(city.enterprise), term_years=3)

    async def listed(query: str) -> list[tuple[str, int]]:
        page = (await city.at_work.call("GET", f"{PATH}?{query}")).json()
        return [(item["kind"], item["year"]) for item in page["items"]]

    assert await listed("year=2018") == [("CHIEF_TECHNICIAN", 2018), ("OUTSTANDING", 2018)]
    assert await listed("kind=OUTSTANDING") == [("OUTSTANDING", 2017), ("OUTSTANDING", 2018)]
    assert await listed(f"person_id={person}&kind=CHIEF_TECHNICIAN") == [("CHIEF_TECHNICIAN", 2018)]


async def findings(city: Any) -> list[Finding]:
    running = city.at_work.running
    inspected = Inspected(running.service, running.settings, running.database, patience_seconds=0)
    return [finding for check in checks_of(inspected) async for finding in check.findings()]


async def test_verify_finds_a_naming_that_was_edited_past_the_system(city: Any, worker: registry.Person) -> None:
    await named(city, worker.id)
    await city.teller.settled()
    await city.at_work.running.rest()
    assert await findings(city) == []

    async with city.at_work.running.database.transaction() as session:
        await (await raw(session)).execute("UPDATE honour SET named_on = '2018-12-02', version = 2")

    assert {finding.where.split()[0] for finding in await findings(city)} == {"honour", "person"}
