"""What certification publishes: who can do what, and at which level."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.fact import Fact, Fen, LevelCode, OccupationKey, Part


class Occupation(Fact, topic="certification.occupation", key="id", verbs=("published", "changed")):
    """An occupation (职业、工种) in one edition of the national classification; `same_as` is the crosswalk to other editions."""

    occupation: OccupationKey
    name: str
    same_as: tuple[OccupationKey, ...] = ()
    is_pilot: bool = False
    appraisal_fee_fen: dict[LevelCode, Fen] = Field(default={})


class EvaluationMode(StrEnum):
    """How a level is judged (article 2, item 3), and direct recognition (article 9)."""

    SOCIAL_APPRAISAL = "SOCIAL_APPRAISAL"
    ENTERPRISE_EVALUATION = "ENTERPRISE_EVALUATION"
    SCHOOL_CERTIFICATION = "SCHOOL_CERTIFICATION"
    SPECIFIC_ABILITY = "SPECIFIC_ABILITY"
    CONTEST = "CONTEST"
    DIRECT_RECOGNITION = "DIRECT_RECOGNITION"


class SittingState(StrEnum):
    PLANNED = "PLANNED"
    COMPLETED = "COMPLETED"
    ANNULLED = "ANNULLED"


class Sitting(Fact, topic="certification.sitting", key="id", verbs=("planned", "completed", "annulled")):
    """One appraisal sitting (鉴定批次) of one occupation and level."""

    mode: EvaluationMode
    body_id: UUID
    occupation: OccupationKey
    level_code: LevelCode
    held_on: date
    entered_count: int = 0
    passed_count: int = 0
    state: SittingState


class CertificateKind(StrEnum):
    """Vocational qualification (职业资格) or skill level (职业技能等级) certificate: equal here, kept apart (A45)."""

    QUALIFICATION = "QUALIFICATION"
    SKILL_LEVEL = "SKILL_LEVEL"


class RevocationReason(StrEnum):
    FRAUD = "FRAUD"
    ISSUED_IN_ERROR = "ISSUED_IN_ERROR"
    SITTING_ANNULLED = "SITTING_ANNULLED"


class Certificate(Fact, topic="certification.certificate", key="person_id", verbs=("issued", "corrected", "revoked")):
    """A certificate of a level. From `revoked_on` on it counts for nothing (A68)."""

    person_id: UUID
    occupation: OccupationKey
    level_code: LevelCode
    mode: EvaluationMode
    kind: CertificateKind
    issued_on: date
    body_id: UUID
    sitting_id: UUID | None = None
    class_id: UUID | None = None
    organisation_id: UUID | None = None
    """Where the holder worked when it was issued."""
    revoked_on: date | None = None
    revocation_reason: RevocationReason | None = None


class ExamEntry(Fact, topic="certification.exam-entry", key="person_id", verbs=("entered", "settled", "corrected", "withdrawn")):
    """A person entered for a sitting: when he registered, which attempt it is, and what it costs."""

    person_id: UUID
    sitting_id: UUID
    school_id: UUID | None = None
    """The school that entered him as its student."""
    registered_on: date
    attempt: int = Field(ge=1)
    """1: the first time for this occupation and level; resits count up. It changes when an earlier one turns out to be none."""
    fee_fen: Fen
    """The fee in force on the day of registration."""
    charged_fen: Fen = 0
    """What he himself was charged; nothing when the fee is waived."""
    took_part: bool | None = None
    """None: the results are not in."""
    withdrawn_on: date | None = None


class TitleKind(StrEnum):
    """Honours of skill by who awards them (articles 10, 11 and 14)."""

    NATIONAL_TECHNICAL_EXPERT = "NATIONAL_TECHNICAL_EXPERT"
    """全国技术能手, which the policy calls 国家技术能手 (A35)."""
    PROVINCIAL_TECHNICAL_EXPERT = "PROVINCIAL_TECHNICAL_EXPERT"
    """省级技术能手, of any province (A37)."""
    CITY_TECHNICAL_EXPERT = "CITY_TECHNICAL_EXPERT"
    """张家港市技术能手."""
    TOP_SKILL = "TOP_SKILL"
    """技能状元."""
    YOUNG_TALENT = "YOUNG_TALENT"
    """青年优秀技能人才."""


class Title(Fact, topic="certification.title", key="person_id", verbs=("awarded", "corrected", "withdrawn")):
    """A title that a person holds. From `withdrawn_on` on it counts for nothing."""

    person_id: UUID
    kind: TitleKind
    occupation: OccupationKey | None = None
    awarded_on: date
    paper_number: str
    contest_id: UUID | None = None
    """The contest that it was won in."""
    withdrawn_on: date | None = None


class ContestTier(StrEnum):
    CITY = "CITY"
    PREFECTURE = "PREFECTURE"
    PROVINCE = "PROVINCE"
    NATION = "NATION"


class ContestItem(Part):
    """One occupation of a contest (竞赛项目) and who was placed: the persons in order, the first first."""

    occupation: OccupationKey
    placed: tuple[UUID, ...] = ()


class ContestState(StrEnum):
    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class Contest(Fact, topic="certification.contest", key="id", verbs=("planned", "held", "cancelled")):
    """A contest of skills (article 10), such as 行行出状元."""

    brand: str
    tier: ContestTier
    year: int
    held_on: date
    items: tuple[ContestItem, ...]
    state: ContestState
