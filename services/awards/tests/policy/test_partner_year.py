"""From everybody's placements to a partner's year and what it earns, as sentences in `years/partner_year.yaml`.

A case says how many persons were `placed` in which way (`WAYS`), perhaps in which way each turned out `then`, and what is `measured` of the
year and decided: `owed`, `refused_by` or `awaits`, the words and the table of one row included.
"""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import yaml

from awards.kernel.explanation import explain
from awards.kernel.kinds import Outcome
from awards.parameters.seed import load_seed
from awards.policy.dossier import City, PersonFacts
from awards.policy.due import due_of, person_due
from awards.policy.grounds.delivery import partner_year
from awards.policy.schemes.partner_bonus import partner_bonus
from contracts.matching import Agreement, Placement, ReportingYear
from contracts.registry import Organisation

PARAMETERS, TODAY, YEAR = load_seed(), date(2019, 2, 1), 2018
EARLIER, LATER = {"started_on": date(2018, 6, 1)}, {"started_on": date(2018, 8, 1)}
UNHEARD, ELSEWHERE = {"employer_id": "丙厂"}, {"employer_id": "外地厂"}
WAYS: dict[str, list[dict[str, Any]]] = {
    "计入": [{}],
    "用人单位资料未到": [UNHEARD],
    "用人单位不在本市": [ELSEWHERE],
    "资料未到且未确认": [UNHEARD | {"confirmed_on": None}],
    "资料未到且不在协议期": [UNHEARD | {"started_on": date(2018, 1, 31)}],
    "乙校更早输送而资料未到": [{}, {"partner_id": "乙校"} | EARLIER | UNHEARD],
    "乙校更早输送到外地": [{}, {"partner_id": "乙校"} | EARLIER | ELSEWHERE],
    "乙校更早输送": [{}, {"partner_id": "乙校"} | EARLIER],
    "乙校更晚输送而资料未到": [{}, {"partner_id": "乙校"} | LATER | UNHEARD],
    "甲校更早输送而资料未到": [{}, EARLIER | UNHEARD],
    "甲校两次输送都资料未到": [UNHEARD, LATER | UNHEARD],
}
"""The placements of one person, as they differ from one that counts for 甲校."""


class Case(NamedTuple):
    title: str
    placed: dict[str, int]
    measured: dict[str, Any]
    decided: dict[str, str]


def cases() -> list[Case]:
    content = yaml.safe_load((Path(__file__).parent / "years" / "partner_year.yaml").read_text(encoding="utf-8"))
    found = []
    for title, case in content.items():
        then, placed = case.pop("then", {}), Counter[str]()
        for way, persons in case.pop("placed").items():
            placed[then.get(way, way)] += persons
        found.append(Case(title, dict(placed), case.pop("measured"), case))
    return found


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def person(way: str, nth: int) -> PersonFacts:
    id_ = named(f"{way}{nth}")
    usually = {
        "partner_id": "甲校", "employer_id": "甲厂", "started_on": date(2018, 7, 1), "evidence": "CONTRACT",
        "reported_on": date(2018, 9, 10), "confirmed_on": date(2018, 9, 20),
    }  # fmt: skip
    placements = []
    for which, different in enumerate(WAYS[way]):
        told = usually | different
        ids = {"id": named(f"{way}{nth} {which}"), "person_id": id_, **{name: named(told[name]) for name in ("partner_id", "employer_id")}}
        placements.append(Placement.model_validate(told | ids))
    return PersonFacts(id_, placements=placements)


def city() -> City:
    def employer(name: str, *, is_local: bool) -> Organisation:
        span = {"kind": "ENTERPRISE", "area_code": "320582", "is_locally_registered": is_local, "first_on": "2010-03-01"}
        return Organisation.model_validate({"id": named(name), "uscc": "91320599MA1MC0Q16D", "name": name, "spans": [span]})

    agreed = {"kind": "DELIVERY", "is_outside_province": False, "signed_on": "2018-02-01", "expires_on": "2018-12-31"}
    return City(
        organisations={each.id: each for each in (employer("甲厂", is_local=True), employer("外地厂", is_local=False))},
        agreements={
            named(partner): [Agreement.model_validate(agreed | {"id": named(f"{partner}协议"), "partner_id": named(partner)})]
            for partner in ("甲校", "乙校")
        },
        reporting_years={YEAR: ReportingYear(id=named("2018"), year=YEAR, closes_on=date(2019, 1, 31))},
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_a_partners_year(case: Case) -> None:
    persons, undecided = 0, Counter[str]()
    for way, number in case.placed.items():
        for nth in range(number):
            due = person_due(person(way, nth), city(), PARAMETERS, TODAY)
            persons += due.delivery is not None and due.delivery.partner == named("甲校")
            undecided.update(each.awaits for each in due.undecided if each.delivery.partner == named("甲校"))

    year = partner_year(named("甲校"), YEAR, persons, undecided, city())

    because = case.measured.pop("because", None)
    assert {name: getattr(year, name) for name in case.measured} == case.measured
    assert because is None or year.evidence["undecided"] == because
    (owed,) = due_of((year,), PARAMETERS, TODAY).owed
    told = explain(partner_bonus, year, PARAMETERS, TODAY)
    columns = partner_bonus.columns(type(year).table([year]), PARAMETERS, TODAY)
    assert (told.outcome, told.amount_fen) == (owed.outcome, owed.fen) == (columns.outcome[0], columns.amount_fen[0])
    assert decided(told.outcome, told.amount_fen, {line.holds: line.title for line in told.lines}) == case.decided
    if year.undecided:
        assert f"尚未认定人数 {year.undecided} 人（待查明：" in str(told)


def decided(outcome: Outcome, fen: int, titles: dict[bool | None, str]) -> dict[str, str]:
    if outcome is Outcome.GRANTED:
        return {"owed": f"{fen / 100:.2f}"}
    assert fen == 0
    return {"refused_by": titles[False]} if outcome is Outcome.REFUSED else {"awaits": titles[None]}
