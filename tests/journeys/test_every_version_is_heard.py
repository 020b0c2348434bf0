"""What is entered, renumbered, placed, confirmed and proven in training and certification: awards hears every version of it, and nothing of a mere report."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from awards.app import service as awards_service
from certification.app import service as certification_service
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
from common.verify.check import Check, Inspected
from common.verify.replicas import ReplicasTrue
from training.app import service as training_service

WELDER = "2015:6-18-02-04"
FEE = {"amount": "260.00", "currency": "CNY"}
OWNED = {
    "training": ("designation", "catalogue", "mandate", "class", "participation", "lecture", "trip"),
    "certification": ("certificate", "exam-entry", "title", "contest", "sitting", "occupation"),
}


@dataclass
class Three:
    """Two owners and the reader of both on one bus."""

    training: AtWork
    certification: AtWork
    awards: AtWork

    async def made(self, service: str, path: str, body: dict[str, Any]) -> str:
        answer = await getattr(self, service).call("POST", f"/{service}/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def act(self, service: str, path: str, verb: str, version: int, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await getattr(self, service).call("POST", f"/{service}/v1/{path}:{verb}", json=body, version=version)
        assert answer.status_code == 200, answer.text
        acted: dict[str, Any] = answer.json()
        return acted

    async def heard(self, *versions: tuple[str, int]) -> None:
        await Teller(self.awards).settled({(UUID(id_), version) for id_, version in versions})

    @property
    def city(self) -> list[Inspected]:
        return [
            Inspected(each.running.service, each.running.settings, each.running.database)
            for each in (self.training, self.certification, self.awards)
        ]

    async def found(self, *checks: Check) -> list[str]:
        return [f"{finding.where}: {finding.what}" for check in checks for finding in [each async for each in check.findings()]]

    async def uncounted(self) -> list[str]:
        """What the counts of the owners and of the reader do not close."""
        reader = (await self.awards.call("GET", "/awards/v1/operations/integrity", who="auditor")).json()["heard"]
        found = []
        for owner in ("training", "certification"):
            published = (await getattr(self, owner).call("GET", f"/{owner}/v1/operations/integrity", who="auditor")).json()["published"]
            heard = [TopicHeard(**each) for each in reader if each["topic"].startswith(f"{owner}.")]
            found += [str(each) for each in differences(published, {"awards": heard})]
        return found


@pytest.fixture
async def three(postgres: EmbeddedPostgres) -> AsyncIterator[Three]:
    async with AsyncExitStack() as stack:
        bus = await PostgresBus.open(await stack.enter_async_context(fresh_database(postgres, "bus")), connections=8)
        stack.push_async_callback(bus.close)
        yield Three(
            *[
                await stack.enter_async_context(at_work(service, postgres, first_day=date(2018, 6, 1), bus=bus))
                for service in (training_service, certification_service, awards_service)
            ]
        )


async def lived(three: Three) -> list[tuple[str, int]]:
    """One thing of each kind through its life: the ids and the versions that others hear of."""
    occupation = await three.made("certification", "occupations", {"occupation": WELDER, "name": "焊工", "appraisal_fees": {"3": FEE}})
    person, body = str(uuid4()), str(uuid4())
    sittings = [
        await three.made("certification", "sittings", {"body_id": body, "occupation": WELDER, "level_code": 3, "held_on": day})
        for day in ("2018-05-12", "2018-05-19")
    ]
    entries = [
        await three.made("certification", "exam-entries", {"person_id": person, "sitting_id": sitting, "registered_on": "2018-04-10"})
        for sitting in sittings
    ]
    await three.act("certification", f"sittings/{sittings[0]}", "annul", 1)
    contest = {"brand": "行行出状元", "tier": "CITY", "year": 2018, "held_on": "2018-05-20", "occupations": [WELDER]}
    contest_id = await three.made("certification", "contests", contest)
    await three.act("certification", f"contests/{contest_id}", "hold", 1, {"results": [{"occupation": WELDER, "placed": [person]}]})
    won = {
        "person_id": person,
        "kind": "TOP_SKILL",
        "awarded_on": "2018-05-25",
        "paper_number": "张人社〔2018〕9号",
        "contest_id": contest_id,
    }
    title = await three.made("certification", "titles", won)
    lecture = {"school_id": str(uuid4()), "teacher_id": person, "enterprise_id": str(uuid4()), "held_on": "2018-04-12", "hours": 4}
    await three.made("training", "lecture-reports", lecture)  # and nobody confirms it
    report = await three.made("training", "lecture-reports", lecture | {"held_on": "2018-04-13"})
    confirmed = (await three.act("training", f"lecture-reports/{report}", "confirm", 1))["id"]
    await three.act("training", f"lectures/{confirmed}", "withdraw", 1, {"withdrawn_on": "2018-05-01"})
    trip = {
        "person_id": person, "sender_id": str(uuid4()), "occupation": WELDER, "selected_on": "2018-05-02", "starts_on": "2018-05-14",
        "ends_on": "2018-05-25",
    }  # fmt: skip
    trip_id = await three.made("training", "trips", trip)
    await three.act("training", f"trips/{trip_id}", "complete", 1, {"reported_on": "2018-05-30", "cost": FEE})
    return [(occupation, 1), (sittings[0], 2), (sittings[1], 1), (entries[0], 1), (entries[1], 2), (title, 1), (confirmed, 2), (trip_id, 2)]


async def test_every_version_is_heard_and_what_was_only_reported_is_missed_by_nobody(three: Three) -> None:
    versions = await lived(three)
    await three.heard(*versions)

    running = three.awards.running
    replicas = ReplicasTrue(running.database, running.service.replicas, patience_seconds=0)
    acts = [ActsAudited(each.database, [str(model.__tablename__) for model in each.service.publishes]) for each in three.city[:2]]

    assert await three.uncounted() == []
    assert await three.found(HeardEverywhere(three.city, patience_seconds=0), replicas, *acts) == []
    async with running.database.transaction() as session:
        attempts = await (await raw(session)).fetchval(
            "SELECT state ->> 'attempt' FROM replica_certification_exam_entry WHERE id = $1", UUID(versions[4][0])
        )
    assert attempts == "1", "the sitting before it was annulled: he has not tried"


async def test_owners_publish_all_of_it_anew_and_no_report(three: Three) -> None:
    await three.heard(*await lived(three))
    counts: dict[str, int] = {}
    for owner in (three.training, three.certification):
        await owner.running.rest()
        counts |= await republish(owner.running)

    numbers: dict[str, int] = {
        "training.lecture": 1, "training.trip": 1, "certification.exam-entry": 2, "certification.title": 1, "certification.contest": 1,
        "certification.sitting": 2, "certification.occupation": 1,
    }  # fmt: skip
    assert counts == {f"{owner}.{name}": numbers.get(f"{owner}.{name}", 0) for owner, names in OWNED.items() for name in names}
