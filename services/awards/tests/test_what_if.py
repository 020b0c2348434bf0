"""What if, on a city that stands in the database: equal to what its facts determine by the other figures, and asked over REST."""

import csv
import io
from collections import defaultdict
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from awards_at_rest import AwardsAtRest, Books, determined

from awards.kernel.parameters import Parameters
from awards.population.columns import load_city, number_of, numbers_of
from awards.whatif.comparison import Comparison, compare
from awards.whatif.proposal import Proposal, Slice
from city.lives import city as lives
from city.lives import newest

TODAY = date(2019, 2, 20)
EVERYTHING = Slice()
PROPOSALS = [
    Proposal({"newcomer.amount": 250_000}),
    Proposal({"newcomer.gap_days": 5, "universal-training.rate": {"5": 9_000, "4": 7_001, "3": 8_000, "2": 8_000, "1": 8_000}}),
    Proposal({"shortage-training.payee": "TRAINEE"}),
    Proposal(
        {"shortage-training.amount": {"3": 1_000_00, "2": 2_000_00, "1": 3_000_00}, "universal-training.insured_months": 3},
        date(2018, 4, 1),
    ),
    Proposal({"partner-bonus.threshold": 1, "partner-bonus.per_person": 30_000}),
    Proposal({"partner-bonus.sole_traders_count": True, "partner-bonus.threshold": 1}),
    Proposal({"shortage-training.amount": None}),
    Proposal({"sponsored-class.most_for_a_student": 50_001, "sponsored-class.sole_traders_count": True}),
    Proposal({"sponsored-class.per": "CLASS_AVERAGE", "sponsored-class.payee": "SCHOOL"}),
    Proposal({"teacher-lecture.per_hour": 10_000, "demonstration-base.amount": 20_000_000, "studio.per_year": 5_000_000}),
]


def due(books: Books) -> dict[tuple[str, str], tuple[int, Any]]:
    """Scheme and key → fen and payee, of what is due."""
    return {name[1:]: (said[4], said[2]) for name, said in books.items() if name[0] == "owed" and said[0] == "DUE" and said[4]}  # type: ignore[misc]


def moved(found: Comparison) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {
        (each.scheme, each.key): (
            (each.now_fen, each.now_payee.id) if each.now_payee else None, (each.then_fen, each.then_payee.id) if each.then_payee else None,
        )
        for each in found.movers()
    }  # fmt: skip


@pytest.mark.parametrize("seed", [2, 7])
async def test_the_answer_is_what_deciding_really_would_make_due(at_rest: AwardsAtRest, seed: int) -> None:
    published = lives(Random(seed), UUID(int=seed), quarters=1, persons=150)
    await at_rest.begin_anew(TODAY)
    await at_rest.hear(published)
    await at_rest.reconciler.until_clean()
    now, facts = due(await at_rest.books()), newest(published)
    in_force = await figures(at_rest)
    loaded = await load_city(at_rest.running.database)
    async with at_rest.running.database.raw_transaction() as connection:
        loaded.words.update(await numbers_of(connection, ["BASE", "TRAINEE"]))

    for proposal in PROPOSALS:
        proposed = proposal.put_into(in_force)
        then = due(determined(facts, proposed, TODAY))
        found = compare(loaded, in_force, proposed, TODAY, EVERYTHING)

        assert moved(found) == {key: (now.get(key), then.get(key)) for key in {*now, *then} if now.get(key) != then.get(key)}, proposal
        assert (found.total.now, found.total.now_fen) == (len(now), sum(fen for fen, _ in now.values()))
        assert {scheme: sums.then_fen for scheme, sums in found.by_scheme.items() if sums.then_fen} == by_scheme(then), proposal
        assert found.up_fen - found.down_fen == found.total.then_fen - found.total.now_fen
        for split in (found.by_fund, found.by_area, found.by_level):
            assert sum(sums.then_fen for sums in split.values()) == found.total.then_fen
    assert len(now) > 20


async def figures(at_rest: AwardsAtRest) -> Parameters:
    async with at_rest.running.database.raw_transaction() as connection:
        found: Parameters = await at_rest.running.equipment.figures(connection)
        return found


def by_scheme(due: dict[tuple[str, str], tuple[int, Any]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for (scheme, _), (fen, _) in due.items():
        sums[scheme] += fen
    return dict(sums)


def test_two_ids_that_share_half_are_two_numbers() -> None:
    ids = [UUID(int=high << 64 | low) for high in range(1, 40) for low in range(40)]
    assert len({number_of(each) for each in ids}) == len(ids)
    assert all(0 <= number_of(each) < 2**63 for each in ids)


async def test_an_officer_asks_for_a_part_of_the_city_and_gets_the_list(city: Any) -> None:
    people = [city.person() for _ in range(3)]
    course = city.training_class()
    await city.teller.tell(*people, course, *(city.participation(each, course) for each in people))
    rate = {"5": 10_000, "4": 7_500, "3": 8_000, "2": 8_000, "1": 8_000}
    asked = {"figures": [{"parameter": "universal-training.rate", "value": rate}], "effective_from": "2018-01-01"}

    answer = await city.at_work.call("POST", "/awards/v1/what-ifs", json=asked)
    elsewhere = await city.at_work.call("POST", "/awards/v1/what-ifs", json=asked | {"area_code": "320583"})
    before = await city.at_work.call("POST", "/awards/v1/what-ifs", json=asked | {"effective_from": "2018-03-02"})
    exported = await city.at_work.call("POST", "/awards/v1/what-ifs/export", json=asked)

    told = answer.json()
    assert answer.status_code == 200, answer.text
    assert told["left_out"] == 0
    assert [told["total"][name]["amount"] for name in ("now", "then", "more", "less")] == ["2880.00", "2700.00", "0.00", "180.00"]
    assert (told["differing"], told["persons"], told["down"]["amount"], told["up"]["amount"]) == (3, 3, "180.00", "0.00")
    assert [row["name"] for row in told["by_fund"]] == ["就业专项资金"]
    assert elsewhere.json()["total"]["now"]["amount"] == "0.00"
    assert before.json()["differing"] == 0, "the class began a day too early for the new figure"
    lines = list(csv.reader(io.StringIO(exported.content.decode("utf-8-sig"))))
    assert sorted(line[2] for line in lines[1:]) == sorted(str(each.id) for each in people)
    assert {tuple(line[3:]) for line in lines[1:]} == {
        ("单位", str(city.institution), "960.00", "单位", str(city.institution), "900.00", "0.00", "60.00")
    }


@pytest.mark.parametrize(
    ("parameter", "value", "code"),
    [
        ("newcomer.gapdays", 3, "no-such-parameter"),
        ("shortage-training.amount", {"3": 90_000}, "figure-below-floor"),
        ("stacking.higher_level_may_be_paid", False, "not-for-columns"),
        ("newcomer.amount", {"3": 90_000}, "wrong-shape"),
    ],
)
async def test_figures_that_do_not_fit_are_refused_by_name(city: Any, parameter: str, value: Any, code: str) -> None:
    figures = [{"parameter": parameter, "value": value}]

    answer = await city.at_work.call("POST", "/awards/v1/what-ifs", json={"figures": figures})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
