"""What registry publishes: who somebody is, and since when."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.fact import AreaCode, Fact, Fen, LevelCode, Month, OccupationKey, Part


class Sex(StrEnum):
    MALE = "MALE"
    FEMALE = "FEMALE"


class ElsewhereKind(StrEnum):
    """How a life outside the city is proven (A58)."""

    WORK = "WORK"
    STUDY = "STUDY"
    INSURANCE = "INSURANCE"


class HukouSpan(Part):
    """Registered residence (户籍) in one area; both days inside, `last_on` None while it lasts."""

    area_code: AreaCode
    first_on: date
    last_on: date | None = None


class Person(Fact, topic="registry.person", key="id", verbs=("registered", "changed", "merged")):
    """A natural person. A day that no hukou span covers is unknown, never "elsewhere"."""

    birth_month: Month | None = None
    sex: Sex | None = None
    hukou: tuple[HukouSpan, ...] = ()
    elsewhere_before: bool | None = None
    """Work, study or insurance outside the city before coming; None: nobody has established it (A58)."""
    elsewhere_kinds: tuple[ElsewhereKind, ...] = ()
    died_on: date | None = None
    pension_from: date | None = None
    merged_into: UUID | None = None
    has_payee_account: bool = False
    payee_account_verified: bool = False
    is_provisional: bool = False
    """Known by an imported row only; the police register has not confirmed the person yet."""


class OrganisationKind(StrEnum):
    ENTERPRISE = "ENTERPRISE"
    PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION"
    SECONDARY_SCHOOL = "SECONDARY_SCHOOL"
    HIGHER_VOCATIONAL = "HIGHER_VOCATIONAL"
    TRAINING_BODY = "TRAINING_BODY"
    SOLE_TRADER = "SOLE_TRADER"
    AGENCY = "AGENCY"


class OrganisationSize(StrEnum):
    LARGE = "LARGE"
    MEDIUM = "MEDIUM"
    SMALL = "SMALL"
    MICRO = "MICRO"


class OrganisationStatus(StrEnum):
    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


class OrganisationSpan(Part):
    """What an organisation was during a time; both days inside, `last_on` None while it lasts."""

    kind: OrganisationKind
    area_code: AreaCode
    is_locally_registered: bool
    """Registered, taxed or insured in 320582 (A49)."""
    industry_code: str | None = None
    industry_edition: int | None = None
    size: OrganisationSize | None = None
    first_on: date
    last_on: date | None = None


class Organisation(Fact, topic="registry.organisation", key="id", verbs=("registered", "changed", "closed")):
    """An employer, school, institution or partner. `name` is None for sole traders: it may be a person's."""

    uscc: str
    """Unified social credit code: public, and how every bureau's file names an organisation."""
    name: str | None = None
    spans: tuple[OrganisationSpan, ...]
    status: OrganisationStatus = OrganisationStatus.ACTIVE
    closed_on: date | None = None


class EmploymentKind(StrEnum):
    CONTRACT = "CONTRACT"
    DISPATCH = "DISPATCH"
    APPRENTICE = "APPRENTICE"


class EmploymentEvidence(StrEnum):
    CONTRACT = "CONTRACT"
    INSURANCE = "INSURANCE"


class Employment(Fact, topic="registry.employment", key="person_id", verbs=("started", "ended", "corrected")):
    """One person's employment by one organisation; `ended_on` is its last day, None while it lasts."""

    person_id: UUID
    organisation_id: UUID
    using_organisation_id: UUID | None = None
    """The enterprise where a dispatched worker (派遣) works."""
    kind: EmploymentKind
    started_on: date
    ended_on: date | None = None
    evidence: EmploymentEvidence
    engaged_level_code: LevelCode | None = None


class InsuranceKind(StrEnum):
    """Which social insurance was paid (A21)."""

    EMPLOYEE_PENSION = "EMPLOYEE_PENSION"
    FIVE_IN_ONE = "FIVE_IN_ONE"


class InsuranceSpan(Part):
    """Months paid through one organisation, both inside; `back_paid_on` when they were paid later than due."""

    kind: InsuranceKind
    organisation_id: UUID
    first_month: Month
    last_month: Month
    back_paid_on: date | None = None


class Insurance(Fact, topic="registry.insurance", key="person_id", verbs=("changed",)):
    """Every month of social insurance that a person paid in the city, as spans in order. One per person."""

    person_id: UUID
    spans: tuple[InsuranceSpan, ...]


class RecognitionKind(StrEnum):
    """What the city recognises an organisation as: roles with validity, not types."""

    BACKBONE_ENTERPRISE = "BACKBONE_ENTERPRISE"
    TRAINING_BASE = "TRAINING_BASE"
    DEMONSTRATION_BASE = "DEMONSTRATION_BASE"
    PUBLIC_BASE = "PUBLIC_BASE"
    OUTSIDE_BASE = "OUTSIDE_BASE"
    COOPERATION_PARTNER = "COOPERATION_PARTNER"
    STUDIO = "STUDIO"
    TECHNICIAN_BASE = "TECHNICIAN_BASE"


class YearlyAssessment(Part):
    """What the yearly look at a studio (技能名师工作室) or base found."""

    year: int
    assessed_on: date
    is_passed: bool


class Recognition(Fact, topic="registry.recognition", key="organisation_id", verbs=("recognised", "changed", "withdrawn")):
    """An organisation recognised (认定) as a base, a studio, a backbone enterprise; valid from `valid_from` to `valid_to`, both inside."""

    organisation_id: UUID
    kind: RecognitionKind
    paper_number: str
    valid_from: date
    valid_to: date | None = None
    withdrawn_on: date | None = None
    """From this day on it no longer counts."""
    accepted_on: date | None = None
    """When a demonstration base was accepted (验收) as built."""
    investment_fen: Fen | None = None
    """What was invested, as the acceptance found."""
    master_id: UUID | None = None
    """The master of a studio."""
    assessments: tuple[YearlyAssessment, ...] = ()


class StudentStage(StrEnum):
    """中职 or 高职; technical schools by the code of their type (A6)."""

    SECONDARY = "SECONDARY"
    HIGHER = "HIGHER"


class StudentStatus(StrEnum):
    ENROLLED = "ENROLLED"
    SUSPENDED = "SUSPENDED"
    LEFT = "LEFT"


class StudentSpan(Part):
    """A student's status (学籍) during a time; both days inside, `last_on` None while it lasts."""

    status: StudentStatus
    first_on: date
    last_on: date | None = None


class Student(Fact, topic="registry.student", key="person_id", verbs=("enrolled", "changed", "graduated")):
    """A person at a vocational school. A day that no span covers is unknown."""

    person_id: UUID
    school_id: UUID
    stage: StudentStage
    major: str | None = None
    entered_on: date
    status_spans: tuple[StudentSpan, ...]
    graduated_on: date | None = None
    has_hardship: bool = False


class OtherBenefitScheme(StrEnum):
    """Benefits that others pay for the same thing (A43)."""

    UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY = "UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY"
    """失业保险技能提升补贴: paid to the person, for one certificate."""
    OTHER_TRAINING_SUBSIDY = "OTHER_TRAINING_SUBSIDY"


class OtherBenefit(Fact, topic="registry.other-benefit", key="person_id", verbs=("reported", "withdrawn")):
    """Something paid elsewhere for a person's training or certificate."""

    person_id: UUID
    scheme: OtherBenefitScheme
    occupation: OccupationKey
    level_code: LevelCode
    amount_fen: Fen
    paid_on: date
    withdrawn_on: date | None = None
    """From this day on it counts as never paid."""


class SourceKind(StrEnum):
    EMPLOYMENT = "EMPLOYMENT"
    INSURANCE = "INSURANCE"
    HUKOU = "HUKOU"


class Source(Fact, topic="registry.source", key="kind", verbs=("declared",)):
    """Since when a source of facts is complete; before that day "the first ever" is unknown (A59)."""

    kind: SourceKind
    complete_since: date
