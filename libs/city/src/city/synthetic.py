"""`City(persons=2000, seed=1)`: files, registers, acts and expectations of an invented city in 2018; the same seed gives the same city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from random import Random

from city import story_newcomers, story_partners, story_training, trades
from city.block import APPRAISAL_BODY, PERSONS, YEAR, Block, registers
from city.dropping import DroppedFile, Dropping
from city.expected import Case, Expected, NotCounted
from city.oracle import CLOSES_ON, EMPLOYMENT_COMPLETE_SINCE, Oracle
from city.people import Person
from city.population import settle
from city.registers import Agreement, Catalogue, Designation, Mandate, Occupation, Organisation, ReportingYear, Source, TrainingClass
from city.sheets import lines
from city.story import Story

MOST_PERSONS = 800_000
LAST_DAY = date(YEAR + 1, 3, 1)
_SEED_STRIDE = 1_000_003


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """A clerk's act on one row: `confirm` or `cancel` a placement (person, partner), `revoke` a certificate (its number)."""

    on: date
    verb: str
    person: str
    partner: str | None = None
    certificate: str | None = None


class City:
    """An invented city. Everything streams: no list of people is kept."""

    def __init__(self, *, persons: int = 2_000, seed: int = 1) -> None:
        if persons % PERSONS or not PERSONS <= persons <= MOST_PERSONS:
            raise ValueError(f"a city has whole thousands of persons, from {PERSONS:,} to {MOST_PERSONS:,}")
        self.size, self.seed = persons, seed

    def blocks(self) -> Iterator[Block]:
        """The city, a thousand persons at a time; the first block holds the seeded cases."""
        yield self._first.block
        for number in range(1, self.size // PERSONS):
            chance = self._chance(number)
            block = registers(number, chance)
            settle(block, chance)
            yield block

    @cached_property
    def _first(self) -> Story:
        chance = self._chance(0)
        block = registers(0, chance)
        story = Story(block, chance)
        for chapter in (story_training, story_newcomers, story_partners):
            chapter.tell(story)
        settle(block, chance, already=len(block.persons))
        return story

    def _chance(self, block: int) -> Random:
        return Random(self.seed * _SEED_STRIDE + block)

    def persons(self) -> Iterator[Person]:
        for block in self.blocks():
            yield from block.persons

    def organisations(self) -> Iterator[Organisation]:
        yield APPRAISAL_BODY
        for block in self.blocks():
            yield from block.enterprises
            yield from block.others

    def occupations(self) -> Iterator[Occupation]:
        return trades.occupations()

    def catalogues(self) -> tuple[Catalogue, ...]:
        """All that were published by the end of the year."""
        return tuple(catalogue for catalogue in trades.catalogues() if catalogue.year <= YEAR)

    def designations(self) -> Iterator[Designation]:
        for block in self.blocks():
            yield from block.designations

    def mandates(self) -> Iterator[Mandate]:
        for block in self.blocks():
            yield from block.mandates

    def classes(self) -> Iterator[TrainingClass]:
        for block in self.blocks():
            yield from block.classes

    def agreements(self) -> Iterator[Agreement]:
        for block in self.blocks():
            yield from block.agreements

    def reporting_year(self) -> ReportingYear:
        return ReportingYear(YEAR, CLOSES_ON)

    def sources(self) -> tuple[Source, ...]:
        return (
            Source("EMPLOYMENT", EMPLOYMENT_COMPLETE_SINCE),
            Source("INSURANCE", date(2010, 1, 1)),
            Source("HUKOU", date(1990, 1, 1)),
        )

    def acts(self, *, until: date = LAST_DAY) -> list[Act]:
        """What clerks do to single rows, in the order of days."""
        return sorted(act for person in self.persons() for act in _acts(person) if act.on <= until)

    def write_files(self, directory: Path, *, until: date = LAST_DAY) -> list[DroppedFile]:
        """Write what the bureaus have dropped by a day, in the order in which it was dropped."""
        dropping = Dropping(directory, until=until)
        for block in self.blocks():
            dropping.write(lines(block))
        return dropping.close()

    def expectations(self, day: date) -> Iterator[Expected]:
        """What awards must say on a day, when every file and act up to that day is in."""
        for block in self.blocks():
            yield from Oracle(block, day).expectations()

    def cases(self) -> tuple[Case, ...]:
        """The seeded cases, each with the day on which it is asked."""
        return tuple(self._first.cases)

    def not_counted(self) -> tuple[NotCounted, ...]:
        """The seeded placements that earn their partner nothing."""
        return tuple(self._first.not_counted)


def _acts(person: Person) -> Iterator[Act]:
    for placement in person.placements:
        if placement.confirmed_on:
            yield Act(placement.confirmed_on, "confirm", person.id_number, partner=placement.partner)
        if placement.cancelled_on:
            yield Act(placement.cancelled_on, "cancel", person.id_number, partner=placement.partner)
    for held in person.certificates:
        if held.revoked_on:
            yield Act(held.revoked_on, "revoke", person.id_number, certificate=held.number)
