"""Referral rows and counts are those that placements and certificates lead to: an edited one is named with both values."""

from typing import Any
from uuid import uuid4

import pytest

from common.database.engine import raw
from common.testing.at_work import AtWork
from common.testing.telling import Teller
from common.verify.check import Finding, Inspected
from common.verify.standard import checks_of
from contracts.certification import Certificate
from matching.app import service

PARTNER, PERSON = str(uuid4()), str(uuid4())


async def found(matching: AtWork) -> list[Finding]:
    inspected = Inspected(service, matching.running.settings, matching.running.database, patience_seconds=0)
    return [finding for check in checks_of(inspected) async for finding in check.findings()]


async def spoil(matching: AtWork, statement: str) -> None:
    async with matching.running.database.transaction() as session:
        assert not (await (await raw(session)).execute(statement)).endswith(" 0")


@pytest.fixture
async def placed(matching: AtWork, teller: Teller) -> AtWork:
    body = {"person_id": PERSON, "partner_id": PARTNER, "employer_id": str(uuid4()), "started_on": "2018-07-01", "evidence": "CONTRACT"}
    assert (await matching.call("POST", "/matching/v1/placements", json=body)).status_code == 201
    held: dict[str, Any] = {
        "id": uuid4(), "person_id": PERSON, "occupation": "2015:6-18-02-04", "level_code": 3, "mode": "SOCIAL_APPRAISAL", "kind": "QUALIFICATION",
        "issued_on": "2018-05-20", "body_id": uuid4(),
    }  # fmt: skip
    await teller.tell(Certificate.model_validate(held))
    await matching.running.rest()
    return matching


async def test_a_calm_service_is_found_right(placed: AtWork) -> None:
    assert await found(placed) == []


async def test_an_edited_referral_and_an_edited_count_are_named_with_both_values(placed: AtWork) -> None:
    await spoil(placed, "UPDATE referral SET level_code = 1")
    finding, resting = await found(placed)
    assert (finding.where, resting.where) == (f"person {PERSON}", f"partner-year {PARTNER}/2018")
    assert "库中为未就业，等级 1，复算为未就业，等级 3" in finding.what

    await spoil(placed, "UPDATE referral SET level_code = 3")
    await spoil(placed, "UPDATE referral_count SET delivered = 100")
    (finding,) = await found(placed)
    assert finding.where == f"partner-year {PARTNER}/2018"
    assert "库中为输送 100，" in finding.what
    assert "复算为输送 1，" in finding.what


async def test_a_placement_that_was_edited_past_the_system_shows_in_both(placed: AtWork) -> None:
    await spoil(placed, "UPDATE placement SET confirmed_on = '2018-12-02', version = 2")

    assert [finding.where.split()[0] for finding in await found(placed)] == ["placement", "person"]
