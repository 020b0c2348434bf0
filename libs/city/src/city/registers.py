"""What a driver enters over REST: organisations, occupations, catalogues, designations, mandates, classes, agreements. Plain, with stable references."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Organisation:
    """Found by its USCC. `kind` and `size` are words of the registry's contract."""

    uscc: str
    name: str
    kind: str
    area_code: str
    is_locally_registered: bool
    first_on: date
    industry_code: str | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class Occupation:
    key: str
    name: str
    same_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    occupation: str
    level_codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Found by its year; stays in force until the next one."""

    year: int
    entries: tuple[CatalogueEntry, ...]
    in_force_from: date
    paper_number: str


@dataclass(frozen=True, slots=True)
class Designation:
    """Found by tender, organisation, occupation and level."""

    tender_number: str
    uscc: str
    occupation: str
    level_code: int
    price_fen: int
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class Mandate:
    """Found by organisation, occupation, level and year."""

    uscc: str
    occupation: str
    level_code: int
    catalogue_year: int
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class TrainingClass:
    """Found by its number (班级编号). Planned by `planned_on`, open on `starts_on`, completed on `ends_on`, its roster dropped on `roster_on`."""

    number: str
    kind: str
    organiser: str
    occupation: str
    level_code: int
    starts_on: date
    ends_on: date
    price_fen: int | None
    planned_on: date
    roster_on: date


@dataclass(frozen=True, slots=True)
class Agreement:
    """Found by its number."""

    number: str
    partner: str
    is_outside_province: bool
    signed_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class ReportingYear:
    year: int
    closes_on: date


@dataclass(frozen=True, slots=True)
class Source:
    """Since when a source of facts is complete (A59); `kind` as in the registry's contract."""

    kind: str
    complete_since: date
