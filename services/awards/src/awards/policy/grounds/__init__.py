"""Which grounds each kind of dossier has, and who prepares them: a new kind of ground is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from awards.kernel.ground import Ground
from awards.policy.dossier import City, OrganisationFacts, PersonFacts, SponsoredClassFacts
from awards.policy.grounds.acceptance import Acceptance, acceptances
from awards.policy.grounds.arrival import Arrival, arrivals
from awards.policy.grounds.certification import Certification, certifications
from awards.policy.grounds.delivery import Delivery, PartnerYear, deliveries
from awards.policy.grounds.exam_entry import ExamEntry, exam_entries
from awards.policy.grounds.honour_years import Instalment, TermYear, instalments, term_years
from awards.policy.grounds.lecture import Lecture, lectures
from awards.policy.grounds.participation import Participation, participations
from awards.policy.grounds.recruitment import Recruitment, recruitments
from awards.policy.grounds.sponsored_place import SponsoredPlace, sponsored_places
from awards.policy.grounds.studio_year import StudioYear, studio_years
from awards.policy.grounds.title_held import TitleHeld, titles_held
from awards.policy.grounds.trip import Trip, trips

OF_A_PERSON: Mapping[type[Ground], Callable[[PersonFacts, City], Iterator[Ground]]] = {
    Participation: participations,
    Certification: certifications,
    Arrival: arrivals,
    Delivery: deliveries,
    Instalment: instalments,
    TermYear: term_years,
    Recruitment: recruitments,
    ExamEntry: exam_entries,
    TitleHeld: titles_held,
    Trip: trips,
}
OF_AN_ORGANISATION: Mapping[type[Ground], Callable[[OrganisationFacts, City], Iterator[Ground]]] = {
    Lecture: lectures,
    Acceptance: acceptances,
    StudioYear: studio_years,
}
OF_A_SPONSORED_CLASS: Mapping[type[Ground], Callable[[SponsoredClassFacts, City], Iterator[Ground]]] = {SponsoredPlace: sponsored_places}
BY_DOSSIER: Mapping[str, tuple[type[Ground], ...]] = {
    "person": tuple(OF_A_PERSON),
    "partner-year": (PartnerYear,),
    "organisation": tuple(OF_AN_ORGANISATION),
    "sponsored-class": tuple(OF_A_SPONSORED_CLASS),
}
"""Every kind of dossier in which something is decided, and its kinds of grounds."""
KINDS: Mapping[str, type[Ground]] = {kind.__name__: kind for kinds in BY_DOSSIER.values() for kind in kinds}
"""Every kind of ground by the name that decisions keep."""


def grounds_of(facts: Any, city: City, prepared: Mapping[type[Ground], Callable[[Any, City], Iterator[Ground]]]) -> tuple[Ground, ...]:
    """Every ground of one dossier, of every kind that it has."""
    return tuple(ground for prepare in prepared.values() for ground in prepare(facts, city))
