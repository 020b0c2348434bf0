"""The persons that the benchmarks are about: what is known of each, the certificate that comes, and what must follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from common.bus.envelope import seal
from common.bus.event import Event
from common.bus.protocol import Message, Partition
from contracts import certification, matching, registry, training
from contracts.fact import Fact

TODAY = date(2018, 12, 1)
WELDER = "2015:6-18-02-04"
LEVEL = 3
_TRAINED_TWICE, _PLACED = 4, 10
"""Every fourth person was also in a universal class of the same trade and level; every tenth was placed by a partner."""


@dataclass
class Registers:
    """What all persons share: a base, its two classes, an enterprise, a partner."""

    base: UUID = field(default_factory=uuid7)
    enterprise: UUID = field(default_factory=uuid7)
    partner: UUID = field(default_factory=uuid7)
    shortage: UUID = field(default_factory=uuid7)
    universal: UUID = field(default_factory=uuid7)

    def facts(self) -> list[Fact]:
        this_year = {
            "organisation_id": self.base,
            "occupation": WELDER,
            "level_code": LEVEL,
            "valid_from": date(2018, 1, 1),
            "valid_to": date(2018, 12, 31),
        }
        local = registry.OrganisationSpan(
            kind=registry.OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)
        )
        classes = [
            training.TrainingClass(
                id=id_,
                number=kind,
                kind=kind,
                organiser_id=self.base,
                occupation=WELDER,
                level_code=LEVEL,
                starts_on=date(2018, 3, 1),
                ends_on=date(2018, 5, 1),
                state=training.ClassState.COMPLETED,
            )
            for id_, kind in ((self.shortage, training.ClassKind.SHORTAGE), (self.universal, training.ClassKind.UNIVERSAL))
        ]
        return [
            *classes,
            training.Designation(id=uuid7(), tender_number="T-1", price_fen=90_000, **this_year),
            training.Mandate(id=uuid7(), catalogue_year=2018, **this_year),
            training.Catalogue(
                id=uuid7(), year=2018, entries=(training.CatalogueEntry(occupation=WELDER, level_codes=(3, 2, 1)),), in_force_from=date(2018, 1, 1),
                paper_number="1",
            ),
            registry.Organisation(id=self.enterprise, uscc="91320582000000001X", name="示例企业", spans=(local,)),
            registry.Source(id=uuid7(), kind=registry.SourceKind.EMPLOYMENT, complete_since=date(2000, 1, 1)),
            matching.Agreement(
                id=uuid7(), partner_id=self.partner, kind=matching.AgreementKind.DELIVERY, is_outside_province=True, signed_on=date(2018, 1, 1),
                expires_on=date(2018, 12, 31),
            ),
            matching.ReportingYear(id=uuid7(), year=2018, closes_on=date(2019, 1, 31)),
            certification.Occupation(id=uuid7(), occupation=WELDER, name="焊工"),
        ]  # fmt: skip


@dataclass(frozen=True)
class Known:
    """One person: his facts before, and the certificate that the benchmark is about."""

    id: UUID
    facts: tuple[Fact, ...]
    certificate: certification.Certificate


def people(registers: Registers, persons: int) -> Iterator[Known]:
    """Local residents, employed and insured, trained in a shortage class that ends in the certificate."""
    for nth in range(persons):
        id_ = uuid7()
        yield Known(id_, tuple(_facts(registers, id_, nth)), _certificate(registers, id_))


def _facts(registers: Registers, person: UUID, nth: int) -> Iterator[Fact]:
    born, began = date(1990, 1, 1), date(2016, 7, 1)
    yield registry.Person(
        id=person, birth_month="1990-01", hukou=(registry.HukouSpan(area_code="320582100", first_on=born),), elsewhere_before=False
    )
    yield registry.Employment(
        id=uuid7(), person_id=person, organisation_id=registers.enterprise, kind=registry.EmploymentKind.CONTRACT, started_on=began,
        evidence=registry.EmploymentEvidence.CONTRACT,
    )  # fmt: skip
    paid = registry.InsuranceSpan(
        kind=registry.InsuranceKind.FIVE_IN_ONE, organisation_id=registers.enterprise, first_month="2016-07", last_month="2018-11"
    )
    yield registry.Insurance(id=uuid7(), person_id=person, spans=(paid,))
    yield _participation(person, registers.shortage)
    if nth % _TRAINED_TWICE == 0:
        yield _participation(person, registers.universal)
    if nth % _PLACED == 0:
        yield matching.Placement(
            id=uuid7(), person_id=person, partner_id=registers.partner, employer_id=registers.enterprise, started_on=date(2018, 7, 1),
            evidence=matching.PlacementEvidence.CONTRACT, reported_on=date(2018, 9, 10), confirmed_on=date(2018, 9, 20),
        )  # fmt: skip


def _participation(person: UUID, course: UUID) -> training.Participation:
    return training.Participation(
        id=uuid7(), person_id=person, class_id=course, enrolled_on=date(2018, 2, 20), attended_share_bp=9_000, completed_on=date(2018, 5, 1),
        result=training.ParticipationResult.PASSED,
    )  # fmt: skip


def _certificate(registers: Registers, person: UUID) -> certification.Certificate:
    return certification.Certificate(
        id=uuid7(), person_id=person, occupation=WELDER, level_code=LEVEL, mode=certification.EvaluationMode.SOCIAL_APPRAISAL,
        kind=certification.CertificateKind.SKILL_LEVEL, issued_on=date(2018, 5, 20), body_id=registers.base, class_id=registers.shortage,
    )  # fmt: skip


def event(fact: Fact) -> Event:
    """The fact in its envelope, as its owner would publish it first."""
    return Event(
        id=uuid7(), type=fact.event_type(fact.verbs[0]), topic=fact.topic, key=fact.key, aggregate_id=fact.id, epoch=1, version=1,
        recorded_at=datetime.now(UTC), cause="bench", bulk=False, data=fact.model_dump_json().encode(),
    )  # fmt: skip


def messages(facts: Sequence[Fact]) -> list[Message]:
    """As a consumer reads them from one partition each."""
    partition = Partition(facts[0].topic, "00000000-0000-0000-0000-000000000001", 0)
    sealed = (seal(event(fact)) for fact in facts)
    return [Message(partition, offset, out.key, out.headers, out.value) for offset, out in enumerate(sealed)]


MONEY = {
    "shortage_due": "count(*) FILTER (WHERE scheme = 'shortage-training' AND state = 'DUE' AND due_fen = 100000)",
    "universal_displaced": "count(*) FILTER (WHERE scheme = 'universal-training' AND state = 'DISPLACED')",
}
"""What must stand in `entitlement` afterwards."""


def expected(persons: int) -> dict[str, int]:
    """A grant for every certificate; the smaller subsidy for the same trade and level gives way to it."""
    return {"shortage_due": persons, "universal_displaced": -(-persons // _TRAINED_TWICE)}
