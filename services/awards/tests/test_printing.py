"""Pages to print: every scheme as it runs, with its figures, readings and cases; and the notice of a decision."""

import re
from pathlib import Path
from typing import Any

import pytest

from awards.policy import schemes
from awards.policy.schemes import SCHEMES
from awards.printing.cases import cases_of
from awards.printing.readings import all_readings, readings_of

SCHEME_IDS = [scheme.id for scheme in SCHEMES]


@pytest.mark.parametrize("scheme", SCHEMES, ids=SCHEME_IDS)
def test_every_reading_that_a_clause_names_is_told(scheme: Any) -> None:
    clause = (Path(schemes.__file__).parent / f"{scheme.id.replace('-', '_')}.py").read_text(encoding="utf-8").split('"""')[1]
    assert {number for number, _ in readings_of(scheme)} == set(re.findall(r"\bA[0-9]+\b", clause)), "add it to policy/readings.yaml"


def test_readings_are_sentences_about_the_city_in_order() -> None:
    numbers = [int(number[1:]) for number in all_readings()]
    assert numbers == sorted(numbers)
    assert all(text.endswith("。") for text in all_readings().values())


async def test_every_scheme_is_printed_as_it_runs(city: Any) -> None:
    for scheme in SCHEMES:
        page = await city.at_work.call("GET", f"/awards/v1/schemes/{scheme.id}/page")

        assert page.status_code == 200, page.text
        assert page.headers["content-type"].startswith("text/html")
        assert cases_of(scheme)
        for told in (
            cases_of(scheme)[0].title,
            scheme.title,
            *(each.title for each in scheme.conditions),
            *(each.label for each in scheme.parameters),
            scheme.hash,
        ):
            assert told in page.text, (scheme.id, told)
    assert (await city.at_work.call("GET", "/awards/v1/schemes/pension/page")).status_code == 404


async def test_a_notice_says_what_was_found_and_names_nobody(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))
    (owed,) = await city.owed(person_id=person.id)

    page = await city.at_work.call("GET", f"/awards/v1/entitlements/{owed['id']}/notice")

    assert page.status_code == 200, page.text
    assert "普惠制职业技能培训补贴：符合，960.00 元" in page.text
    assert "出勤达到要求" in page.text
    assert str(person.id) not in page.text
