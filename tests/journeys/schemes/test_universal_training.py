"""Article 6, lived: a class at a designated institution, its roster, completion, and what the institution is owed."""

import pytest
from market_town import WELDER, Town

pytestmark = pytest.mark.slow


async def test_a_completed_class_is_paid_to_the_institution(town: Town) -> None:
    institution, person = await town.organisation("TRAINING_BODY"), await town.person()
    await town.made(
        "/training/v1/designations",
        {
            "organisation_id": institution, "tender_number": "ZB-1", "occupation": WELDER, "level_code": 5, "price": {"amount": "900.00", "currency": "CNY"},
            "valid_from": "2017-01-01", "valid_to": "2019-12-31",
        },
    )  # fmt: skip
    course = await town.made(
        "/training/v1/classes",
        {
            "number": "PH-1", "kind": "UNIVERSAL", "organiser_id": institution, "occupation": WELDER, "level_code": 5,
            "starts_on": "2018-03-01", "ends_on": "2018-05-01",
        },
    )  # fmt: skip
    taken = await town.made("/training/v1/participations", {"person_id": person, "class_id": course, "enrolled_on": "2018-02-20"})
    await town.act(f"/training/v1/participations/{taken}", "complete", completed_on="2018-05-01", attended_share_bp=9_000, result="PASSED")

    assert await town.owed(person_id=person) == [("universal-training", "DUE", "900.00")]
