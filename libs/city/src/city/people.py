"""What the bureaus know of a person: residence, work, insurance, classes, certificates, placements. All by external references."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class Hukou(NamedTuple):
    """Registered residence in one area; both days inside, `last_on` None while it lasts."""

    area_code: str
    first_on: date
    last_on: date | None = None


class Employment(NamedTuple):
    uscc: str
    started_on: date
    ended_on: date | None = None
    kind: str = "CONTRACT"
    using_uscc: str | None = None
    evidence: str = "CONTRACT"


class Paid(NamedTuple):
    """Insurance months, both inside, counted from year 0 (`year * 12 + month - 1`); `back_paid_on` when they were paid late."""

    uscc: str
    first_month: int
    last_month: int
    kind: str = "FIVE_IN_ONE"
    back_paid_on: date | None = None


class Participation(NamedTuple):
    class_number: str
    enrolled_on: date
    attended_bp: int | None
    completed_on: date | None
    result: str | None = None
    charged_fen: int = 0
    refunded_fen: int = 0
    dropped_on: date | None = None


class Certificate(NamedTuple):
    """Found by its number."""

    number: str
    occupation: str
    level_code: int
    issued_on: date
    body: str
    class_number: str | None = None
    uscc: str | None = None
    kind: str = "SKILL_LEVEL"
    mode: str = "SOCIAL_APPRAISAL"
    revoked_on: date | None = None


class Placement(NamedTuple):
    """Found by person, partner, employer and start. Reported by the partner's file, confirmed and cancelled by a clerk's act."""

    partner: str
    employer: str
    started_on: date
    reported_on: date
    confirmed_on: date | None = None
    cancelled_on: date | None = None
    evidence: str = "CONTRACT"


@dataclass(slots=True)
class Person:
    """A person of the city, found by the ID number. `elsewhere` None: nobody has established it; `()`: there was nothing."""

    id_number: str
    name: str
    born_on: date
    mobile: str
    account: str
    hukou: tuple[Hukou, ...] = ()
    elsewhere: tuple[str, ...] | None = None
    died_on: date | None = None
    is_in_police_file: bool = True
    """False: other bureaus know the person first, registry makes a provisional one."""
    writes_number_as: str | None = None
    """The number as a roster shows it, where that differs: old, or in lower case."""
    employments: tuple[Employment, ...] = ()
    paid: tuple[Paid, ...] = ()
    participations: list[Participation] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)


def month_of(day: date) -> int:
    """A day's month, counted from year 0."""
    return day.year * 12 + day.month - 1


def month_text(month: int) -> str:
    """A month counted from year 0 as 2018-03."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
