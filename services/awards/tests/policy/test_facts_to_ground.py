"""From facts as agencies send them to what a ground measures of them, as sentences in `facts/*.yaml`: one file for each kind of ground.

`usually` is what is known when a case says nothing else; a case names what is `different` (a record of one is completed by the usual one,
a list replaces the usual list) and what is `measured`: of one ground, or of several in the order of the facts; only what it names is
compared. Things are called by names (`甲校`); `never` is a day that has not come, `unknown` what nobody has established yet.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import yaml

from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER
from awards.policy.dossier import City, OrganisationFacts, PersonFacts, SponsoredClassFacts
from awards.policy.facts import Findings
from awards.policy.grounds.acceptance import acceptances
from awards.policy.grounds.arrival import arrivals
from awards.policy.grounds.certification import certifications
from awards.policy.grounds.delivery import deliveries
from awards.policy.grounds.exam_entry import exam_entries
from awards.policy.grounds.honour_years import instalments, term_years
from awards.policy.grounds.lecture import lectures
from awards.policy.grounds.participation import participations
from awards.policy.grounds.recruitment import recruitments
from awards.policy.grounds.sponsored_place import sponsored_places
from awards.policy.grounds.studio_year import studio_years
from awards.policy.grounds.title_held import titles_held
from awards.policy.grounds.trip import trips
from contracts import awards, certification, matching, registry, training
from contracts.fact import Fact, Part

PREPARED_BY: dict[str, Callable[[Any, City], Iterator[Ground]]] = {
    "participation": participations, "participation_at_base": participations, "certification": certifications,
    "certification_in_enterprise": certifications, "arrival": arrivals, "delivery": deliveries,
    "instalment": instalments, "term_year": term_years, "recruitment": recruitments, "exam_entry": exam_entries, "title_held": titles_held,
    "trip": trips, "lecture": lectures, "acceptance": acceptances, "studio_year": studio_years, "sponsored_place": sponsored_places,
}  # fmt: skip
MODELS: dict[str, type[Fact | Part]] = {
    "person": registry.Person, "employments": registry.Employment, "insurance": registry.InsuranceSpan, "organisations": registry.Organisation,
    "classes": training.TrainingClass, "participations": training.Participation, "designations": training.Designation,
    "mandates": training.Mandate, "catalogues": training.Catalogue, "certificates": certification.Certificate,
    "occupations": certification.Occupation, "placements": matching.Placement, "agreements": matching.Agreement,
    "reporting_years": matching.ReportingYear, "honours": awards.Honour, "lectures": training.Lecture, "recognitions": registry.Recognition,
    "sponsored_class": matching.SponsoredClass, "titles": certification.Title, "sittings": certification.Sitting,
    "exam_entries": certification.ExamEntry, "students": registry.Student, "trips": training.Trip, "rulings": awards.Ruling,
}  # fmt: skip
OF_NO_ACCOUNT: dict[str, dict[str, Any]] = {
    "employments": {"organisation_id": "甲厂", "kind": "CONTRACT", "evidence": "CONTRACT"},
    "insurance": {"organisation_id": "甲厂", "kind": "FIVE_IN_ONE"},
    "organisations": {"uscc": "91320599MA1MC0Q16D"},
    "classes": {"number": "B1"},
    "designations": {"tender_number": "Z1"},
    "mandates": {"catalogue_year": 2018},
    "catalogues": {"paper_number": "1"},
    "certificates": {"mode": "SOCIAL_APPRAISAL", "kind": "QUALIFICATION", "body_id": "鉴定所"},
    "occupations": {"name": "工种"},
    "rulings": {
        "kind": "DISCRETION_USED",
        "beneficiary_kind": "PERSON",
        "beneficiary_id": "本人",
        "scheme": "school-in-enterprise",
        "paper_number": "1",
    },
    "agreements": {"kind": "DELIVERY", "is_outside_province": False},
    "titles": {"paper_number": "1"},
    "sittings": {"mode": "SOCIAL_APPRAISAL", "occupation": "2015:6-18-02-04", "level_code": 4},
    "trips": {"state": "COMPLETED"},
    "honours": {"kind": "OUTSTANDING", "year": 2018, "rank": 1, "term_years": 3, "paper_number": "1"},
    "recognitions": {"paper_number": "1"},
}
"""What a contract asks for and no ground reads."""
PARTS: dict[str, dict[str, Any]] = {
    "students": {"enrolled_on": "2018-09-03"},
    "payments": {"paid_on": "2018-10-10", "is_proven": True, "payment_id": "付款"},
}
"""What a part of a fact says where a case says nothing else."""


class Case(NamedTuple):
    kind: str
    title: str
    known: dict[str, Any]
    measured: list[dict[str, Any]]


def cases() -> list[Case]:
    found = []
    for path in sorted((Path(__file__).parent / "facts").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        usually = content.pop("usually")
        for title, case in content.items():
            measured = case["measured"]
            found.append(
                Case(path.stem, title, _different(usually, case["different"]), measured if isinstance(measured, list) else [measured])
            )
    return found


def _different(usually: dict[str, Any], different: dict[str, Any]) -> dict[str, Any]:
    """A single record is completed by the usual one; a list stands for itself, each of its records completed by the usual first."""
    known = dict(usually)
    for name, value in different.items():
        if isinstance(value, dict) and isinstance(usually.get(name), dict):
            known[name] = usually[name] | value
        elif isinstance(value, list) and usually.get(name):
            known[name] = [usually[name][0] | each for each in value]
        else:
            known[name] = value
    return known


def _named(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def _facts(known: dict[str, Any], kind: str) -> list[Any]:
    return [_fact(kind, record, nth) for nth, record in enumerate(known.get(kind, ()))]


def _fact(kind: str, record: dict[str, Any], nth: int = 0) -> Any:
    whole = {"id": f"{kind}{nth}", "person_id": "本人"} | OF_NO_ACCOUNT.get(kind, {}) | record
    return MODELS[kind].model_validate({name: _value(name, value) for name, value in whole.items() if name in MODELS[kind].model_fields})


def _value(name: str, value: Any) -> Any:
    """Names of things become their ids, in the parts of a fact too."""
    if isinstance(value, str) and (name == "id" or name.endswith("_id")):
        return _named(value)
    if name == "entitlement_key":
        return "/".join(str(_named(part)) for part in value.split("/"))
    if isinstance(value, list) and name in PARTS:
        return [{key: _value(key, each) for key, each in (PARTS[name] | part).items()} for part in value]
    return value


def _person(known: dict[str, Any]) -> PersonFacts:
    return PersonFacts(
        _named("本人"), _fact("person", known["person"]) if known.get("person") else None, _facts(known, "employments"),
        _facts(known, "insurance"), _facts(known, "participations"), _facts(known, "certificates"), _facts(known, "placements"),
        **{name: _facts(known, name) for name in ("honours", "titles", "exam_entries", "students", "trips")},
        findings=Findings(rulings=_facts(known, "rulings")),
    )  # fmt: skip


def _organisation(known: dict[str, Any]) -> OrganisationFacts:
    return OrganisationFacts(_named("本单位"), _facts(known, "lectures"), _facts(known, "recognitions"))


def _sponsored_class(known: dict[str, Any]) -> SponsoredClassFacts:
    told = known["sponsored_class"]
    return SponsoredClassFacts(_named("本班"), _fact("sponsored_class", told) if told else None)


OF: dict[str, Callable[[dict[str, Any]], Any]] = {
    "lecture": _organisation, "acceptance": _organisation, "studio_year": _organisation, "sponsored_place": _sponsored_class,
}  # fmt: skip
"""Whose facts a ground is made of, where it is not a person's."""


def _prepared(kind: str, known: dict[str, Any]) -> list[Ground]:
    return list(PREPARED_BY[kind](OF.get(kind, _person)(known), _city(known)))


def _city(known: dict[str, Any]) -> City:
    def by(kind: str, owner: str) -> dict[UUID, list[Any]]:
        facts = _facts(known, kind)
        return {getattr(each, owner): [other for other in facts if getattr(other, owner) == getattr(each, owner)] for each in facts}

    return City(
        classes={each.id: each for each in _facts(known, "classes")},
        organisations={each.id: each for each in _facts(known, "organisations")},
        designations=by("designations", "organisation_id"),
        mandates=by("mandates", "organisation_id"),
        recognitions=by("recognitions", "organisation_id"),
        agreements=by("agreements", "partner_id"),
        catalogues=_facts(known, "catalogues"),
        occupations=_facts(known, "occupations"),
        reporting_years={each.year: each for each in _facts(known, "reporting_years")},
        sittings={each.id: each for each in _facts(known, "sittings")},
        employment_complete_since=known.get("employment_complete_since"),
        insurance_complete_since=known.get("insurance_complete_since"),
    )


def _read(ground: Ground, name: str, value: Any) -> Any:
    if value == "never":
        return NEVER
    if value == "unknown":
        return None
    if ground.facts[name].unit.is_id:
        return _named(value)
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.kind} {case.title}")
def test_facts_are_measured(case: Case) -> None:
    grounds = _prepared(case.kind, case.known)

    assert len(grounds) == len(case.measured)
    for ground, expected in zip(grounds, case.measured, strict=True):
        evidence = expected.pop("because", {})
        assert {name: getattr(ground, name) for name in expected} == {name: _read(ground, name, value) for name, value in expected.items()}
        assert {name: ground.evidence.get(name) for name in evidence} == evidence


def test_the_order_in_which_facts_are_known_changes_nothing() -> None:
    for case in cases():
        known = {name: _turned(value) for name, value in case.known.items()}
        grounds = [ground.to_record() for ground in _prepared(case.kind, _told(case.known))]
        turned = [ground.to_record() for ground in _prepared(case.kind, _told(known))]
        assert sorted(map(str, turned)) == sorted(map(str, grounds)), case.title


def _turned(value: Any) -> Any:
    """Backwards, the parts of a record too."""
    if isinstance(value, dict):
        return {name: _turned(part) for name, part in value.items()}
    return [_turned(each) for each in reversed(value)] if isinstance(value, list) else value


def _told(known: dict[str, Any]) -> dict[str, Any]:
    """Each record with a name of its own, that it keeps wherever it stands."""
    return {
        name: [{"id": f"{name}{sorted(map(str, value)).index(str(each))}"} | each for each in value] if isinstance(value, list) else value
        for name, value in known.items()
    }


def test_every_kind_of_ground_has_its_sentences() -> None:
    assert {case.kind for case in cases()} == PREPARED_BY.keys()
