"""Lives of facts as their owners publish them, version after version, by chance: for tests of order, loss and repetition.

Denser than any real city: nearly every version changes what somebody is owed. Quarters have nothing in common but the registers, so
that what one of them hears cannot hide what another has missed. The same chance and space give the same lives, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from city import lives_of_masters, lives_of_organisations
from common.bus.event import Event
from contracts import certification, matching, registry, training
from contracts.fact import Fact

WELDER, OLD_WELDER, FITTER, OLD_FITTER = "2015:6-18-02-04", "1999:6-04-02-05", "2015:6-20-01-01", "1999:6-05-02-01"
YEARS = (2018, 2019)
_TRADES = (WELDER, WELDER, WELDER, OLD_WELDER, FITTER, OLD_FITTER)
_RECORDED_AT = datetime(2018, 1, 1, tzinfo=UTC)


class Version(NamedTuple):
    """One state of one aggregate; `number` counts from 1."""

    fact: Fact
    number: int

    def event(self, *, bulk: bool = False) -> Event:
        """As its owner publishes it: the first verb first, the last one at the end."""
        verbs = type(self.fact).verbs[:-1]  # the last is for republication
        return Event(
            id=uuid5(self.fact.id, str(self.number)),
            type=self.fact.event_type(verbs[min(self.number, len(verbs)) - 1]),
            topic=self.fact.topic,
            key=self.fact.key,
            aggregate_id=self.fact.id,
            epoch=1,
            version=self.number,
            recorded_at=_RECORDED_AT + timedelta(hours=self.number),
            cause=f"act:{self.number}",
            bulk=bulk,
            data=self.fact.model_dump_json().encode(),
        )


def newest(versions: Iterable[Version]) -> list[Fact]:
    """What stands when all of these have been heard, in whatever order."""
    last: dict[UUID, Version] = {}
    for version in versions:
        if version.fact.id not in last or last[version.fact.id].number < version.number:
            last[version.fact.id] = version
    return [version.fact for version in last.values()]


def in_order(lives: Iterable[Iterator[Version]]) -> list[Version]:
    """Every version, older ones first."""
    return sorted((version for life in lives for version in life), key=lambda version: version.number)


def repeated(versions: Sequence[Version], chance: Random, *, length: int) -> list[Version]:
    """A log of so many messages: every version, some again and again, old ones long after new ones."""
    log = [*versions, *chance.choices(versions, k=max(0, length - len(versions)))]
    return disordered(log, chance, reach=len(log) // 4)


def disordered(versions: Sequence[Version], chance: Random, *, reach: int) -> list[Version]:
    """None comes more than `reach` places from where it was: a log that has its course, but no order."""
    return [version for _, version in sorted(((at + chance.uniform(0, reach), version) for at, version in enumerate(versions)), key=_at)]


def _at(placed: tuple[float, Version]) -> float:
    return placed[0]


def city(chance: Random, space: UUID, *, quarters: int, persons: int) -> list[Version]:
    """The registers and so many quarters of so many persons each, in order."""
    lives = [*registers(chance, space)]
    for nth in range(quarters):
        lives += Quarter(chance, uuid5(space, f"quarter {nth}"), persons).lives()
    return in_order(lives)


def _life(states: Iterable[Fact]) -> Iterator[Version]:
    return (Version(fact, number) for number, fact in enumerate(states, start=1))


def _changed(fact: Any, chance: Random, *, times: int, least: int = 0, **choices: Sequence[Any]) -> Iterator[Any]:
    """The fact, and up to so many successors, each with some fields chosen anew; often all of it is taken back in the end."""
    yield (first := fact)
    for _ in range(chance.randint(least, times)):
        names = chance.sample(sorted(choices), k=chance.randint(1, len(choices)))
        fact = fact.model_copy(update={name: chance.choice(choices[name]) for name in names})
        yield fact
    if fact is not first and chance.random() < 0.6:
        yield first


def _of_each_sort(chance: Random) -> tuple[training.ClassKind, ...]:
    """For everybody, in a shortage trade, inside an enterprise, by a base for society."""
    kind = training.ClassKind
    inside = (kind.UPGRADE, kind.PRE_JOB, kind.IN_HOUSE_HIGH_SKILLED, kind.SCHOOL_IN_ENTERPRISE)
    return kind.UNIVERSAL, kind.SHORTAGE, chance.choice(inside), kind.BASE_SOCIAL


def registers(chance: Random, space: UUID) -> Iterator[Iterator[Version]]:
    """What concerns everybody: catalogues, the crosswalk of occupations, reporting years, since when sources are complete."""
    entry = training.CatalogueEntry
    lists = ((entry(occupation=WELDER, level_codes=(3, 2)),), (entry(occupation=FITTER, level_codes=(3,)),), (entry(occupation=OLD_WELDER, level_codes=(3, 2, 1)),))  # fmt: skip
    for year in YEARS:
        first = training.Catalogue(
            id=uuid5(space, f"catalogue {year}"), year=year, entries=lists[0], in_force_from=date(year, 1, 1), paper_number="1"
        )
        days = (date(year, 1, 1), date(year, 2, 15), date(year, 4, 1))
        yield _life(_changed(first, chance, times=3, least=1, entries=lists, in_force_from=days, in_force_to=(None, date(year, 9, 30))))
        reporting = matching.ReportingYear(id=uuid5(space, f"reporting {year}"), year=year, closes_on=date(year + 1, 1, 31))
        yield _life(
            _changed(reporting, chance, times=2, least=1, closes_on=(date(year + 1, 1, 31), date(year, 8, 20), date(year + 1, 4, 30)))
        )
    for code, old in ((WELDER, OLD_WELDER), (FITTER, OLD_FITTER)):
        equated = certification.Occupation(id=uuid5(space, code), occupation=code, name="职业", same_as=(old,))
        parted = equated.model_copy(update={"same_as": ()})
        yield _life([equated, parted, equated, parted, equated][: chance.randint(2, 5)])
    for kind in registry.SourceKind:
        source = registry.Source(id=uuid5(space, kind), kind=kind, complete_since=date(2000, 1, 1))
        yield _life(_changed(source, chance, times=2, least=1, complete_since=(date(2000, 1, 1), date(2015, 1, 1))))


@dataclass(frozen=True)
class Quarter:
    """Some persons, the institutions that train them, the partners that place them and the employers that take them: nobody else's."""

    chance: Random
    space: UUID
    persons: int

    def lives(self) -> Iterator[Iterator[Version]]:
        """Of every aggregate, its life."""
        yield from self._organisations()
        for nth in range(self._classes):
            yield _life(self._class(nth))
        for nth in range(self.persons):
            yield from self._person(self._id("person", nth))
        employers, students = [[self._id(what, nth) for nth in range(2)] for what in ("employer", "person")]
        yield from map(_life, lives_of_organisations.lives(self.space, employers=employers, students=students))
        yield from map(_life, lives_of_masters.lives(self.space, employers=employers, persons=students))

    @property
    def _classes(self) -> int:
        return 4 + self.persons // 20

    def _id(self, *name: object) -> UUID:
        return uuid5(self.space, " ".join(map(str, name)))

    def _one_of(self, name: str, number: int) -> UUID:
        return self._id(name, self.chance.randrange(number))

    def _day(self, *, year: int | None = None, months: tuple[int, int] = (1, 12)) -> date:
        return date(year or self.chance.choice(YEARS), self.chance.randint(*months), self.chance.randint(1, 28))

    def _organisations(self) -> Iterator[Iterator[Version]]:
        chance = self.chance
        for nth in range(2):
            base = self._id("base", nth)
            for trade, level_code in ((WELDER, 3), (WELDER, 4), (OLD_FITTER, 3)):
                term = {"organisation_id": base, "occupation": trade, "level_code": level_code, "valid_to": date(2019, 12, 31)}
                of, days = (nth, trade, level_code), (date(2018, 1, 1), date(2018, 1, 1), date(2018, 7, 1))
                awarded = training.Designation(
                    id=self._id("designation", *of), tender_number="T", price_fen=120_000, valid_from=days[0], **term
                )
                yield _life(
                    _changed(awarded, chance, times=2, price_fen=(120_000, 90_001), withdrawn_on=(None, date(2018, 9, 1)), valid_from=days)
                )
                signed = training.Mandate(id=self._id("mandate", *of), catalogue_year=2018, valid_from=days[0], **term)
                yield _life(_changed(signed, chance, times=2, valid_from=days, ended_on=(None, date(2018, 9, 1))))
            yield from self._school(base)
            kinds = (registry.OrganisationKind.ENTERPRISE, registry.OrganisationKind.ENTERPRISE, registry.OrganisationKind.SOLE_TRADER)
            spans = [
                (registry.OrganisationSpan(kind=kind, area_code="320582", is_locally_registered=is_local, first_on=date(2000, 1, 1)),)
                for kind, is_local in zip(kinds, (True, False, True), strict=True)
            ]
            employer = registry.Organisation(id=self._id("employer", nth), uscc=f"9132058{nth}", spans=spans[0])
            yield _life(_changed(employer, chance, times=3, spans=(spans[0], *spans)))
            agreed = matching.Agreement(
                id=self._id("agreement", nth), partner_id=self._id("partner", nth), kind=matching.AgreementKind.DELIVERY, is_outside_province=False,
                signed_on=date(2018, 1, 1), expires_on=date(2019, 12, 31),
            )  # fmt: skip
            ends, begins = (None, None, date(2018, 8, 15)), (date(2018, 1, 1), date(2018, 3, 15))
            yield _life(
                _changed(agreed, chance, times=2, expires_on=(date(2018, 12, 31), date(2019, 12, 31)), ended_on=ends, signed_on=begins)
            )

    def _school(self, base: UUID) -> Iterator[Iterator[Version]]:
        """A school that is, or is not yet, or no longer, recognised as a base."""
        spans = [
            (registry.OrganisationSpan(kind=kind, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)),)
            for kind in (registry.OrganisationKind.SECONDARY_SCHOOL, registry.OrganisationKind.TRAINING_BODY)
        ]
        school = registry.Organisation(id=base, uscc=f"91320{base.int % 10_000}", spans=spans[0])
        yield _life(_changed(school, self.chance, times=2, spans=(spans[0], *spans)))
        recognised = registry.Recognition(
            id=self._id("recognition", base), organisation_id=base, kind=registry.RecognitionKind.TRAINING_BASE, paper_number="1",
            valid_from=date(2018, 1, 1),
        )  # fmt: skip
        days = (date(2018, 1, 1), date(2018, 1, 1), date(2018, 7, 1))
        yield _life(_changed(recognised, self.chance, times=2, valid_from=days, withdrawn_on=(None, date(2018, 9, 1))))

    def _class(self, nth: int) -> Iterator[training.TrainingClass]:
        first = training.TrainingClass(
            id=self._id("class", nth), number=str(self._id("number", nth)), organiser_id=self._one_of("base", 2), occupation=WELDER,
            kind=_of_each_sort(self.chance)[nth % 4], level_code=3 + (nth // 4) % 2, employer_id=self._one_of("employer", 2), contract_number="1",
            starts_on=self._day(year=2018, months=(1, 8)), ends_on=date(2018, 12, 1), state=training.ClassState.COMPLETED,
        )  # fmt: skip
        return _changed(
            first, self.chance, times=2, organiser_id=[self._id("base", nth) for nth in range(2)], occupation=_TRADES, level_code=(3, 3, 4),
            starts_on=[self._day(year=2018, months=(1, 8)) for _ in range(3)], price_fen=(None, None, 100_000), contract_number=("1", None),
            employer_id=[self._id("employer", nth) for nth in range(2)],
        )  # fmt: skip

    def _person(self, person: UUID) -> Iterator[Iterator[Version]]:
        chance, hukou = self.chance, [(registry.HukouSpan(area_code=code, first_on=date(1995, 1, 1)),) for code in ("320582", "340100")]
        if chance.random() < 0.9:
            first = registry.Person(
                id=person, birth_month=chance.choice(("1995-01", "1989-01")), hukou=chance.choice(hukou), elsewhere_before=True
            )
            yield _life(
                _changed(
                    first, chance, times=2, hukou=(*hukou, ()), elsewhere_before=(None, True, False), birth_month=("1995-01", "1984-01")
                )
            )
        if chance.random() < 0.8:
            yield _life(self._insurance(person))
        for nth in range(chance.randint(0, 2)):
            yield _life(self._employment(person, nth))
        for nth in range(chance.randint(1, 2)):
            yield _life(self._participation(person, nth))
            yield _life(self._certificate(person, nth))
        for nth in range(chance.randint(1, 2)):
            yield _life(self._placement(person, nth))

    def _insurance(self, person: UUID) -> Iterator[registry.Insurance]:
        def spans(months: int) -> tuple[registry.InsuranceSpan, ...]:
            kind, employer = registry.InsuranceKind.EMPLOYEE_PENSION, self._id("employer", 0)
            return (
                registry.InsuranceSpan(kind=kind, organisation_id=employer, first_month=f"2017-{13 - months:02}", last_month="2017-12"),
            )

        first = registry.Insurance(id=self._id("insurance", person), person_id=person, spans=spans(5))
        return _changed(first, self.chance, times=2, spans=(spans(5), spans(6), spans(12), ()))

    def _employment(self, person: UUID, nth: int) -> Iterator[registry.Employment]:
        first = registry.Employment(
            id=self._id("employment", person, nth), person_id=person, organisation_id=self._one_of("employer", 2), kind=registry.EmploymentKind.CONTRACT,
            started_on=self._day(year=2018), evidence=registry.EmploymentEvidence.CONTRACT,
        )  # fmt: skip
        return _changed(
            first, self.chance, times=2, ended_on=(None, None, self._day(year=2019)), started_on=[self._day(year=2018) for _ in range(2)]
        )

    def _participation(self, person: UUID, nth: int) -> Iterator[training.Participation]:
        first = training.Participation(
            id=self._id("participation", person, nth), person_id=person, class_id=self._id("class", (self._at(person) + nth) % self._classes),
            enrolled_on=date(2018, 1, 1), attended_share_bp=9000, completed_on=self._day(year=2018, months=(9, 12)), charged_fen=self.chance.choice((0, 24_000)),
        )  # fmt: skip
        return _changed(
            first, self.chance, times=2, attended_share_bp=(9000, 9000, 7999, None), charged_fen=(0, 24_000, 90_000), refunded_fen=(0, 90_000),
            dropped_on=(None, None, date(2018, 9, 1)),
        )  # fmt: skip

    def _at(self, person: UUID) -> int:
        return person.int % 1009

    def _certificate(self, person: UUID, nth: int) -> Iterator[certification.Certificate]:
        led_by = self._id("class", (self._at(person) + nth) % self._classes)
        first = certification.Certificate(
            id=self._id("certificate", person, nth), person_id=person, occupation=self.chance.choice(_TRADES), level_code=3,
            mode=certification.EvaluationMode.SOCIAL_APPRAISAL, kind=certification.CertificateKind.SKILL_LEVEL, body_id=self._id("body"),
            issued_on=self.chance.choice((date(2017, 6, 1), self._day(year=2018, months=(6, 12)))), class_id=self.chance.choice((led_by, led_by, None)),
        )  # fmt: skip
        revoked = [None, None, self._day(year=2019)]
        return _changed(
            first, self.chance, times=2, level_code=(3, 2), revoked_on=revoked, class_id=(led_by, led_by, None), occupation=_TRADES
        )

    def _placement(self, person: UUID, nth: int) -> Iterator[matching.Placement]:
        started_on = self._day(year=2018, months=(2, 9))
        first = matching.Placement(
            id=self._id("placement", person, nth), person_id=person, partner_id=self._id("partner", self.chance.choice((0, 0, 0, 0, 1))),
            employer_id=self._one_of("employer", 2), started_on=started_on, evidence=matching.PlacementEvidence.CONTRACT,
            reported_on=self.chance.choice((date(2018, 9, 10), date(2018, 9, 10), date(2019, 2, 10))), confirmed_on=date(2018, 9, 20),
        )  # fmt: skip
        return _changed(
            first, self.chance, times=3, confirmed_on=(None, date(2018, 9, 20), date(2018, 10, 20)), cancelled_on=(None, None, date(2018, 11, 1)),
            started_on=(started_on, self._day(months=(1, 9))), employer_id=[self._id("employer", nth) for nth in range(2)],
            evidence=tuple(matching.PlacementEvidence),
        )  # fmt: skip
