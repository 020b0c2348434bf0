"""A past day, by what was known then and by what is known now."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest


async def asked(city: Any, person_id: object, day: str, known: str) -> list[tuple[str, str | None, str]]:
    answer = await city.at_work.call("GET", f"/awards/v1/as-of?dossier={person_id}&day={day}&known={known}")
    assert answer.status_code == 200, answer.text
    return [(row["scheme"], row["state"], row["amount"]["amount"]) for row in answer.json()["items"]]


async def test_what_is_learned_later_counts_for_the_past_day_only_where_todays_knowledge_is_asked_for(city: Any) -> None:
    person, course = city.person(), city.training_class()
    taken = city.participation(person, course)
    await city.teller.tell(person, course, taken)
    assert await asked(city, person.id, "2018-12-01", "THEN") == [("universal-training", "DUE", "960.00")]

    await city.advance(date(2018, 12, 20))
    await city.teller.tell(taken.model_copy(update={"attended_share_bp": 7000}))

    assert await asked(city, person.id, "2018-12-01", "THEN") == [("universal-training", "DUE", "960.00")]
    assert await asked(city, person.id, "2018-12-20", "THEN") == [("universal-training", "WITHDRAWN", "0.00")]
    assert await asked(city, person.id, "2018-12-01", "NOW") == [("universal-training", None, "0.00")]
    assert await asked(city, person.id, "2018-11-30", "THEN") == [], "nothing was known of him yet"


async def test_on_a_day_before_the_class_was_completed_nothing_was_due_whatever_is_known_now(city: Any) -> None:
    person, course = city.person(), city.training_class()
    await city.teller.tell(person, course, city.participation(person, course))

    assert await asked(city, person.id, "2018-05-01", "NOW") == [("universal-training", "DUE", "960.00")]
    assert await asked(city, person.id, "2018-04-30", "NOW") == [("universal-training", None, "0.00")]


async def test_a_partners_year_is_asked_for_by_partner_and_year(city: Any) -> None:
    answer = await city.at_work.call("GET", f"/awards/v1/as-of?kind=partner-year&dossier={city.partner}/2018&day=2018-11-01&known=NOW")

    assert answer.status_code == 200, answer.text
    assert [(row["scheme"], row["state"]) for row in answer.json()["items"]] == [("partner-bonus", None)]


@pytest.mark.parametrize(  # two processes of tests must name them alike
    ("query", "code"),
    [
        (f"dossier={UUID(int=7)}&day=2018-12-02", "day-not-come"),
        ("dossier=somebody&day=2018-11-01", "no-such-dossier"),
        (f"dossier={UUID(int=7)}/first&kind=partner-year&day=2018-11-01", "no-such-dossier"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(city: Any, query: str, code: str) -> None:
    answer = await city.at_work.call("GET", f"/awards/v1/as-of?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, code)
