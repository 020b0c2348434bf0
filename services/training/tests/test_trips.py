"""Trips abroad: selected, completed with report and proven cost, cancelled; and what is refused."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from common.security.principal import Role
from common.testing.at_work import AtWork

PATH = "/training/v1/trips"


async def selected(training: AtWork, *, who: str = "clerk", **changed: Any) -> httpx2.Response:
    body = {
        "person_id": str(uuid4()), "sender_id": str(uuid4()), "occupation": "2015:6-18-02-04", "selected_on": "2018-05-02",
        "starts_on": "2018-05-14", "ends_on": "2018-05-25",
    }  # fmt: skip
    return await training.call("POST", PATH, json=body | changed, who=who)


async def completed(
    training: AtWork, trip: dict[str, Any], *, on: str = "2018-05-30", cost: str = "28600.00", version: int = 1
) -> httpx2.Response:
    body = {"reported_on": on, "cost": {"amount": cost, "currency": "CNY"}}
    return await training.call("POST", f"{PATH}/{trip['id']}:complete", json=body, version=version, who="clerk")


async def cancelled(training: AtWork, trip: dict[str, Any], *, version: int = 1) -> httpx2.Response:
    return await training.call("POST", f"{PATH}/{trip['id']}:cancel", version=version)


async def test_who_returns_reports_and_shows_what_it_cost_and_may_be_entered_anew(training: AtWork) -> None:
    trip = (await selected(training)).json()

    first = await completed(training, trip)
    anew = await completed(training, trip, cost="28000.50", version=2)
    late = await cancelled(training, trip, version=3)

    assert (trip["state"], trip["cost"], trip["reported_on"]) == ("SELECTED", None, None)
    assert (first.json()["state"], first.json()["cost"]["amount"], first.json()["reported_on"]) == ("COMPLETED", "28600.00", "2018-05-30")
    assert anew.json()["cost"]["amount"] == "28000.50"
    assert (late.status_code, late.json()["code"]) == (409, "trip-completed")


async def test_a_trip_that_cannot_be_is_refused_by_name(training: AtWork) -> None:
    over, ahead = (await selected(training)).json(), (await selected(training, ends_on="2018-06-02")).json()
    gone = (await selected(training)).json()
    await cancelled(training, gone)

    refused = [
        await selected(training, selected_on="2018-06-02", starts_on="2018-06-03", ends_on="2018-06-09"),
        await selected(training, starts_on="2018-05-01"),
        await selected(training, ends_on="2018-05-13"),
        await completed(training, ahead),
        await completed(training, over, on="2018-05-24"),
        await completed(training, over, on="2018-06-02"),
        await completed(training, gone, version=2),
        await cancelled(training, gone, version=2),
    ]

    assert [answer.json()["code"] for answer in refused] == [
        "selected-in-future", "trip-reversed", "trip-reversed", "trip-not-over", "reported-outside-its-time", "reported-outside-its-time",
        "trip-cancelled", "trip-cancelled",
    ]  # fmt: skip
    assert (await completed(training, over, on="2018-05-25")).status_code == 200, "on the day of return he may report"


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "status"),
    [
        ("2018-05-25", "2018-06-10", 409), ("2018-05-02", "2018-05-14", 409), ("2018-05-15", "2018-05-16", 409), ("2018-05-26", "2018-06-10", 201),
        ("2018-05-02", "2018-05-13", 201),
    ],
)  # fmt: skip
async def test_nobody_is_on_two_trips_on_one_day(training: AtWork, starts_on: str, ends_on: str, status: int) -> None:
    person = str(uuid4())
    first = (await selected(training, person_id=person)).json()

    second = await selected(training, person_id=person, starts_on=starts_on, ends_on=ends_on)
    await cancelled(training, first)
    after = await selected(training, person_id=person, starts_on=starts_on, ends_on=ends_on)

    assert second.status_code == status
    assert status == 201 or second.json()["code"] == "trips-overlap"
    assert after.status_code == (409 if status == 201 else 201), "a cancelled one stands in nobody's way"


async def test_selected_twice_at_the_same_moment_he_goes_once(training: AtWork) -> None:
    person = str(uuid4())

    answers = await asyncio.gather(*(selected(training, person_id=person, starts_on=f"2018-05-1{nth}") for nth in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_trip_is_seen_by_the_traveller_and_the_sender_and_cancelled_by_an_officer(training: AtWork) -> None:
    person, sender = uuid4(), uuid4()
    trip = (await selected(training, person_id=str(person), sender_id=str(sender))).json()
    persons = [training.account(Role.PERSON, person_id=id_) for id_ in (person, uuid4())]
    organisations = [training.account(Role.ORGANISATION, organisation_id=id_) for id_ in (sender, uuid4())]

    read = [(await training.call("GET", f"{PATH}/{trip['id']}", who=who)).status_code for who in (*persons, *organisations, "auditor")]
    listed = [len((await training.call("GET", PATH, who=who)).json()["items"]) for who in (*persons, *organisations)]
    by_clerk = await training.call("POST", f"{PATH}/{trip['id']}:cancel", version=1, who="clerk")
    by_sender = await selected(training, who=organisations[0], sender_id=str(sender))

    assert (read, listed) == ([200, 404, 200, 404, 200], [1, 0, 1, 0])
    assert (by_clerk.status_code, by_sender.status_code) == (403, 403)
