"""The two chains that Craftport exists for, over REST and a real bus of either kind: a certificate and its money, a placement and its bonus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from awards.app import service as awards_service
from certification.app import service as certification_service
from common.bus.cluster import Cluster
from common.bus.kafka import KafkaBus
from common.bus.postgres import PostgresBus
from common.bus.protocol import Bus
from common.bus.topics import declare_topics, read_topics
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import AtWork, at_work
from common.testing.postgres import fresh_database
from common.testing.telling import Teller
from contracts import matching as placed
from contracts import registry, training
from matching.app import service as matching_service

WELDER = "2015:6-18-02-04"
TOPICS = Path(__file__).parents[2] / "deploy/kafka/topics.yaml"


@dataclass
class Chain:
    """Three services on one bus, with what the others would have published."""

    certification: AtWork
    matching: AtWork
    awards: AtWork
    base: UUID
    enterprise: UUID
    partner: UUID
    course: UUID

    async def issue(self, person_id: UUID) -> tuple[dict[str, Any], str]:
        answer = await self.certification.call(
            "POST",
            "/certification/v1/certificates",
            json={
                "number": uuid7().hex[:20].upper(), "person_id": str(person_id), "occupation": WELDER, "level_code": 3,
                "issued_on": "2018-05-20", "body_id": str(uuid7()), "class_id": str(self.course),
            },
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        return answer.json(), answer.headers["Consistency-Token"]

    async def report(self, person_id: UUID, partner_id: UUID | None = None, started_on: str = "2018-07-01") -> dict[str, Any]:
        body = {
            "person_id": str(person_id), "partner_id": str(partner_id or self.partner), "employer_id": str(self.enterprise),
            "started_on": started_on, "evidence": "CONTRACT",
        }  # fmt: skip
        answer = await self.matching.call("POST", "/matching/v1/placements", json=body)
        assert answer.status_code == 201, answer.text
        placement: dict[str, Any] = answer.json()
        return placement

    async def act(self, placement: dict[str, Any], verb: str, **body: Any) -> tuple[dict[str, Any], str]:
        path = f"/matching/v1/placements/{placement['id']}:{verb}"
        answer = await self.matching.call("POST", path, json=body or None, version=placement["version"])
        assert answer.status_code == 200, answer.text
        return answer.json(), answer.headers["Consistency-Token"]

    async def owed(self, token: str, **asked: Any) -> list[tuple[str, str, str, str]]:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = await self.awards.call("GET", f"/awards/v1/entitlements?after={token}&{query}")
        assert answer.status_code == 200, answer.text
        return [(row["scheme"], row["state"], row["due"]["amount"], row["accruing"]["amount"]) for row in answer.json()["items"]]

    async def bonus(self, token: str) -> tuple[int, str]:
        """What the partner's page says after a write: persons who count, and the sum."""
        answer = await self.awards.call("GET", f"/awards/v1/partners/{self.partner}/years/2018?after={token}")
        assert answer.status_code == 200, answer.text
        return answer.json()["persons"], answer.json()["explanation"]["amount"]["amount"]


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def chain(request: pytest.FixtureRequest, postgres: EmbeddedPostgres) -> AsyncIterator[Chain]:
    async with AsyncExitStack() as stack:
        bus: Bus
        if request.param == "kafka":
            servers = request.getfixturevalue("kafka").servers
            cluster = Cluster(servers)
            await declare_topics(cluster, read_topics(TOPICS))
            await cluster.close()
            bus = await KafkaBus.open(servers)
        else:
            bus = await PostgresBus.open(await stack.enter_async_context(fresh_database(postgres, "bus")), connections=8)
        stack.push_async_callback(bus.close)
        day = date(2018, 12, 1)
        certification, matching, awards = [
            await stack.enter_async_context(at_work(service, postgres, first_day=day, bus=bus))
            for service in (certification_service, matching_service, awards_service)
        ]
        made = Chain(certification, matching, awards, uuid7(), uuid7(), uuid7(), uuid7())
        await _furnish(made)
        yield made


async def _furnish(chain: Chain) -> None:
    """What registry and training have published, and what the tests find in certification and matching."""
    span = registry.OrganisationSpan(
        kind=registry.OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)
    )
    await Teller(chain.awards).tell(
        registry.Organisation(id=chain.enterprise, uscc=uuid7().hex[:18].upper(), name="甲厂", spans=(span,)),
        training.Mandate(
            id=uuid7(), organisation_id=chain.base, occupation=WELDER, level_code=3, catalogue_year=2018, valid_from=date(2018, 1, 1),
            valid_to=date(2018, 12, 31),
        ),
        training.Catalogue(
            id=uuid7(), year=2018, entries=(training.CatalogueEntry(occupation=WELDER, level_codes=(3,)),), in_force_from=date(2018, 1, 1),
            paper_number="1",
        ),
        training.TrainingClass(
            id=chain.course, number="JQ-1", kind=training.ClassKind.SHORTAGE, organiser_id=chain.base, occupation=WELDER, level_code=3,
            starts_on=date(2018, 3, 1), ends_on=date(2018, 5, 1), state=training.ClassState.COMPLETED,
        ),
    )  # fmt: skip
    await chain.certification.call("POST", "/certification/v1/occupations", json={"occupation": WELDER, "name": "焊工"})
    agreement = {"number": uuid7().hex, "partner_id": str(chain.partner), "signed_on": "2018-01-01", "expires_on": "2018-12-31"}
    await chain.matching.call("POST", "/matching/v1/agreements", json=agreement)
    await chain.matching.call("POST", "/matching/v1/reporting-years", json={"year": 2018, "closes_on": "2019-01-31"})


async def test_a_certificate_becomes_money_and_a_referral_count_and_its_revocation_takes_both_back(chain: Chain) -> None:
    person = uuid7()
    await chain.report(person)
    certificate, token = await chain.issue(person)

    counts = await chain.matching.call("GET", f"/matching/v1/partners/{chain.partner}/referral-counts?year=2018&after={token}")
    assert await chain.owed(token, person_id=person) == [("shortage-training", "DUE", "1000.00", "0.00")]
    assert counts.json()["certified_by_level"] == {"3": 1}

    revoked = await chain.certification.call(
        "POST",
        f"/certification/v1/certificates/{certificate['id']}:revoke",
        json={"reason": "FRAUD", "revoked_on": "2018-12-01"},
        version=1,
    )
    token = revoked.headers["Consistency-Token"]
    counts = await chain.matching.call("GET", f"/matching/v1/partners/{chain.partner}/referral-counts?year=2018&after={token}")
    assert await chain.owed(token, person_id=person) == [("shortage-training", "WITHDRAWN", "0.00", "0.00")]
    assert counts.json()["certified_by_level"] == {}


async def test_the_hundredth_placement_earns_for_all_hundred_and_the_year_must_close(chain: Chain) -> None:
    # A service takes so many at once and a few in line: a hundred at one instant would be told to come back.
    placements = [placement for _ in range(10) for placement in await asyncio.gather(*(chain.report(uuid7()) for _ in range(10)))]
    placements.append(await chain.report(uuid7()))
    confirmed = [await chain.act(placement, "confirm") for placement in placements[:99]]
    assert await chain.bonus(confirmed[-1][1]) == (99, "0.00")

    _, token = await chain.act(placements[99], "confirm")
    assert await chain.bonus(token) == (100, "20000.00")
    last, token = await chain.act(placements[100], "confirm")
    assert await chain.bonus(token) == (101, "20200.00")
    last, token = await chain.act(last, "cancel", cancelled_on="2018-11-30")
    assert await chain.bonus(token) == (100, "20000.00")
    last, token = await chain.act(last, "confirm")
    assert await chain.bonus(token) == (101, "20200.00")
    assert await chain.owed(token, payee_id=chain.partner) == [("partner-bonus", "ACCRUING", "0.00", "20200.00")]

    for service in ("matching", "awards"):
        at = chain.matching if service == "matching" else chain.awards
        await at.call("POST", f"/{service}/v1/operations/business-day:advance", json={"day": "2019-02-01"})
    await Teller(chain.awards).settled()
    await chain.awards.running.reconciler().until_clean()
    assert await chain.owed(token, payee_id=chain.partner) == [("partner-bonus", "DUE", "20200.00", "0.00")]


async def test_one_person_delivered_by_two_partners_counts_for_the_earlier_and_the_same_placement_once(chain: Chain) -> None:
    person, other = uuid7(), uuid7()
    agreement = placed.Agreement(
        id=uuid7(), partner_id=other, kind=placed.AgreementKind.DELIVERY, is_outside_province=False, signed_on=date(2018, 1, 1),
        expires_on=date(2018, 12, 31),
    )  # fmt: skip
    await Teller(chain.awards).tell(agreement)
    late = await chain.report(person, other, "2018-08-01")
    early = await chain.report(person)
    await chain.act(late, "confirm")
    _, token = await chain.act(early, "confirm")
    again = await chain.matching.call(
        "POST",
        "/matching/v1/placements",
        json={name: early[name] for name in ("person_id", "partner_id", "employer_id", "started_on", "evidence")},
    )

    page = await chain.awards.call("GET", f"/awards/v1/partners/{other}/years/2018?after={token}")
    assert await chain.bonus(token) == (1, "0.00")
    assert (page.json()["persons"], again.json()["code"]) == (0, "already-reported")
