"""A whole city in columns is owed what its persons are owed one by one: random grounds around those that pass, random figures."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import yaml

from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Outcome, Unit
from awards.kernel.parameters import Figure, Parameters, Timeline
from awards.parameters.seed import load_seed
from awards.policy.due import due_of
from awards.policy.grounds import OF_A_PERSON
from awards.policy.grounds.delivery import Delivery, PartnerYear
from awards.policy.names import Key
from awards.policy.schemes import BY_ID, SCHEMES
from awards.policy.schemes.partner_bonus import delivered
from awards.policy.whole_city import city_due
from awards.printing.cases import CASES

CASES = [(path, yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)) for path in sorted(CASES.glob("*.yaml"))]
SET_BY_CASES = {name: value for _, content in CASES for name, value in content.get("figures", {}).items()}
"""Of schemes for which the text gives no figure."""
SEED, TODAY = load_seed().but(**SET_BY_CASES), date(2018, 12, 1)
PERSONS = 60


def _id(name: object) -> UUID:
    return uuid5(NAMESPACE_URL, str(name))


def usual() -> list[tuple[type[Ground], dict[str, Any]]]:
    """Of every scheme a ground that passes, as its cases have it."""
    found = []
    for path, content in CASES:
        scheme = BY_ID.get(path.stem.replace("_", "-"))
        if scheme is not None and scheme.ground in OF_A_PERSON:
            written = content["usually"]
            found.append((scheme.ground, {name: NEVER if value == "never" else value for name, value in written.items()}))
    return [*found, (Delivery, _delivery())]


def _delivery() -> dict[str, Any]:
    since, until = date(2018, 1, 1), date(2018, 12, 31)
    return {
        "year": 2018, "started_on": date(2018, 7, 1), "is_local_enterprise": True, "is_local_sole_trader": False, "agreed_from": since,
        "agreed_until": until, "confirmed_on": date(2018, 7, 20), "cancelled_on": NEVER, "reported_on": date(2018, 7, 10),
        "report_by": date(2018, 11, 30),
    }  # fmt: skip


USUAL = usual()
OF_ALL_ALIKE = ("year", "report_by")
"""What one row cannot say otherwise than the others of its year. Whatever identifies a ground is always known."""


class Chance:
    """Grounds of a city by a seed."""

    def __init__(self, seed: int) -> None:
        self._any = random.Random(seed)

    def city(self) -> dict[UUID, list[Ground]]:
        persons = (_id(nth) for nth in range(PERSONS))
        # As the database has them: no two of one kind with one identity.
        return {person: list({(type(each), each.identity): each for each in self._of(person)}.values()) for person in persons}

    def _of(self, person: UUID) -> Iterator[Ground]:
        for nth in range(self._any.randint(0, 6)):
            kind, known = self._any.choice(USUAL)
            facts = {name: known.get(name, self._made(name, declared.unit)) for name, declared in kind.facts.items()}
            open_ = [each for each in kind.facts if each not in (*OF_ALL_ALIKE, *kind.identified_by)]
            for name in self._any.sample(open_, k=self._any.choice((0, 0, 0, 1, 2))):
                facts[name] = self._other(facts[name], kind.facts[name].unit)
            own = {
                name: _id(f"{person}{nth}")
                for name in ("record", "certificate", "placement", "selection", "employment", "entry", "title", "trip")
                if name in kind.facts
            }
            if kind.identified_by == ("person",) and nth:
                continue
            yield kind(evidence={}, **facts | own | {"person": person})

    def _made(self, name: str, unit: Unit) -> Any:
        """What no case speaks of: who trains, in which class."""
        return _id(f"{name}{self._any.randint(0, 3)}") if unit.is_id else None

    def _other(self, value: Any, unit: Unit) -> Any:
        if self._any.random() < 0.2:
            return None if not unit.is_id else value
        if unit is Unit.DAY:
            return NEVER if self._any.random() < 0.3 else date(2018, 3, 1) + timedelta(days=self._any.randint(-400, 400))
        if unit.is_id:
            return _id(f"other{self._any.randint(0, 3)}")
        if unit is Unit.FLAG:
            return self._any.random() < 0.5
        if unit is Unit.LEVEL:
            return self._any.randint(1, 5)
        return value if value is None or unit is Unit.CODE else value + self._any.choice((-1, 1, 50))

    def figures(self) -> Parameters:
        """The seed, one amount raised from a day in the year on, perhaps one figure unset."""
        held = {name: SEED[name] for name in SEED.names()}
        raised = (Figure({3: 100_000, 2: 200_000, 1: 300_000}, date(2015, 1, 1)), Figure({3: 150_000, 2: 150_000}, date(2018, 2, 15)))
        held["shortage-training.amount"] = Timeline("shortage-training.amount", raised)
        if self._any.random() < 0.5:
            held.pop(self._any.choice(sorted(held)))
        held["partner-bonus.threshold"] = Timeline("partner-bonus.threshold", (Figure(self._any.choice((2, 5, 100)), date(2015, 1, 1)),))
        return Parameters(held)


def one_by_one(city: dict[UUID, list[Ground]], parameters: Parameters) -> dict[Key, int]:
    """What every person's and every partner-year's own reconciliation makes due."""
    due: dict[Key, int] = {}
    counted: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for grounds in city.values():
        found = due_of(tuple(grounds), parameters, TODAY)
        due |= _paid(found.owed)
        placed = delivered.counted([each for each in grounds if isinstance(each, Delivery)], parameters, TODAY)
        for row in placed.surely:
            counted[delivered.group(row)][0] += 1
        for group in {delivered.group(row) for row in placed.undecided}:
            counted[group][1] += 1
    for (partner, year), (persons, undecided) in counted.items():
        closes_on = date(2018, 11, 30) if year == 2018 else None
        ground = PartnerYear(
            partner=partner, year=year, year_ends_on=date(year, 12, 31), closes_on=closes_on, persons=persons, undecided=undecided
        )
        due |= _paid(due_of((ground,), parameters, TODAY).owed)
    return due


def _paid(owed: Any) -> dict[Key, int]:
    return {
        each.name: each.fen
        for each in owed
        if each.outcome is Outcome.GRANTED and not each.displaced_by and each.payee is not None and each.fen
    }


def in_columns(city: dict[UUID, list[Ground]], parameters: Parameters) -> dict[Key, int]:
    codes: dict[object, int] = {}
    population = {
        kind: kind.table([each for grounds in city.values() for each in grounds if type(each) is kind], codes) for kind in OF_A_PERSON
    }
    named = {number: value for value, number in codes.items()}
    due: dict[Key, int] = {}
    for scheme_id, found in city_due({kind: table for kind, table in population.items() if len(table)}, parameters, TODAY).items():
        for row in found.due_fen.nonzero()[0].tolist():
            terms = found.scheme.once_per
            key = [named[int(found.table[term.name][row])] if term.unit.is_code else int(found.table[term.name][row]) for term in terms]
            due[Key(scheme_id, "/".join(map(str, key)))] = int(found.due_fen[row])
    return due


@pytest.mark.parametrize("seed", range(40))
def test_a_city_in_columns_is_owed_what_its_dossiers_are(seed: int) -> None:
    chance = Chance(seed)
    city, parameters = chance.city(), chance.figures()

    assert in_columns(city, parameters) == one_by_one(city, parameters)


def test_the_cities_of_the_test_are_owed_something_by_every_scheme_that_is_in_use() -> None:
    due = {key.scheme for seed in range(40) for key in one_by_one(Chance(seed).city(), SEED.but(**{"partner-bonus.threshold": 2}))}
    in_use = {
        scheme.id for scheme in SCHEMES if all(any(value is not None for value in SEED[each.name].values) for each in scheme.parameters)
    }
    assert {scheme for scheme in in_use if BY_ID[scheme].ground in (*OF_A_PERSON, PartnerYear)} <= due
