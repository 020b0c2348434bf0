"""Bases, students, what others paid and merged persons, entered in registry: awards holds each as it last stood, and all of it is published anew."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from awards.app import service as awards_service
from city.identities import number_of, uscc
from common.bus.integrity import TopicHeard, differences
from common.bus.postgres import PostgresBus
from common.bus.republishing import republish
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from common.testing.postgres import fresh_database
from common.testing.telling import Teller
from common.verify.across import HeardEverywhere
from common.verify.acts import ActsAudited
from common.verify.check import Inspected
from common.verify.replicas import ReplicasTrue
from registry.app import service as registry_service

TODAY = date(2018, 6, 1)


@dataclass
class Two:
    """Registry and its reader on one bus, and what was entered: by id its newest version."""

    registry: AtWork
    awards: AtWork
    versions: dict[str, int] = field(default_factory=dict)

    async def made(self, path: str, body: dict[str, Any]) -> str:
        answer = await self.registry.call("POST", f"/registry/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        self.versions[answer.json()["id"]] = 1
        return str(answer.json()["id"])

    async def act(self, path: str, body: dict[str, Any] | None = None) -> None:
        id_, _, verb = path.rpartition("/")[2].partition(":")
        answer = await self.registry.call("POST", f"/registry/v1/{path}", json=body, version=self.versions[id_])
        assert answer.status_code == 200, (verb, answer.text)
        for seen in self.registry.app.state.consistency_tokens.read(answer.headers["Consistency-Token"]):
            self.versions[str(seen.id)] = seen.version

    async def state(self, aggregate: str, id_: str, *fields: str) -> list[str | None]:
        """What awards holds of it."""
        async with self.awards.running.database.transaction() as session:
            connection = await raw(session)
            query = f"SELECT state ->> $2 FROM replica_registry_{aggregate} WHERE id = $1"
            return [await connection.fetchval(query, UUID(id_), name) for name in fields]

    async def heard(self) -> None:
        await Teller(self.awards).settled({(UUID(id_), version) for id_, version in self.versions.items()})


@pytest.fixture
async def two(postgres: EmbeddedPostgres) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        bus = await PostgresBus.open(await stack.enter_async_context(fresh_database(postgres, "bus")), connections=8)
        stack.push_async_callback(bus.close)
        yield Two(
            *[
                await stack.enter_async_context(at_work(service, postgres, first_day=TODAY, bus=bus))
                for service in (registry_service, awards_service)
            ]
        )


@dataclass
class Lived:
    """The ids of what was entered."""

    base: str
    studio: str
    student: str
    benefit: str
    persons: list[str]
    """The first was merged into the second, and the second into the third."""


async def lived(two: Two) -> Lived:
    """One thing of each kind through its life."""
    span = {"kind": "SECONDARY_SCHOOL", "area_code": "320582103", "first_on": "2010-03-01"}
    school = await two.made("organisations", {"uscc": uscc("91", 7001), "name": "示例学校", "spans": [span]})
    persons = [await two.made("people", {"id_number": number_of(date(1980, 1, nth), 1), "name": "示例人员"}) for nth in (1, 2, 3)]
    recognition = {"organisation_id": school, "kind": "DEMONSTRATION_BASE", "paper_number": "1", "valid_from": "2017-03-01"}
    base = await two.made("recognitions", recognition)
    await two.act(f"recognitions/{base}:accept", {"accepted_on": "2018-04-20", "investment": {"amount": "5000000.00", "currency": "CNY"}})
    studio = await two.made("recognitions", recognition | {"kind": "STUDIO", "master_id": persons[2]})
    await two.act(f"recognitions/{studio}:assess", {"year": 2017, "assessed_on": "2018-03-15", "is_passed": True})
    await two.act(f"recognitions/{studio}:withdraw", {"withdrawn_on": "2018-05-31"})
    student = await two.made("students", {"person_id": persons[0], "school_id": school, "stage": "SECONDARY", "entered_on": "2016-09-01"})
    await two.act(f"students/{student}:change-status", {"status": "SUSPENDED", "first_on": "2018-03-01"})
    paid = {
        "person_id": persons[0], "scheme": "UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY", "occupation": "2015:6-18-02-04", "level_code": 3,
        "amount": {"amount": "2000.00", "currency": "CNY"}, "paid_on": "2018-05-10",
    }  # fmt: skip
    benefit = await two.made("other-benefits", paid)
    await two.act(f"other-benefits/{benefit}:withdraw", {"withdrawn_on": "2018-05-20"})
    for one, other in ((persons[0], persons[1]), (persons[1], persons[2])):
        await two.act(f"people/{one}:merge", {"canonical_id": other, "reason": "NUMBER_WRONG", "paper_number": "1"})
    return Lived(base, studio, student, benefit, persons)


async def test_awards_holds_each_as_it_last_stood_and_the_books_close(two: Two) -> None:
    entered = await lived(two)
    await two.heard()

    assert await two.state("recognition", entered.base, "accepted_on", "investment_fen") == ["2018-04-20", "500000000"]
    assert await two.state("recognition", entered.studio, "withdrawn_on", "master_id") == ["2018-05-31", entered.persons[2]]
    assert '"year": 2017' in str(await two.state("recognition", entered.studio, "assessments"))
    assert '"SUSPENDED"' in str(await two.state("student", entered.student, "status_spans"))
    assert await two.state("other_benefit", entered.benefit, "amount_fen", "withdrawn_on") == ["200000", "2018-05-20"]
    merged = [(await two.state("person", person, "merged_into"))[0] for person in entered.persons]
    assert merged == [entered.persons[2], entered.persons[2], None]

    running = two.awards.running
    city = [Inspected(each.running.service, each.running.settings, each.running.database) for each in (two.registry, two.awards)]
    checks = (
        HeardEverywhere(city, patience_seconds=0), ReplicasTrue(running.database, running.service.replicas, patience_seconds=0),
        ActsAudited(two.registry.running.database, [str(model.__tablename__) for model in registry_service.publishes]),
    )  # fmt: skip
    assert [f"{each.where}: {each.what}" for check in checks for each in [found async for found in check.findings()]] == []
    published = (await two.registry.call("GET", "/registry/v1/operations/integrity", who="auditor")).json()["published"]
    heard = (await two.awards.call("GET", "/awards/v1/operations/integrity", who="auditor")).json()["heard"]
    from_registry = [TopicHeard(**each) for each in heard if each["topic"].startswith("registry.")]
    assert differences(published, {"awards": from_registry}) == []


async def test_registry_publishes_all_of_it_anew(two: Two) -> None:
    await lived(two)
    await two.heard()
    await two.registry.running.rest()

    assert await republish(two.registry.running) == {
        "registry.person": 3, "registry.organisation": 1, "registry.employment": 0, "registry.insurance": 0, "registry.source": 0,
        "registry.recognition": 2, "registry.student": 1, "registry.other-benefit": 1,
    }  # fmt: skip


async def test_what_was_undone_is_heard_too(two: Two) -> None:
    entered = await lived(two)
    first, second, _ = entered.persons

    await two.act(f"people/{second}:unmerge")
    await two.act(f"recognitions/{entered.studio}:withdraw", {"withdrawn_on": None})
    await two.act(f"other-benefits/{entered.benefit}:withdraw", {"withdrawn_on": None})
    await two.heard()

    assert [(await two.state("person", person, "merged_into"))[0] for person in (first, second)] == [second, None]
    assert await two.state("recognition", entered.studio, "withdrawn_on") == [None]
    assert await two.state("other_benefit", entered.benefit, "withdrawn_on") == [None]
