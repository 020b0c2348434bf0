"""What matching publishes: who meets whom."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.fact import Fact, Fen, Part


class AgreementKind(StrEnum):
    COOPERATION_BASE = "COOPERATION_BASE"
    DELIVERY = "DELIVERY"


class Agreement(Fact, topic="matching.agreement", key="partner_id", verbs=("signed", "renewed", "ended")):
    """A cooperation agreement with a partner (合作单位), in force from `signed_on` to `expires_on`, both inside."""

    partner_id: UUID
    kind: AgreementKind
    is_outside_province: bool
    signed_on: date
    expires_on: date
    ended_on: date | None = None
    """From this day on it no longer counts."""


class ReportingYear(Fact, topic="matching.reporting-year", key="year", verbs=("announced", "closed")):
    """Until when placements of a year may be reported: `closes_on` is the last day (A69)."""

    year: int
    closes_on: date
    is_closed: bool = False


class PlacementEvidence(StrEnum):
    CONTRACT = "CONTRACT"
    INSURANCE = "INSURANCE"


class Placement(Fact, topic="matching.placement", key="person_id", verbs=("reported", "confirmed", "corrected", "cancelled")):
    """A partner placed a person with a local employer (article 8)."""

    person_id: UUID
    partner_id: UUID
    employer_id: UUID
    started_on: date
    evidence: PlacementEvidence
    reported_on: date
    confirmed_on: date | None = None
    cancelled_on: date | None = None
    """From this day on it counts for nothing; a placement confirmed again has none."""


class SponsoredStudent(Part):
    """A student of a sponsored class; `left_on` is the first day on which he no longer belonged to it."""

    person_id: UUID
    enrolled_on: date
    left_on: date | None = None


class SponsorPayment(Part):
    """What an enterprise paid for a sponsored class, by voucher: for one student, or a lump sum for all (A64)."""

    payment_id: UUID
    enterprise_id: UUID
    student_id: UUID | None = None
    """None: a lump sum, spread equally over the students enrolled on that day."""
    paid_on: date
    amount_fen: Fen
    refunded_fen: Fen = 0
    is_proven: bool = False
    """A voucher has been seen and confirmed."""


class SponsoredClassState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class SponsoredClass(Fact, topic="matching.sponsored-class", key="id", verbs=("opened", "changed", "closed", "cancelled")):
    """A class that local enterprises open at a school in another city (张家港班, article 8), its students and what was paid for them."""

    school_id: UUID
    opened_on: date
    closed_on: date | None = None
    students: tuple[SponsoredStudent, ...] = ()
    payments: tuple[SponsorPayment, ...] = ()
    state: SponsoredClassState
