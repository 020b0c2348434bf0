"""What the policy knows: one person's facts, and the registers that all persons share, with the questions that grounds ask of them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from awards.kernel.kinds import NEVER, NO_LEVEL, LevelCode
from awards.policy import facts
from awards.policy.days import ONE_DAY, Span, joined, nearest, span

LOCAL_AREAS = ("320582", "320521")
"""The city, and the county that it was until 1986: old registers still say so (A9)."""
WORKING_AGE = 16
ENTERPRISE, SOLE_TRADER = "ENTERPRISE", "SOLE_TRADER"
SCHOOLS = ("SECONDARY_SCHOOL", "HIGHER_VOCATIONAL")
"""职业院校: technical schools are registered as one or the other (A6)."""
BASES = ("TRAINING_BASE", "DEMONSTRATION_BASE", "PUBLIC_BASE")
"""Recognised as one of these an organisation trains for society (R6.e)."""
CANCELLED = "CANCELLED"


@dataclass
class PersonFacts:
    """Everything known of one person that money may depend on. `person` is None until his own fact has arrived."""

    id: UUID
    person: facts.Person | None = None
    employments: Sequence[facts.Employment] = ()
    insurance: Sequence[facts.InsuranceSpan] = ()
    participations: Sequence[facts.Participation] = ()
    certificates: Sequence[facts.Certificate] = ()
    placements: Sequence[facts.Placement] = ()
    students: Sequence[facts.Student] = ()
    other_benefits: Sequence[facts.OtherBenefit] = ()
    exam_entries: Sequence[facts.ExamEntry] = ()
    titles: Sequence[facts.Title] = ()
    trips: Sequence[facts.Trip] = ()
    honours: Sequence[facts.Honour] = ()
    findings: facts.Findings = facts.NOTHING_FOUND
    aliases: tuple[UUID, ...] = ()
    """Other ids under which facts of this person were entered: they were found to be one."""
    merged_into: UUID | None = None
    """Who this id really is; nothing is known, and nothing owed, under this one."""

    def is_local_on(self, day: date) -> bool | None:
        """Registered residence in the city; None when no known span covers the day."""
        for each in self.person.hukou if self.person else ():
            if each.first_on <= day <= (each.last_on or NEVER):
                return each.area_code.startswith(LOCAL_AREAS)
        return None

    def is_from_outside(self, day: date) -> bool | None:
        """Registered elsewhere on that day, or with a life elsewhere before (A58)."""
        local, elsewhere = self.is_local_on(day), self.person.elsewhere_before if self.person else None
        if local is False or elsewhere:
            return True
        return None if local is None or elsewhere is None else False

    def working_for(self, organisation_id: UUID, day: date) -> Span:
        """When he works or worked there, as it stood nearest to the day: a dispatched worker for whom he really works (A57)."""
        jobs = (Span(each.started_on, each.ended_on or NEVER) for each in self.employments if workplace(each) == organisation_id)
        return nearest(joined(jobs), day)

    def best_level(self, day: date) -> LevelCode:
        """The highest level held on that day; a certificate revoked since counts for nothing (A68)."""
        levels = (held.level_code for held in self.certificates if held.issued_on <= day and held.revoked_on is None)
        return LevelCode(min(levels, default=NO_LEVEL))

    def workplaces(self, day: date) -> list[UUID]:
        """Where he works on that day: a dispatched worker where he is used."""
        return [workplace(each) for each in self.employments if each.started_on <= day <= (each.ended_on or NEVER)]

    @property
    def may_work_from(self) -> date | None:
        """The earliest day on which he can have been sixteen."""
        born = self.person.birth_month if self.person else None
        return date(int(born[:4]) + WORKING_AGE, int(born[5:]), 1) if born else None


def once_each(participations: Sequence[facts.Participation]) -> list[facts.Participation]:
    """Of one class once, where somebody was on its roster under two ids: the record that is nearer completion, then the fuller one."""

    def preference(taken: facts.Participation) -> tuple[Any, ...]:
        attended = -1 if taken.attended_share_bp is None else taken.attended_share_bp
        return taken.dropped_on is not None, taken.completed_on or NEVER, -attended, taken.id

    first: dict[UUID, facts.Participation] = {}
    for taken in sorted(participations, key=preference):
        first.setdefault(taken.class_id, taken)
    return list(first.values())


def workplace(job: facts.Employment) -> UUID:
    """Where the work is done: a dispatched worker works for who uses him (A57)."""
    return job.using_organisation_id or job.organisation_id


def nth_month(month: str) -> int:
    """Months are counted from the year 0."""
    return int(month[:4]) * 12 + int(month[5:7])


@dataclass
class OrganisationFacts:
    """Everything known of one organisation that money of its own may depend on."""

    id: UUID
    lectures: Sequence[facts.Lecture] = ()
    recognitions: Sequence[facts.Recognition] = ()
    findings: facts.Findings = facts.NOTHING_FOUND


@dataclass
class SponsoredClassFacts:
    """A sponsored class (张家港班). `sponsored_class` is None until the fact itself has arrived."""

    id: UUID
    sponsored_class: facts.SponsoredClass | None = None
    findings: facts.Findings = facts.NOTHING_FOUND
    """Of its sponsors."""


@dataclass
class City:
    """The registers. A mapping by id holds only what the persons at hand name; what is absent has not arrived yet."""

    classes: Mapping[UUID, facts.TrainingClass] = field(default_factory=dict)
    organisations: Mapping[UUID, facts.Organisation] = field(default_factory=dict)
    designations: Mapping[UUID, Sequence[facts.Designation]] = field(default_factory=dict)
    """By organisation."""
    mandates: Mapping[UUID, Sequence[facts.Mandate]] = field(default_factory=dict)
    """By organisation."""
    agreements: Mapping[UUID, Sequence[facts.Agreement]] = field(default_factory=dict)
    """By partner."""
    recognitions: Mapping[UUID, Sequence[facts.Recognition]] = field(default_factory=dict)
    """By organisation."""
    sittings: Mapping[UUID, facts.Sitting] = field(default_factory=dict)
    catalogues: Sequence[facts.Catalogue] = ()
    occupations: Sequence[facts.Occupation] = ()
    reporting_years: Mapping[int, facts.ReportingYear] = field(default_factory=dict)
    bans: Sequence[facts.Ruling] = ()
    """Of organisations: what is payable to them concerns the dossiers of persons, years and classes."""
    employment_complete_since: date | None = None
    """Before it, whether a job was the first is unknown (A59)."""
    insurance_complete_since: date | None = None
    """Before it, whether anybody was insured is unknown (A59)."""

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        """Each occupation's group under the crosswalk between editions: an equivalence, named by its least code."""
        leader: dict[str, str] = {}

        def find(code: str) -> str:
            while leader.setdefault(code, code) != code:
                code = leader[code]
            return code

        for each in self.occupations:
            for other in each.same_as:
                one, two = sorted((find(each.occupation), find(other)))
                leader[two] = one
        return {code: find(code) for code in list(leader)}

    def group(self, occupation: str) -> str:
        """What the occupation is, whatever the edition calls it."""
        return self._groups.get(occupation, occupation)

    def is_same(self, one: str, other: str) -> bool:
        return one == other or self.group(one) == self.group(other)

    def leads_to(self, course: facts.TrainingClass, held: facts.Certificate) -> bool:
        """Whether the certificate is of the class's trade and level (A57)."""
        return held.level_code == course.level_code and self.is_same(held.occupation, course.occupation)

    def designation(self, course: facts.TrainingClass) -> tuple[Span, int | None]:
        """When the organiser is or was designated for the class's trade, and the tender's price then; of several the lowest (A19)."""
        held = [
            (span(each.valid_from, each.valid_to, each.withdrawn_on), each.price_fen)
            for each in self.designations.get(course.organiser_id, ())
            if each.level_code == course.level_code and self.is_same(each.occupation, course.occupation)
        ]
        when = nearest((days for days, _ in held if days.first <= days.last), course.starts_on)
        prices = [price for days, price in held if days.covers(course.starts_on)]
        return when, min(prices, default=None)

    @cached_property
    def _prices(self) -> Mapping[tuple[str, int], list[tuple[Span, int]]]:
        """What each group and level costs at every institution that won a tender for it, and when."""
        prices: dict[tuple[str, int], list[tuple[Span, int]]] = defaultdict(list)
        for each in itertools.chain.from_iterable(self.designations.values()):
            days = span(each.valid_from, each.valid_to, each.withdrawn_on)
            prices[self.group(each.occupation), each.level_code].append((days, each.price_fen))
        return prices

    def standard(self, course: facts.TrainingClass) -> tuple[int, int] | tuple[None, None]:
        """The lowest and the highest tender price in force for the class's trade and level when it began (A51)."""
        of_trade = self._prices.get((self.group(course.occupation), course.level_code), ())
        prices = [price for days, price in of_trade if days.covers(course.starts_on)]
        return (min(prices), max(prices)) if prices else (None, None)

    def recognition_as_base(self, course: facts.TrainingClass) -> Span:
        """When the organiser is or was recognised as a base that trains for society."""
        terms = (
            span(each.valid_from, each.valid_to, each.withdrawn_on)
            for each in self.recognitions.get(course.organiser_id, ())
            if each.kind in BASES
        )
        return nearest(joined(terms), course.starts_on)

    def mandate(self, course: facts.TrainingClass) -> Span:
        """When the organiser is or was mandated to train for the class's trade and level."""
        terms = (
            span(each.valid_from, each.valid_to, each.ended_on)
            for each in self.mandates.get(course.organiser_id, ())
            if each.level_code == course.level_code and self.is_same(each.occupation, course.occupation)
        )
        return nearest(joined(terms), course.starts_on)

    @cached_property
    def _listings(self) -> Mapping[tuple[str, int], list[Span]]:
        """When each group and level is in the shortage catalogue: a catalogue stays until the next replaces it (A62)."""
        return self._listed(stays=True)

    @cached_property
    def _listings_of_the_year(self) -> Mapping[tuple[str, int], list[Span]]:
        """The same, were each catalogue only for its own year (A62)."""
        return self._listed(stays=False)

    def _listed(self, *, stays: bool) -> Mapping[tuple[str, int], list[Span]]:
        listed: dict[tuple[str, int], list[Span]] = defaultdict(list)
        in_order = sorted(self.catalogues, key=lambda catalogue: (catalogue.in_force_from, catalogue.year))
        for nth, each in enumerate(in_order):
            until = in_order[nth + 1].in_force_from - ONE_DAY if nth + 1 < len(in_order) else NEVER
            year_ends_on = NEVER if stays else date(each.year, 12, 31)
            force = Span(each.in_force_from, min(each.in_force_to or NEVER, until, year_ends_on))
            for entry in each.entries:
                days = Span(max(force.first, entry.listed_from or force.first), min(force.last, entry.listed_until or force.last))
                for level_code in entry.level_codes:
                    listed[self.group(entry.occupation), level_code].append(days)
        return {key: joined(spans) for key, spans in listed.items()}

    def listing(self, course: facts.TrainingClass) -> Span:
        """When the class's trade and level is or was a shortage occupation (A30)."""
        return self.listed(course.occupation, (course.level_code,), course.starts_on)

    def listing_of_the_year(self, course: facts.TrainingClass) -> Span:
        """The same, were each catalogue only for its own year (A62)."""
        return nearest(self._listings_of_the_year.get((self.group(course.occupation), course.level_code), ()), course.starts_on)

    def listed(self, occupation: str, level_codes: Iterable[int], day: date) -> Span:
        """When a trade is or was a shortage occupation at any of these levels, nearest to the day."""
        group = self.group(occupation)
        return nearest(joined(days for level_code in level_codes for days in self._listings.get((group, level_code), ())), day)

    def agreement(self, partner_id: UUID, day: date) -> Span:
        """When the partner's cooperation agreement runs or ran."""
        terms = (span(each.signed_on, each.expires_on, each.ended_on) for each in self.agreements.get(partner_id, ()))
        return nearest(joined(terms), day)

    def is_local(self, organisation_id: UUID, kind: str, day: date) -> bool | None:
        """Whether it was of this kind and registered in the city on that day (A49, A65); None while nothing is known of that day."""
        return self._on(organisation_id, day, lambda then: then.kind == kind and then.is_locally_registered)

    def industry_on(self, organisation_id: UUID, day: date) -> str | None:
        """Its industry's code on that day; None when it is not known."""
        organisation = self.organisations.get(organisation_id)
        spans = organisation.spans if organisation else ()
        return next((each.industry_code for each in spans if each.first_on <= day <= (each.last_on or NEVER)), None)

    def is_registered(self, organisation_id: UUID, day: date) -> bool | None:
        """Whether it was registered in the city on that day, whatever it was; None while nothing is known of that day."""
        return self._on(organisation_id, day, lambda then: then.is_locally_registered)

    def is_school(self, organisation_id: UUID, day: date) -> bool | None:
        """Whether it was a vocational school on that day, wherever it is; None while nothing is known of that day."""
        return self._on(organisation_id, day, lambda then: then.kind in SCHOOLS)

    def works_locally(self, person: PersonFacts, day: date) -> bool | None:
        """Whether he works that day for anybody registered in the city."""
        there = [self.is_registered(place, day) for place in person.workplaces(day)]
        return True if True in there else None if None in there else False

    def _on(self, organisation_id: UUID, day: date, holds: Callable[[facts.OrganisationSpan], bool]) -> bool | None:
        """Whether something held of an organisation on a day; of one that was closed by then nothing does."""
        organisation = self.organisations.get(organisation_id)
        if organisation is None:
            return None
        if organisation.closed_on is not None and organisation.closed_on <= day:
            return False
        then = next((each for each in organisation.spans if each.first_on <= day <= (each.last_on or NEVER)), None)
        return None if then is None else holds(then)

    def is_outside(self, organisation_id: UUID, day: date) -> bool | None:
        """Whether it stood in another city on that day (外市, A9)."""
        return self._on(organisation_id, day, lambda then: not then.area_code.startswith(LOCAL_AREAS))

    def closes_on(self, year: int) -> date | None:
        """The last day on which placements of the year may be reported (A69); None until it is announced."""
        found = self.reporting_years.get(year)
        return found.closes_on if found else None
