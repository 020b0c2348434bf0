"""A block: a thousand persons with their employers, classes and one partner. A city is made block by block, so its size costs no memory."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from city.identities import uscc
from city.people import Person
from city.places import ENTERPRISE_WORDS, INDUSTRIES, INDUSTRY_SHARES, TOWN_CODES, TOWN_SHARES
from city.registers import Agreement, Designation, Mandate, Organisation, TrainingClass
from city.trades import TRADE, TRADES, catalogues

PERSONS = 1_000
ENTERPRISES = 30
YEAR = 2018
OPENING = date(2018, 1, 2)
"""The first business day: the bureaus drop everything that they know."""
REPORTED_ON, CONFIRMED_ON = date(2018, 9, 10), date(2018, 9, 20)

APPRAISAL_BODY = Organisation(uscc("12", 990_001), "示例职业技能鉴定中心", "PUBLIC_INSTITUTION", "320582100", True, date(1999, 5, 1))

_PLACES = 100
_INSTITUTION, _TRAINING_BASE, _PARTNER = 40, 41, 50
_TAUGHT_TRADES, _MANDATED_TRADES = 6, 3
_UNIVERSAL_CLASSES, _SHORTAGE_CLASSES = 4, 2


@dataclass(slots=True)
class Block:
    """One thousand persons and what belongs to them alone."""

    number: int
    enterprises: list[Organisation] = field(default_factory=list)
    others: list[Organisation] = field(default_factory=list)
    designations: list[Designation] = field(default_factory=list)
    mandates: list[Mandate] = field(default_factory=list)
    classes: list[TrainingClass] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)


def registers(number: int, chance: Random) -> Block:
    """A block with its organisations, prices, mandates, classes and partner, still without people."""
    block = Block(number)
    block.enterprises = [_enterprise(number * _PLACES + nth, chance) for nth in range(ENTERPRISES)]
    institution = _institution(number)
    base = Organisation(
        uscc("52", number * _PLACES + _TRAINING_BASE),
        f"示例高技能人才培养基地{number}",
        "TRAINING_BODY",
        "320582100",
        True,
        date(2010, 3, 1),
    )
    partner = school(number * _PLACES + _PARTNER, f"示例职业学院{number}", outside_province=number % 3 != 0)
    block.others = [institution, base, partner]
    block.agreements = [agreement(partner, number * _PLACES)]
    _price(block, institution, chance)
    _mandate(block, base, chance)
    for nth in range(_UNIVERSAL_CLASSES):
        block.classes.append(_universal_class(block, nth, chance))
    for nth in range(_SHORTAGE_CLASSES):
        block.classes.append(_shortage_class(block, nth, chance))
    return block


def _enterprise(number: int, chance: Random) -> Organisation:
    code, _, word = INDUSTRIES[bisect(INDUSTRY_SHARES, chance.random() * INDUSTRY_SHARES[-1])]
    size = "LARGE" if chance.random() < 0.02 else "MEDIUM" if chance.random() < 0.2 else "SMALL" if chance.random() < 0.7 else "MICRO"
    name = f"示例{chance.choice(ENTERPRISE_WORDS)}{chance.choice(ENTERPRISE_WORDS)}{word}有限公司{number}"
    town = TOWN_CODES[bisect(TOWN_SHARES, chance.random() * TOWN_SHARES[-1])]
    founded = date(1995 + int(chance.random() * 8), 1 + int(chance.random() * 12), 1)
    return Organisation(uscc("91", number), name, "ENTERPRISE", town, True, founded, code, size)


def _institution(number: int) -> Organisation:
    return Organisation(
        uscc("52", number * _PLACES + _INSTITUTION), f"示例职业培训学校{number}", "TRAINING_BODY", "320582100", True, date(2008, 9, 1)
    )


def school(number: int, name: str, *, outside_province: bool) -> Organisation:
    """A vocational college elsewhere: a cooperation partner."""
    area = "411600" if outside_province else "320800"
    return Organisation(uscc("12", number), name, "HIGHER_VOCATIONAL", area, False, date(1998, 9, 1))


def agreement(partner: Organisation, number: int) -> Agreement:
    """For delivery, three years from April 2016."""
    return Agreement(f"XY2016-{number}", partner.uscc, not partner.area_code.startswith("32"), date(2016, 4, 1), date(2019, 3, 31))


def _price(block: Block, institution: Organisation, chance: Random) -> None:
    for trade in chance.sample(TRADES, _TAUGHT_TRADES):
        for level_code in (5, 4, 3):
            price = int(trade.price_fen[level_code] * (0.9 + chance.random() * 0.15)) // 1_000 * 1_000
            block.designations.append(
                Designation(
                    f"示例采〔2017〕{block.number}号", institution.uscc, trade.key, level_code, price, date(2017, 7, 1), date(2020, 6, 30)
                )
            )


def _mandate(block: Block, base: Organisation, chance: Random) -> None:
    (catalogue,) = (catalogue for catalogue in catalogues() if catalogue.year == YEAR)
    for entry in chance.sample(catalogue.entries, _MANDATED_TRADES):
        for level_code in (3, 2):
            block.mandates.append(Mandate(base.uscc, entry.occupation, level_code, YEAR, date(2018, 2, 10), date(2018, 12, 31)))


def _universal_class(block: Block, nth: int, chance: Random) -> TrainingClass:
    offered = chance.choice(block.designations)
    list_price = None if chance.random() < 0.4 else int(offered.price_fen * (0.93 + chance.random() * 0.15))
    return training_class(
        f"2018-U-{block.number:03d}{nth}", "UNIVERSAL", offered.uscc, offered.occupation, offered.level_code, _start(chance), list_price
    )


def _shortage_class(block: Block, nth: int, chance: Random) -> TrainingClass:
    mandate = chance.choice(block.mandates)
    return training_class(
        f"2018-S-{block.number:03d}{nth}", "SHORTAGE", mandate.uscc, mandate.occupation, mandate.level_code, _start(chance), None
    )


def _start(chance: Random) -> date:
    """A Monday between March and September."""
    return date(2018, 3, 5) + timedelta(weeks=int(chance.random() * 28))


def training_class(
    number: str,
    kind: str,
    organiser: str,
    occupation: str,
    level_code: int,
    starts_on: date,
    price_fen: int | None = None,
    *,
    days: int = 39,
) -> TrainingClass:
    """A class with the days of its life; its roster is dropped three days after its end."""
    ends_on = starts_on + timedelta(days=days)
    return TrainingClass(
        number, kind, organiser, occupation, level_code, starts_on, ends_on, price_fen,
        planned_on=max(OPENING, starts_on - timedelta(days=20)), roster_on=ends_on + timedelta(days=3),
    )  # fmt: skip


def price_of(block: Block, training: TrainingClass) -> int:
    """What counts as the fee (fen): the lower of tender and list price (A24); 0 where there is no tender."""
    tenders = [
        offered.price_fen
        for offered in block.designations
        if (offered.uscc, offered.occupation, offered.level_code) == (training.organiser, training.occupation, training.level_code)
        and offered.valid_from <= training.starts_on <= offered.valid_to
    ]
    return min(tenders[0], training.price_fen or tenders[0]) if tenders else 0


WELDER = TRADE["焊工"]
