"""Contests from plan to results, and titles from award to withdrawal: what is refused, and who may see them."""

from itertools import count
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork

CONTESTS, TITLES = "/certification/v1/contests", "/certification/v1/titles"
WELDER, FITTER = "2015:6-18-02-04", "2015:6-20-01-01"
numbers = count(1)


@pytest.fixture(scope="module", autouse=True)
async def fitters(certification: AtWork) -> None:
    """A second occupation."""
    made = await certification.call("POST", "/certification/v1/occupations", json={"occupation": FITTER, "name": "装配钳工"})
    assert made.status_code == 201, made.text


async def planned(certification: AtWork, **changed: Any) -> httpx2.Response:
    body = {"brand": f"行行出状元{next(numbers)}", "tier": "CITY", "year": 2018, "held_on": "2018-05-20", "occupations": [WELDER, FITTER]}
    return await certification.call("POST", CONTESTS, json=body | changed, who="clerk")


async def held(certification: AtWork, contest: str, *results: tuple[str, list[str]], version: int = 1) -> httpx2.Response:
    body = {"results": [{"occupation": occupation, "placed": placed} for occupation, placed in results]}
    return await certification.call("POST", f"{CONTESTS}/{contest}:hold", json=body, version=version, who="clerk")


async def awarded(certification: AtWork, *, who: str = "clerk", **changed: Any) -> httpx2.Response:
    body = {
        "person_id": str(uuid7()), "kind": "PROVINCIAL_TECHNICAL_EXPERT", "occupation": WELDER, "awarded_on": "2017-11-20",
        "paper_number": "苏人社发〔2017〕345号",
    }  # fmt: skip
    return await certification.call("POST", TITLES, json=body | changed, who=who)


async def test_a_contest_has_its_placed_in_order_and_its_results_may_be_entered_anew(certification: AtWork) -> None:
    first, second, third = (str(uuid7()) for _ in range(3))
    contest = (await planned(certification)).json()

    entered = await held(certification, contest["id"], (FITTER, [second, first]))
    anew = await held(certification, contest["id"], (WELDER, [third, first, second]), version=2)

    assert (contest["state"], [item["placed"] for item in contest["items"]]) == ("PLANNED", [[], []])
    assert (entered.json()["state"], entered.json()["items"]) == (
        "HELD", [{"occupation": WELDER, "placed": []}, {"occupation": FITTER, "placed": [second, first]}],
    )  # fmt: skip
    assert anew.json()["items"] == [{"occupation": WELDER, "placed": [third, first, second]}, {"occupation": FITTER, "placed": []}]
    assert (await certification.call("GET", f"{CONTESTS}/{contest['id']}")).json() == anew.json()


async def test_a_contest_that_cannot_be_is_refused_by_name(certification: AtWork) -> None:
    known = (await planned(certification)).json()
    again = {"brand": known["brand"], "tier": known["tier"], "held_on": known["held_on"]}
    codes = [
        (await planned(certification, occupations=[WELDER, WELDER])).json()["code"],
        (await planned(certification, occupations=[WELDER, "2015:6-99-99-99"])).json()["code"],
        (await planned(certification, **again)).json()["code"],
        (await planned(certification, occupations=[])).json()["code"],
    ]
    await certification.call("POST", f"{CONTESTS}/{known['id']}:cancel", version=1)

    assert codes == ["occupation-twice", "occupation-not-found", "contest-already-planned", "invalid"]
    assert (await planned(certification, **again)).status_code == 201, "after a cancelled one another may be planned"


async def test_results_that_cannot_be_are_refused_by_name(certification: AtWork) -> None:
    person = str(uuid7())
    contest = (await planned(certification, occupations=[WELDER])).json()["id"]
    ahead = (await planned(certification, held_on="2018-06-02")).json()["id"]
    cancelled = (await planned(certification)).json()["id"]
    await certification.call("POST", f"{CONTESTS}/{cancelled}:cancel", version=1)

    refused = [
        await held(certification, contest, (FITTER, [person])),
        await held(certification, contest, (WELDER, [person, person])),
        await held(certification, contest, (WELDER, [person]), (WELDER, [])),
        await held(certification, ahead, (WELDER, [person])),
        await held(certification, cancelled, (WELDER, [person]), version=2),
        await certification.call("POST", f"{CONTESTS}/{cancelled}:cancel", version=2),
    ]
    await held(certification, contest, (WELDER, [person]))
    refused.append(await certification.call("POST", f"{CONTESTS}/{contest}:cancel", version=2))

    assert [answer.json()["code"] for answer in refused] == [
        "occupation-not-in-contest", "placed-twice", "occupation-twice", "contest-not-held-yet", "contest-already-cancelled",
        "contest-already-cancelled", "contest-already-held",
    ]  # fmt: skip


async def test_who_was_placed_is_no_organisations_business(certification: AtWork) -> None:
    contest = (await planned(certification)).json()["id"]
    organisation = certification.account(Role.ORGANISATION, organisation_id=uuid7())

    answers = {
        who: (await certification.call("GET", f"{CONTESTS}/{contest}", who=who)).status_code for who in (organisation, "auditor", "clerk")
    }

    assert answers == {organisation: 403, "auditor": 200, "clerk": 200}


async def test_a_title_is_awarded_corrected_and_withdrawn(certification: AtWork) -> None:
    made = (await awarded(certification)).json()
    path = f"{TITLES}/{made['id']}"
    content = {key: made[key] for key in ("occupation", "awarded_on", "paper_number")}

    corrected = await certification.call("POST", f"{path}:correct", json=content | {"kind": "NATIONAL_TECHNICAL_EXPERT"}, version=1)
    by_clerk = await certification.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-01"}, version=2, who="clerk")
    withdrawn = await certification.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-01"}, version=2)
    again = await certification.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-05-01"}, version=3)
    after = await certification.call("POST", f"{path}:correct", json=content | {"kind": "TOP_SKILL"}, version=3)

    assert (corrected.json()["kind"], corrected.json()["person_id"]) == ("NATIONAL_TECHNICAL_EXPERT", made["person_id"])
    assert (by_clerk.status_code, withdrawn.json()["withdrawn_on"]) == (403, "2018-05-01")
    assert [again.json()["code"], after.json()["code"]] == ["title-withdrawn", "title-withdrawn"]


async def test_a_title_that_cannot_be_is_refused_by_name(certification: AtWork) -> None:
    person = str(uuid7())
    made = (await awarded(certification, person_id=person)).json()
    other = (await awarded(certification, person_id=person, paper_number="苏人社发〔2018〕1号")).json()
    content = {"kind": made["kind"], "awarded_on": made["awarded_on"], "paper_number": made["paper_number"]}

    refused = [
        await awarded(certification, awarded_on="2018-06-02"),
        await awarded(certification, occupation="2015:6-99-99-99"),
        await awarded(certification, person_id=person, awarded_on="2017-11-21"),
        await awarded(certification, contest_id=str(uuid4())),
        await certification.call("POST", f"{TITLES}/{other['id']}:correct", json=content, version=1),
        *[
            await certification.call("POST", f"{TITLES}/{made['id']}:withdraw", json={"withdrawn_on": day}, version=1)
            for day in ("2017-11-19", "2018-06-02")
        ],
    ]

    assert [answer.json()["code"] for answer in refused] == [
        "awarded-in-future", "occupation-not-found", "title-already-awarded", "not-found", "title-already-awarded",
        "title-withdrawn-outside-its-time", "title-withdrawn-outside-its-time",
    ]  # fmt: skip
    await certification.call("POST", f"{TITLES}/{made['id']}:withdraw", json={"withdrawn_on": "2017-11-20"}, version=1)
    assert (await awarded(certification, person_id=person)).status_code == 201, "what was withdrawn may be awarded by the same paper"


async def test_a_title_of_a_contest_goes_to_who_was_placed_in_it(certification: AtWork) -> None:
    winner, other = str(uuid7()), str(uuid7())
    contest = (await planned(certification)).json()["id"]
    title = {"kind": "TOP_SKILL", "contest_id": contest, "awarded_on": "2018-05-25"}

    early = await awarded(certification, person_id=winner, **title)
    await held(certification, contest, (WELDER, [winner]), (FITTER, [other]))
    answers = [
        await awarded(certification, person_id=winner, **title),
        await awarded(certification, person_id=other, **title),
        await awarded(certification, person_id=other, **title | {"occupation": None}),
        await awarded(certification, **title | {"occupation": None}),
    ]

    assert (early.status_code, early.json()["code"]) == (409, "contest-not-held")
    assert [answer.status_code for answer in answers] == [201, 409, 201, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"not-placed"}


async def test_a_person_sees_his_own_titles_only(certification: AtWork) -> None:
    person = uuid7()
    made = (await awarded(certification, person_id=str(person))).json()
    himself, another = (certification.account(Role.PERSON, person_id=id_) for id_ in (person, uuid7()))

    read = [(await certification.call("GET", f"{TITLES}/{made['id']}", who=who)).status_code for who in (himself, another, "auditor")]
    listed = [[each["id"] for each in (await certification.call("GET", TITLES, who=who)).json()["items"]] for who in (himself, another)]

    assert read == [200, 404, 200]
    assert listed == [[made["id"]], []]
