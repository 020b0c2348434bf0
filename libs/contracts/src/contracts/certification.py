"""What certification publishes: who can do what, and at which level."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.fact import Fact, Fen, LevelCode, OccupationKey


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
