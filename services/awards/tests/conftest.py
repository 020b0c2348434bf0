"""Awards at work in a small city, hearing from the other services what each test tells."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from uuid_utils.compat import uuid7

from awards.app import service
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import GATEWAY, AtWork, at_work
from common.testing.played_registry import PlayedRegistry
from common.testing.telling import Teller
from contracts import certification, matching, registry, training

sys.path[:0] = [str(Path(__file__).parent / each) for each in ("", "kernel", "parameters", "policy")]
WELDER = "2015:6-18-02-04"


@dataclass
class SmallCity:
    """One institution that is designated and mandated, one enterprise, one partner; persons as a test needs them."""

    at_work: AtWork
    teller: Teller
    institution: UUID = field(default_factory=uuid7)
    enterprise: UUID = field(default_factory=uuid7)
    partner: UUID = field(default_factory=uuid7)

    async def begin(self) -> None:
        spans = (
            registry.OrganisationSpan(
                kind=registry.OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)
            ),
        )
        await self.teller.tell(
            registry.Source(id=uuid7(), kind=registry.SourceKind.EMPLOYMENT, complete_since=date(2000, 1, 1)),
            registry.Organisation(id=self.enterprise, uscc="91320599MA1MC0Q16D", name="甲厂", spans=spans),
            training.Designation(id=uuid7(), organisation_id=self.institution, tender_number="T1", occupation=WELDER, level_code=4, price_fen=120_000, valid_from=date(2018, 1, 1), valid_to=date(2020, 12, 31)),
            training.Mandate(id=uuid7(), organisation_id=self.institution, occupation=WELDER, level_code=3, catalogue_year=2018, valid_from=date(2018, 1, 1), valid_to=date(2018, 12, 31)),
            training.Catalogue(id=uuid7(), year=2018, entries=(training.CatalogueEntry(occupation=WELDER, level_codes=(3, 2, 1)),), in_force_from=date(2018, 1, 1), paper_number="2018-1"),
            matching.Agreement(id=uuid7(), partner_id=self.partner, kind=matching.AgreementKind.DELIVERY, is_outside_province=False, signed_on=date(2018, 1, 1), expires_on=date(2018, 12, 31)),
            matching.ReportingYear(id=uuid7(), year=2018, closes_on=date(2019, 1, 31)),
        )  # fmt: skip

    def person(self, *, area_code: str = "320582100", birth_month: str = "1995-06") -> registry.Person:
        return registry.Person(
            id=uuid7(),
            birth_month=birth_month,
            hukou=(registry.HukouSpan(area_code=area_code, first_on=date(1995, 6, 1)),),
            elsewhere_before=False,
        )

    def training_class(self, kind: str = "UNIVERSAL", level_code: int = 4, **changed: Any) -> training.TrainingClass:
        values = {
            "id": uuid7(), "number": uuid7().hex[:12], "kind": kind, "organiser_id": self.institution, "occupation": WELDER, "level_code": level_code,
            "starts_on": date(2018, 3, 1), "ends_on": date(2018, 5, 1), "state": "COMPLETED",
        }  # fmt: skip
        return training.TrainingClass.model_validate(values | changed)

    def participation(self, person: registry.Person, course: training.TrainingClass, **changed: Any) -> training.Participation:
        values = {
            "id": uuid7(), "person_id": person.id, "class_id": course.id, "enrolled_on": date(2018, 2, 20), "attended_share_bp": 9000,
            "completed_on": date(2018, 5, 1), "result": "PASSED", "charged_fen": 24_000,
        }  # fmt: skip
        return training.Participation.model_validate(values | changed)

    def certificate(
        self, person: registry.Person, course: training.TrainingClass | None = None, **changed: Any
    ) -> certification.Certificate:
        values = {
            "id": uuid7(), "person_id": person.id, "occupation": WELDER, "level_code": 3, "mode": "SOCIAL_APPRAISAL", "kind": "QUALIFICATION",
            "issued_on": date(2018, 5, 20), "body_id": uuid7(), "class_id": course.id if course else None,
        }  # fmt: skip
        return certification.Certificate.model_validate(values | changed)

    def placement(self, person_id: UUID | None = None, **changed: Any) -> matching.Placement:
        values = {
            "id": uuid7(), "person_id": person_id or uuid7(), "partner_id": self.partner, "employer_id": self.enterprise, "started_on": date(2018, 7, 1),
            "evidence": "CONTRACT", "reported_on": date(2018, 9, 10), "confirmed_on": date(2018, 9, 20),
        }  # fmt: skip
        return matching.Placement.model_validate(values | changed)

    async def owed(self, **asked: Any) -> list[dict[str, Any]]:
        """Entitlements as an officer lists them."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = await self.at_work.call("GET", f"/awards/v1/entitlements?limit=100&{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def advance(self, day: date) -> None:
        answer = await self.at_work.call("POST", "/awards/v1/operations/business-day:advance", json={"day": day.isoformat()})
        assert answer.status_code == 200, answer.text
        await self.at_work.running.reconciler().until_clean()
        await self.teller.settled()


@pytest.fixture
async def city(postgres: EmbeddedPostgres) -> AsyncIterator[SmallCity]:
    async with at_work(service, postgres, first_day=date(2018, 12, 1)) as started:
        small = SmallCity(started, Teller(started))
        await small.begin()
        yield small


@pytest.fixture
async def city_with_registry(postgres: EmbeddedPostgres) -> AsyncIterator[SmallCity]:
    """The same, where files by ID number are read: registry is played."""
    others = httpx2.AsyncClient(transport=httpx2.MockTransport(PlayedRegistry()), base_url=GATEWAY)
    async with at_work(service, postgres, first_day=date(2018, 12, 1), gateway=others) as started:
        small = SmallCity(started, Teller(started))
        await small.begin()
        yield small


@pytest.fixture(scope="module")
async def at_rest(postgres: EmbeddedPostgres) -> AsyncIterator[Any]:
    """Awards without its loops, in a city that each test begins anew."""
    from awards_at_rest import AwardsAtRest

    async with at_work(service, postgres, first_day=date(2018, 12, 1), worker=False) as started:
        yield AwardsAtRest(started)
