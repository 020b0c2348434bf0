"""What training publishes: who learned what, where, at what price."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.fact import Fact, Fen, LevelCode, OccupationKey, Part, ShareBp


class CatalogueEntry(Part):
    """An occupation and its levels; with days of its own when an amendment added or removed it while the catalogue was in force."""

    occupation: OccupationKey
    level_codes: tuple[LevelCode, ...]
    listed_from: date | None = None
    listed_until: date | None = None


class Catalogue(Fact, topic="training.catalogue", key="year", verbs=("published", "amended")):
    """The year's catalogue of shortage occupations (紧缺目录, article 7); in force until `in_force_to` or until replaced (A62)."""

    year: int
    entries: tuple[CatalogueEntry, ...]
    in_force_from: date
    in_force_to: date | None = None
    paper_number: str


class Designation(Fact, topic="training.designation", key="organisation_id", verbs=("awarded", "withdrawn")):
    """A tender's result: an institution may run subsidised classes of one occupation and level at one price (article 6, A19)."""

    organisation_id: UUID
    tender_number: str
    occupation: OccupationKey
    level_code: LevelCode
    price_fen: Fen
    valid_from: date
    valid_to: date
    withdrawn_on: date | None = None
    """From this day on it no longer counts."""


class Mandate(Fact, topic="training.mandate", key="organisation_id", verbs=("signed", "ended")):
    """A training base is mandated (委托) to train for the year's catalogue (article 7)."""

    organisation_id: UUID
    occupation: OccupationKey
    level_code: LevelCode
    catalogue_year: int
    valid_from: date
    valid_to: date
    ended_on: date | None = None
    """From this day on it no longer counts."""


class ClassKind(StrEnum):
    UNIVERSAL = "UNIVERSAL"
    PRE_JOB = "PRE_JOB"
    UPGRADE = "UPGRADE"
    STAFF_STUDY = "STAFF_STUDY"
    IN_HOUSE_HIGH_SKILLED = "IN_HOUSE_HIGH_SKILLED"
    SCHOOL_IN_ENTERPRISE = "SCHOOL_IN_ENTERPRISE"
    SHORTAGE = "SHORTAGE"
    BASE_SOCIAL = "BASE_SOCIAL"
    FOUR_NEW = "FOUR_NEW"


class ClassState(StrEnum):
    PLANNED = "PLANNED"
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class TrainingClass(Fact, topic="training.class", key="id", verbs=("planned", "opened", "completed", "cancelled")):
    """A class (班级): what is taught, by whom, when, at what list price."""

    number: str
    """The class number (班级编号) that rosters and certificates refer to."""
    kind: ClassKind
    organiser_id: UUID
    employer_id: UUID | None = None
    occupation: OccupationKey
    level_code: LevelCode
    starts_on: date
    ends_on: date
    price_fen: Fen | None = None
    """The class's own list price per person; None: the tender's price is the only one."""
    contract_number: str | None = None
    state: ClassState


class ParticipationResult(StrEnum):
    PASSED = "PASSED"
    FAILED = "FAILED"


class Participation(Fact, topic="training.participation", key="person_id", verbs=("enrolled", "completed", "dropped", "corrected")):
    """One person in one class: attendance, completion, and what he was charged (A24)."""

    person_id: UUID
    class_id: UUID
    enrolled_on: date
    attended_share_bp: ShareBp | None = None
    completed_on: date | None = None
    result: ParticipationResult | None = None
    charged_fen: Fen = 0
    refunded_fen: Fen = 0
    dropped_on: date | None = None


class Lecture(Fact, topic="training.lecture", key="school_id", verbs=("confirmed", "withdrawn")):
    """A teacher of a vocational school taught inside an enterprise, which confirmed it (article 5)."""

    school_id: UUID
    teacher_id: UUID
    enterprise_id: UUID
    held_on: date
    hours: int = Field(ge=1, le=24)
    """Teaching hours (课时)."""
    confirmed_on: date
    withdrawn_on: date | None = None
    """From this day on it counts for nothing."""


class TripState(StrEnum):
    SELECTED = "SELECTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Trip(Fact, topic="training.trip", key="person_id", verbs=("selected", "completed", "cancelled")):
    """A worker or teacher selected for training abroad (article 12): selection, journey, report."""

    person_id: UUID
    sender_id: UUID
    """The enterprise or school that sends."""
    occupation: OccupationKey
    selected_on: date
    starts_on: date
    ends_on: date
    reported_on: date | None = None
    """When the report on what was learned was handed in."""
    cost_fen: Fen | None = None
    """Proven cost of training and travel."""
    state: TripState
