"""The seeded cases of the first block: each a person or partner made for one boundary, with the label of what must come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from city.block import Block
from city.expected import Because, Case, Expected, NotCounted, Outcome
from city.identities import account, mobile, name, number_of
from city.oracle import NEWCOMER, NEWCOMER_FEN, SHORTAGE, UNIVERSAL
from city.people import Certificate, Employment, Hukou, Paid, Person
from city.population import certificate, young
from city.registers import TrainingClass

YEAR_END = date(2018, 12, 31)
LOCAL, ELSEWHERE = "320582100", "342225"
NOBODY_KNOWS = "unknown"
_FIRST_BIRTHDAY = date(1985, 1, 1)
_SEQUENCE = 980
_FIRST_SERIAL = 90_000


@dataclass
class Story:
    """Gives people identities, puts them into the block, and keeps the labels."""

    block: Block
    chance: Random
    cases: list[Case] = field(default_factory=list)
    not_counted: list[NotCounted] = field(default_factory=list)
    _serial: int = _FIRST_SERIAL

    @property
    def employer(self) -> str:
        return self.block.enterprises[len(self.block.persons) % len(self.block.enterprises)].uscc

    def person(
        self,
        hukou: str = ELSEWHERE,
        *,
        elsewhere: tuple[str, ...] | None = ("WORK",),
        born_on: date | None = None,
        called: str | None = None,
    ) -> Person:
        """Somebody new, living where `hukou` says; without work."""
        place = len(self.block.persons)
        born_on = born_on or _FIRST_BIRTHDAY + timedelta(days=place)
        spans = () if hukou == NOBODY_KNOWS else (Hukou(hukou, born_on),)
        person = Person(
            number_of(born_on, _SEQUENCE), called or name(self.chance), born_on, mobile(place), account(place), spans, elsewhere
        )
        self.block.persons.append(person)
        return person

    def graduate(self) -> Person:
        """Somebody young from elsewhere."""
        person = young(self.block.number, len(self.block.persons), self.chance)
        self.block.persons.append(person)
        return person

    def certificate(self, occupation: str, level_code: int, issued_on: date, training: TrainingClass | None = None) -> Certificate:
        """A certificate with a number of its own."""
        self._serial += 1
        return certificate(0, self._serial, occupation, level_code, issued_on, class_number=training.number if training else None)

    def add_class(self, training: TrainingClass) -> TrainingClass:
        self.block.classes.append(training)
        return training

    def universal(
        self, title: str, person: Person, training: TrainingClass, due_fen: int = 0, *, because: Because | None = None,
        waits: bool = False, displaced_by: TrainingClass | None = None,
    ) -> None:  # fmt: skip
        """Label what universal training owes for a person and class at the year's end."""
        owed = Expected(UNIVERSAL, Outcome.DUE, training.organiser, due_fen, person=person.id_number, class_number=training.number)
        self._label(title, YEAR_END, owed, because, waits=waits, displaced_by=displaced_by)

    def shortage(
        self, title: str, person: Person, training: TrainingClass, due_fen: int = 0, *, because: Because | None = None,
        displaced_by: TrainingClass | None = None, on: date = YEAR_END,
    ) -> None:  # fmt: skip
        """Label what shortage training owes for a person's certificate of a class."""
        (held,) = (held for held in person.certificates if held.class_number == training.number)
        owed = Expected(
            SHORTAGE, Outcome.DUE, training.organiser, due_fen,
            person=person.id_number, class_number=training.number, certificate=held.number,
        )  # fmt: skip
        self._label(title, on, owed, because, waits=False, displaced_by=displaced_by)

    def newcomer(self, title: str, person: Person, *, on: date = YEAR_END, because: Because | None = None, waits: bool = False) -> None:
        """Label what is owed to a newcomer on a day."""
        owed = Expected(NEWCOMER, Outcome.DUE, person.id_number, NEWCOMER_FEN, person=person.id_number)
        self._label(title, on, owed, because, waits=waits, displaced_by=None)

    def _label(
        self, title: str, on: date, owed: Expected, because: Because | None, *, waits: bool, displaced_by: TrainingClass | None
    ) -> None:
        if because:
            owed = replace(owed, outcome=Outcome.AWAITING if waits else Outcome.REFUSED, because=because, due_fen=0)
        elif displaced_by:
            scheme = UNIVERSAL if displaced_by.kind == "UNIVERSAL" else SHORTAGE
            owed = replace(owed, outcome=Outcome.DISPLACED, due_fen=0, displaced_by=(scheme, displaced_by.number))
        self.cases.append(Case(title, on, owed))


def insured(person: Person, employer: str, *months: tuple[str, str], back_paid: tuple[str, date] | None = None) -> None:
    """Give a person a job from the first month on and these months paid (`YYYY-MM`, first and last)."""
    spans = [Paid(employer, _month(first), _month(last)) for first, last in months]
    if back_paid:
        spans.append(Paid(employer, _month(back_paid[0]), _month(back_paid[0]), back_paid_on=back_paid[1]))
    person.paid = tuple(sorted(spans, key=lambda paid: paid.first_month))
    year, month = divmod(person.paid[0].first_month, 12)
    person.employments = (Employment(employer, date(year, month + 1, 1)),)


def _month(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:]) - 1
