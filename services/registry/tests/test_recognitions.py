"""Recognitions: bases and studios recognised, accepted, assessed year by year, changed, withdrawn; nothing stands twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from common.security.principal import Role
from common.testing.at_work import AtWork
from registry.recognitions.model import Recognition

PATH = "/registry/v1/recognitions"
Made = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def base(new_organisation: Made) -> dict[str, Any]:
    """A body for a demonstration base that may be entered."""
    return {
        "organisation_id": (await new_organisation())["id"], "kind": "DEMONSTRATION_BASE", "paper_number": "张人社〔2017〕12号",
        "valid_from": "2017-03-01", "valid_to": "2020-02-29",
    }  # fmt: skip


@pytest.fixture
async def studio(base: dict[str, Any], new_person: Made) -> dict[str, Any]:
    return base | {"kind": "STUDIO", "master_id": (await new_person())["id"]}


async def made(registry: AtWork, body: dict[str, Any]) -> str:
    answer = await registry.call("POST", PATH, json=body)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['id']}"


def said(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


async def test_a_demonstration_base_is_recognised_accepted_and_the_acceptance_corrected(registry: AtWork, base: dict[str, Any]) -> None:
    path = await made(registry, base)
    acceptance = {"accepted_on": "2018-04-20", "investment": {"amount": "5000000.00", "currency": "CNY"}}

    accepted = await registry.call("POST", f"{path}:accept", json=acceptance, version=1)
    same = await registry.call("POST", f"{path}:accept", json=acceptance, version=2)
    corrected = await registry.call("POST", f"{path}:accept", json=acceptance | {"accepted_on": "2018-04-21"}, version=2)

    assert (accepted.json()["accepted_on"], accepted.json()["investment"]) == ("2018-04-20", acceptance["investment"])
    assert [answer.json()["version"] for answer in (accepted, same, corrected)] == [2, 2, 3]
    assert (await registry.call("GET", path)).json() == corrected.json()


async def test_a_studio_is_assessed_once_a_year_and_a_wrong_finding_corrected(registry: AtWork, studio: dict[str, Any]) -> None:
    path = await made(registry, studio)
    finding = {"year": 2018, "assessed_on": "2018-05-20", "is_passed": True}

    await registry.call("POST", f"{path}:assess", json=finding, version=1)
    earlier = {"year": 2017, "assessed_on": "2018-03-15", "is_passed": False}
    await registry.call("POST", f"{path}:assess", json=earlier, version=2)
    corrected = await registry.call("POST", f"{path}:assess", json=earlier | {"is_passed": True}, version=3)

    assert corrected.json()["assessments"] == [earlier | {"is_passed": True}, finding]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"valid_to": "2017-02-28"}, 422, "recognition-reversed"),
        ({"kind": "STUDIO"}, 422, "studio-without-master"),
        ({"master_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 422, "master-without-studio"),
        ({"kind": "STUDIO", "master_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"organisation_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "not-found"),
        ({"kind": "BEST_FRIEND"}, 422, "invalid"),
        ({"paper_number": ""}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_recognised_is_refused_by_name(
    registry: AtWork, base: dict[str, Any], changed: dict[str, Any], status: int, code: str
) -> None:
    assert said(await registry.call("POST", PATH, json=base | changed)) == (status, code)


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        ({"year": 2018, "assessed_on": "2018-06-02", "is_passed": True}, "assessed-in-future"),
        ({"year": 2018, "assessed_on": "2017-12-31", "is_passed": True}, "assessed-before-its-year"),
        ({"year": 2016, "assessed_on": "2017-03-31", "is_passed": True}, "assessed-outside-validity"),
        ({"year": 2018, "assessed_on": "2018-05-31", "is_passed": "yes"}, "invalid"),
    ],
)
async def test_an_assessment_that_cannot_be_is_refused_by_name(
    registry: AtWork, base: dict[str, Any], finding: dict[str, Any], code: str
) -> None:
    path = await made(registry, base)

    assert said(await registry.call("POST", f"{path}:assess", json=finding, version=1)) == (422, code)


async def test_a_backbone_enterprise_is_neither_accepted_nor_assessed(registry: AtWork, base: dict[str, Any]) -> None:
    path = await made(registry, base | {"kind": "BACKBONE_ENTERPRISE"})
    acceptance = {"accepted_on": "2018-04-20", "investment": {"amount": "1.00", "currency": "CNY"}}
    finding = {"year": 2018, "assessed_on": "2018-05-20", "is_passed": True}

    assert said(await registry.call("POST", f"{path}:accept", json=acceptance, version=1)) == (409, "not-accepted-at-all")
    assert said(await registry.call("POST", f"{path}:assess", json=finding, version=1)) == (409, "not-assessed-yearly")


@pytest.mark.parametrize(("accepted_on", "code"), [("2018-06-02", "accepted-in-future"), ("2018-05-01", "accepted-after-validity")])
async def test_an_acceptance_lies_neither_in_the_future_nor_behind_the_validity(
    registry: AtWork, base: dict[str, Any], accepted_on: str, code: str
) -> None:
    path = await made(registry, base | {"valid_to": "2018-04-30"})
    acceptance = {"accepted_on": accepted_on, "investment": {"amount": "1.00", "currency": "CNY"}}

    assert said(await registry.call("POST", f"{path}:accept", json=acceptance, version=1)) == (422, code)


async def test_a_validity_is_not_changed_such_that_what_was_found_falls_out_of_it(registry: AtWork, base: dict[str, Any]) -> None:
    path = await made(registry, base)
    await registry.call(
        "POST", f"{path}:accept", json={"accepted_on": "2018-04-20", "investment": {"amount": "1.00", "currency": "CNY"}}, version=1
    )
    await registry.call("POST", f"{path}:assess", json={"year": 2017, "assessed_on": "2018-01-10", "is_passed": True}, version=2)
    content = {key: base[key] for key in ("paper_number", "valid_from", "valid_to")}

    too_short = await registry.call("PUT", path, json=content | {"valid_to": "2018-04-19"}, version=3)
    too_late = await registry.call("PUT", path, json=content | {"valid_from": "2018-01-01"}, version=3)
    right = await registry.call("PUT", path, json=content | {"valid_to": "2018-04-20", "paper_number": "张人社〔2017〕13号"}, version=3)

    assert said(too_short) == (422, "accepted-after-validity")
    assert said(too_late) == (422, "assessed-outside-validity")
    assert (right.json()["valid_to"], right.json()["paper_number"]) == ("2018-04-20", "张人社〔2017〕13号")


async def test_a_recognition_is_withdrawn_by_an_officer_only_and_a_mistake_taken_back(registry: AtWork, base: dict[str, Any]) -> None:
    path = await made(registry, base)

    async def withdraw(on: str | None, version: int, **more: str) -> Any:
        return await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": on}, version=version, **more)

    assert said(await withdraw("2018-05-01", 1, who="clerk")) == (403, "not-your-role")
    assert said(await withdraw(None, 1)) == (409, "recognition-not-withdrawn")
    assert said(await withdraw("2017-02-28", 1)) == (422, "withdrawn-before-recognised")
    assert (await withdraw("2018-05-01", 1)).json()["withdrawn_on"] == "2018-05-01"
    assert said(await withdraw("2018-05-02", 2)) == (409, "recognition-already-withdrawn")
    content = {"paper_number": "1", "valid_from": "2018-05-02", "valid_to": None}
    assert said(await registry.call("PUT", path, json=content, version=2)) == (422, "withdrawn-before-recognised")
    assert (await withdraw(None, 2)).json()["withdrawn_on"] is None


async def test_one_thing_is_recognised_once_for_one_time(registry: AtWork, base: dict[str, Any]) -> None:
    twins = await asyncio.gather(*(registry.call("POST", PATH, json=base) for _ in range(3)))
    later = await registry.call("POST", PATH, json=base | {"valid_from": "2020-02-29", "valid_to": None})
    after = await registry.call("POST", PATH, json=base | {"valid_from": "2020-03-01", "valid_to": None})
    another_kind = await registry.call("POST", PATH, json=base | {"kind": "TRAINING_BASE"})

    assert sorted(said(answer) for answer in twins) == [(201, None), *[(409, "recognition-overlaps")] * 2]
    assert said(later) == (409, "recognition-overlaps")
    assert (after.status_code, another_kind.status_code) == (201, 201)
    content = {key: base[key] for key in ("paper_number", "valid_from")} | {"valid_to": "2020-03-01"}
    first = next(answer.json()["id"] for answer in twins if answer.status_code == 201)
    assert said(await registry.call("PUT", f"{PATH}/{first}", json=content, version=1)) == (409, "recognition-overlaps")


async def test_what_is_recognised_anew_stands_in_the_way_of_taking_a_withdrawal_back(registry: AtWork, base: dict[str, Any]) -> None:
    path = await made(registry, base)
    await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": "2018-01-01"}, version=1)
    await made(registry, base | {"valid_from": "2018-01-01"})

    assert said(await registry.call("POST", f"{path}:withdraw", json={"withdrawn_on": None}, version=2)) == (409, "recognition-overlaps")


async def test_one_house_may_have_two_studios_of_two_masters(registry: AtWork, studio: dict[str, Any], new_person: Made) -> None:
    await made(registry, studio)

    assert said(await registry.call("POST", PATH, json=studio)) == (409, "recognition-overlaps")
    await made(registry, studio | {"master_id": (await new_person())["id"]})


async def test_a_closed_organisation_is_recognised_for_the_time_before_only(registry: AtWork, base: dict[str, Any]) -> None:
    await registry.call("POST", f"/registry/v1/organisations/{base['organisation_id']}:close", json={"closed_on": "2018-05-01"}, version=1)

    assert said(await registry.call("POST", PATH, json=base | {"valid_from": "2018-05-01"})) == (409, "recognised-after-closing")
    await made(registry, base)


async def test_a_retry_recognises_nothing_twice(registry: AtWork, base: dict[str, Any]) -> None:
    key = uuid7().hex

    first, again = [await registry.call("POST", PATH, json=base, key=key) for _ in range(2)]

    assert (again.json(), again.headers["Idempotent-Replay"]) == (first.json(), "true")


async def test_an_organisation_sees_its_own_only(registry: AtWork, base: dict[str, Any]) -> None:
    path = await made(registry, base)
    own = registry.account(Role.ORGANISATION, organisation_id=base["organisation_id"])
    stranger = registry.account(Role.ORGANISATION, organisation_id=uuid7())
    nothing = f"{PATH}/{uuid7()}"

    async def listed(who: str, **query: str) -> list[str]:
        return [f"{PATH}/{item['id']}" for item in (await registry.call("GET", PATH, who=who, params=query)).json()["items"]]

    assert (await registry.call("GET", path, who=own)).status_code == 200
    assert said(await registry.call("GET", path, who=stranger)) == said(await registry.call("GET", nothing, who=own)) == (404, "not-found")
    assert await listed(own) == [path]
    assert await listed(stranger, organisation_id=base["organisation_id"]) == []
    assert await listed("auditor", organisation_id=base["organisation_id"], kind="DEMONSTRATION_BASE") == [path]
    assert await listed("auditor", organisation_id=base["organisation_id"], kind="STUDIO") == []


def of(valid_from: str, valid_to: str | None = None, withdrawn_on: str | None = None) -> Recognition:
    days = {"valid_from": valid_from, "valid_to": valid_to, "withdrawn_on": withdrawn_on}
    return Recognition(**{name: day and date.fromisoformat(day) for name, day in days.items()})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (of("2017-03-01"), of("2030-01-01"), True),
        (of("2017-03-01", "2018-02-28"), of("2018-02-28", "2018-02-28"), True),
        (of("2017-03-01", "2018-02-28"), of("2018-03-01"), False),
        (of("2017-03-01", "2020-02-29", "2018-03-01"), of("2018-03-01"), False),
        (of("2017-03-01", "2020-02-29", "2018-03-02"), of("2018-03-01"), True),
        (of("2017-03-01", withdrawn_on="2017-03-01"), of("2017-01-01"), False),
    ],
    ids=["both last", "the last day is inside", "the next day", "withdrawn", "withdrawn later", "never counted"],
)
def test_two_count_on_one_day_or_not(one: Recognition, other: Recognition, expected: bool) -> None:
    assert (one.counts_beside(other), other.counts_beside(one)) == (expected, expected)
