"""Who misses exactly one condition: the same in columns as one by one, counted by town, and listed with what would help."""

import csv
import io
from collections import Counter, defaultdict
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from awards_at_rest import AwardsAtRest, _city, _persons

from awards.near_misses.finding import missed, told
from awards.policy.grounds import OF_A_PERSON, grounds_of
from awards.policy.names import schemes_on
from awards.population.columns import load_city
from city.lives import city as lives
from city.lives import newest

TODAY = date(2019, 2, 20)


async def test_in_columns_they_are_those_of_whom_one_condition_fails_and_no_other(at_rest: AwardsAtRest) -> None:
    published = lives(Random(3), UUID(int=3), quarters=1, persons=200)
    await at_rest.begin_anew(TODAY)
    await at_rest.hear(published)
    await at_rest.reconciler.until_clean()
    async with at_rest.running.database.raw_transaction() as connection:
        parameters = await at_rest.running.equipment.figures(connection)
    city = await load_city(at_rest.running.database)

    found = missed(city, parameters, TODAY)
    lines = [told(each, city, parameters, TODAY, nth) for each in found for nth in range(len(each.rows))]

    expected = Counter(one_by_one(published, parameters))
    assert Counter((line.scheme, line.condition, line.person_id, line.seen) for line in lines if line.person_id) == expected
    assert len({scheme for scheme, *_ in expected}) >= 3


def one_by_one(published: Any, parameters: Any) -> Any:
    of: dict[type, list[Any]] = defaultdict(list)
    for fact in newest(published):
        of[type(fact)].append(fact)
    for person in _persons(of):
        for ground in grounds_of(person, _city(of), OF_A_PERSON):
            for scheme in schemes_on(ground):
                at = scheme.sight(ground, parameters, TODAY)
                concerned = scheme.applies_to is None or scheme.applies_to.value(at)
                failing = [each for each in scheme.conditions if each.holds(at) is not True]
                if concerned and scheme.live.holds(at) and len(failing) == 1 and failing[0].holds(at) is False:
                    from awards.kernel.wording import seen

                    yield scheme.id, failing[0].title, person.id, seen_without_evidence(seen(failing[0].condition, at), ground)


def seen_without_evidence(text: str, ground: Any) -> str:
    """Columns do not hold the evidence in words."""
    for words in ground.evidence.values():
        text = text.replace(f"（{words}）", "")
    return text


async def test_a_town_window_sees_whom_to_remind_and_how(city: Any) -> None:
    people = [city.person() for _ in range(2)]
    course = city.training_class()
    surplus, absent = (city.participation(each, course) for each in people)
    absent = absent.model_copy(update={"attended_share_bp": 7_900})
    await city.teller.tell(*people, course, surplus, absent)

    counts = await city.at_work.call("GET", "/awards/v1/near-misses?scheme=universal-training", who="clerk")
    elsewhere = await city.at_work.call("GET", "/awards/v1/near-misses?area_code=320583", who="clerk")
    gone = await city.at_work.call("GET", "/awards/v1/near-misses/export?with_gone=true", who="clerk")
    exported = await city.at_work.call("GET", "/awards/v1/near-misses/export", who="clerk")
    unknown = await city.at_work.call("GET", "/awards/v1/near-misses?scheme=pension", who="clerk")

    assert counts.status_code == 200, counts.text
    assert [(row["condition"], row["count"]) for row in counts.json()["items"]] == [("出勤达到要求", 1)]
    assert elsewhere.json()["items"] == []
    (line,) = list(csv.reader(io.StringIO(gone.content.decode("utf-8-sig"))))[1:]
    assert (line[1], line[3], line[7]) == ("出勤达到要求", str(people[1].id), "已无法改变")
    assert list(csv.reader(io.StringIO(exported.content.decode("utf-8-sig"))))[1:] == []
    assert unknown.status_code == 404
