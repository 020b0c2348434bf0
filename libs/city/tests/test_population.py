"""The invented city is the same for the same seed, looks like the real one, and can be nobody's."""

import hashlib
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from city.block import OPENING
from city.identities import COUNTY, YOUNG_NUMBERS, young_number
from city.people import Person
from city.synthetic import MOST_PERSONS, City
from city.trades import TRADES, catalogues
from common.identifiers.area import is_in_city, is_outside_province
from common.identifiers.certificate_number import hint, parse_certificate_number
from common.identifiers.id_card import IdCard
from common.identifiers.mobile import parse_mobile
from common.identifiers.uscc import parse_uscc


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return list(City(persons=5_000, seed=7).persons())


@pytest.fixture(scope="module")
def ordinary(people: list[Person]) -> list[Person]:
    """Without the first block, which is full of seeded cases."""
    return people[1_000:]


def fingerprint(city: City) -> str:
    digest = hashlib.sha256()
    for block in city.blocks():
        digest.update(repr(block).encode())
    return digest.hexdigest()


def test_a_seed_gives_the_same_city_again_and_another_seed_another() -> None:
    assert fingerprint(City(persons=3_000, seed=4)) == fingerprint(City(persons=3_000, seed=4))
    assert fingerprint(City(persons=3_000, seed=4)) != fingerprint(City(persons=3_000, seed=5))


def test_a_bigger_city_begins_with_the_smaller_one() -> None:
    big = City(persons=3_000).persons()
    assert all(one == other for one, other in zip(City(persons=2_000).persons(), big, strict=False))


@pytest.mark.parametrize("persons", [0, 999, 1_500, MOST_PERSONS + 1_000, -1_000])
def test_only_whole_thousands(persons: int) -> None:
    with pytest.raises(ValueError, match="thousands"):
        City(persons=persons)


def test_identity_numbers_are_valid_unassigned_and_all_different(people: list[Person]) -> None:
    numbers = [person.id_number for person in people]
    assert len(set(numbers)) == len(numbers) == 5_000
    for person in people:
        card = IdCard.parse(person.id_number, today=OPENING)
        assert card.area_code == COUNTY
        assert card.birth_on == person.born_on


def test_numbers_suffice_for_the_biggest_city() -> None:
    blocks = MOST_PERSONS // 1_000
    assert 1_000 + (blocks - 1) * 200 + 200 <= YOUNG_NUMBERS
    assert len({young_number(index)[0] for index in range(0, YOUNG_NUMBERS, 7)}) == len(range(0, YOUNG_NUMBERS, 7))


def test_telephones_and_cards_are_nobodys(people: list[Person]) -> None:
    for person in people:
        assert parse_mobile(person.mobile).startswith("120")
        assert person.account.startswith("9999")
        assert luhn_sum(person.account) % 10 == 0
    assert len({person.account for person in people}) == len(people)


def luhn_sum(digits: str) -> int:
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2]]
    return sum(doubled) + sum(int(digit) for digit in digits[-1::-2])


def test_organisations_have_valid_unassigned_codes_of_their_own() -> None:
    codes = [organisation.uscc for organisation in City(persons=3_000).organisations()]
    assert len(set(codes)) == len(codes)
    assert all(parse_uscc(code) == code and code[2:8] == COUNTY for code in codes)


def test_certificate_numbers_are_plausible_and_differ(people: list[Person]) -> None:
    held = [certificate for person in people for certificate in person.certificates]
    assert len({certificate.number for certificate in held}) == len(held)
    for certificate in held:
        assert parse_certificate_number(certificate.number) == certificate.number
        told = hint(certificate.number)
        assert told is not None
        assert told.level_code == certificate.level_code


def share(people: list[Person], holds: object) -> float:
    return sum(bool(holds(person)) for person in people) / len(people)  # type: ignore[operator]


def test_residence_work_and_insurance_look_like_the_city(ordinary: list[Person]) -> None:
    assert 0.60 < share(ordinary, lambda p: p.hukou and is_in_city(p.hukou[-1].area_code)) < 0.72
    assert 0.18 < share(ordinary, lambda p: p.hukou and is_outside_province(p.hukou[-1].area_code)) < 0.30
    assert 0.005 < share(ordinary, lambda p: not p.hukou) < 0.04
    assert 0.85 < share(ordinary, lambda p: p.employments) < 0.95
    assert 0.02 < share(ordinary, lambda p: any(paid.back_paid_on for paid in p.paid)) < 0.05
    assert share(ordinary, lambda p: len(p.employments) == 2) > 0.02
    towns = Counter(p.hukou[-1].area_code for p in ordinary if p.hukou and is_in_city(p.hukou[-1].area_code))
    assert towns.most_common(1)[0][0] == "320582100"
    assert 0.33 < towns["320582100"] / towns.total() < 0.41


def test_certificates_by_level() -> None:
    levels = Counter(
        certificate.level_code
        for person in City(persons=20_000, seed=2).persons()
        for certificate in person.certificates
        if certificate.issued_on < OPENING
    )
    for level_code, expected in {5: 0.34, 4: 0.36, 3: 0.25, 2: 0.04, 1: 0.01}.items():
        assert levels[level_code] / levels.total() == pytest.approx(expected, abs=0.03)


def test_insurance_months_never_overlap_and_days_are_in_order(people: list[Person]) -> None:
    for person in people:
        months = [month for paid in person.paid for month in range(paid.first_month, paid.last_month + 1)]
        assert len(months) == len(set(months))
        assert all(paid.first_month <= paid.last_month for paid in person.paid)
        assert all(job.ended_on is None or job.started_on <= job.ended_on for job in person.employments)
        assert all(span.last_on is None or span.first_on <= span.last_on for span in person.hukou)
        assert all(job.started_on.year - person.born_on.year >= 17 for job in person.employments)


def test_the_catalogue_has_twenty_entries_and_changes_every_year() -> None:
    years = catalogues()
    assert [len(catalogue.entries) for catalogue in years] == [20] * len(years)
    for before, after in pairwise(years):
        gone = {entry.occupation for entry in before.entries} - {entry.occupation for entry in after.entries}
        assert 3 <= len(gone) <= 5
    assert len({trade.key for trade in TRADES}) == len({trade.name for trade in TRADES}) == 60


def test_every_reference_leads_somewhere() -> None:
    city = City(persons=2_000)
    organisations = {organisation.uscc for organisation in city.organisations()}
    occupations = {occupation.key for occupation in city.occupations()}
    classes = {training.number: training for training in city.classes()}
    assert len(classes) == len(list(city.classes()))
    assert {training.organiser for training in classes.values()} <= organisations
    assert {training.occupation for training in classes.values()} <= occupations
    assert {agreed.partner for agreed in city.agreements()} <= organisations
    for person in city.persons():
        assert {job.uscc for job in person.employments} | {paid.uscc for paid in person.paid} <= organisations
        assert {taken.class_number for taken in person.participations} <= classes.keys()
        assert {held.occupation for held in person.certificates} <= occupations
        assert {held.class_number for held in person.certificates} - {None} <= classes.keys()
        assert {placement.employer for placement in person.placements} <= organisations
    for occupation in city.occupations():
        assert set(occupation.same_as) < occupations


def test_names_of_every_kind(people: list[Person]) -> None:
    names = {person.name for person in people}
    assert any("·" in name for name in names)
    assert any("㛃" in name or "𬍛" in name for name in names)
    assert any(name.startswith(("欧阳", "司马", "尉迟")) for name in names)
    twins = Counter((person.name, person.employments[0].uscc) for person in people if person.name == "单晓燕")
    assert list(twins.values()) == [2]


def test_acts_come_in_order_and_once() -> None:
    acts = City(persons=2_000).acts()
    assert [act.on for act in acts] == sorted(act.on for act in acts)
    assert len(set(acts)) == len(acts)
    assert {act.verb for act in acts} == {"confirm", "cancel", "revoke"}
    assert all(act.on >= date(2018, 1, 2) for act in acts)
