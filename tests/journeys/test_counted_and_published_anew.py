"""Integrity is counted across services, a planted loss is named, and a restored owner is heard again in a new epoch."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from awards.app import service as awards_service
from certification.app import service as certification_service
from common.bus.integrity import TopicHeard, differences
from common.bus.postgres import PostgresBus
from common.bus.republishing import StillAtWork, republish
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from common.testing.postgres import fresh_database
from common.testing.telling import Teller
from common.verify.across import HeardEverywhere
from common.verify.check import Inspected

CERTIFICATE, OCCUPATION = "certification.certificate", "certification.occupation"
WELDER = "2015:6-18-02-04"


@dataclass
class Two:
    """An owner and a reader on one bus."""

    owner: AtWork
    reader: AtWork

    async def issue(self) -> dict[str, Any]:
        body = {
            "number": uuid7().hex[:20].upper(), "person_id": str(uuid7()), "occupation": WELDER, "level_code": 3, "issued_on": "2018-05-20",
            "body_id": str(uuid7()),
        }  # fmt: skip
        answer = await self.owner.call("POST", "/certification/v1/certificates", json=body)
        assert answer.status_code == 201, answer.text
        await self.heard(UUID(answer.json()["id"]), 1)
        certificate: dict[str, Any] = answer.json()
        return certificate

    async def revoke(self, certificate: dict[str, Any]) -> None:
        path = f"/certification/v1/certificates/{certificate['id']}:revoke"
        answer = await self.owner.call("POST", path, json={"reason": "FRAUD", "revoked_on": "2018-06-01"}, version=certificate["version"])
        assert answer.status_code == 200, answer.text
        await self.heard(UUID(certificate["id"]), 2)

    async def heard(self, id_: UUID, version: int) -> None:
        await Teller(self.reader).settled({(id_, version)})

    async def differences(self) -> list[str]:
        """What the count of both, asked over REST, does not close; only of what the owner publishes."""
        owner = (await self.owner.call("GET", "/certification/v1/operations/integrity", who="auditor")).json()
        reader = (await self.reader.call("GET", "/awards/v1/operations/integrity", who="auditor")).json()
        heard = [TopicHeard(**each) for each in reader["heard"] if each["topic"].startswith("certification.")]
        return [str(each) for each in differences(owner["published"], {"awards": heard})]

    async def different(self) -> list[tuple[str, str]]:
        """What looking into both databases names."""
        city = [Inspected(each.running.service, each.running.settings, each.running.database) for each in (self.owner, self.reader)]
        check = HeardEverywhere(city, patience_seconds=0)
        return sorted([(finding.where, finding.what) async for finding in check.findings()])

    async def forget(self, statement: str, *arguments: Any) -> None:
        """What no act of ours does: a hand in the reader's tables."""
        async with self.reader.running.database.transaction() as session:
            await (await raw(session)).execute(statement, *arguments)

    async def replica(self, id_: str) -> tuple[int, int, str | None]:
        async with self.reader.running.database.transaction() as session:
            row = await (await raw(session)).fetchrow(
                "SELECT epoch, version, state ->> 'revoked_on' AS revoked_on FROM replica_certification_certificate WHERE id = $1",
                UUID(id_),
            )
        return tuple(row)


@pytest.fixture
async def two(postgres: EmbeddedPostgres) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        bus = await PostgresBus.open(await stack.enter_async_context(fresh_database(postgres, "bus")), connections=6)
        stack.push_async_callback(bus.close)
        owner, reader = [
            await stack.enter_async_context(at_work(service, postgres, first_day=date(2018, 12, 1), bus=bus))
            for service in (certification_service, awards_service)
        ]
        made = Two(owner, reader)
        answer = await owner.call("POST", "/certification/v1/occupations", json={"occupation": WELDER, "name": "焊工"})
        await made.heard(UUID(answer.json()["id"]), 1)
        yield made


async def test_the_count_closes_and_names_what_a_reader_has_lost(two: Two) -> None:
    certificates = [await two.issue() for _ in range(3)]
    await two.revoke(certificates[0])
    assert await two.differences() == []

    await two.forget("DELETE FROM fact_version WHERE id = $1 AND version = 1", UUID(certificates[0]["id"]))

    assert await two.differences() == [
        f"awards of {CERTIFICATE}: missing, published 4, answered for 3",
        f"awards of {CERTIFICATE}: the counts and the versions kept do not agree, published 4, answered for 3",
    ]


async def test_a_version_that_a_reader_never_heard_of_is_named_by_looking_at_both(two: Two) -> None:
    certificates = [await two.issue() for _ in range(3)]
    await two.revoke(certificates[0])
    assert await two.different() == []

    await two.forget("DELETE FROM fact_version WHERE id = $1", UUID(certificates[1]["id"]))
    await two.forget("DELETE FROM replica_certification_certificate WHERE id = $1", UUID(certificates[1]["id"]))
    await two.forget("DELETE FROM fact_version WHERE id = $1 AND version = 2", UUID(certificates[0]["id"]))
    await two.forget(
        "INSERT INTO fact_version SELECT topic, $2, epoch, version, recorded_at, state FROM fact_version WHERE id = $1",
        UUID(certificates[2]["id"]),
        UUID(int=7),
    )

    assert await two.different() == [
        (f"{CERTIFICATE} {UUID(int=7)}", "certification 台账：没有这一行；awards：收到了第 1 版"),
        (f"{CERTIFICATE} {certificates[0]['id']}", "certification 台账：第 2 版；awards：只到第 1 版"),
        (f"{CERTIFICATE} {certificates[1]['id']}", "certification 台账：第 1 版；awards：从未收到"),
    ]


async def test_a_restored_owner_is_heard_again_in_a_new_epoch(two: Two) -> None:
    kept, lost = await two.issue(), await two.issue()
    await two.revoke(lost)
    await _restored_before_the_revocation(two.owner, lost["id"])

    counts = await republish(two.owner.running)

    others = ("sitting", "exam-entry", "contest", "title")
    assert counts == {CERTIFICATE: 2, OCCUPATION: 1} | {f"certification.{other}": 0 for other in others}
    two.owner.running.work()
    for certificate in (kept, lost):
        await two.heard(UUID(certificate["id"]), 1)
    await _until(two, lambda: two.replica(lost["id"]), (2, 1, None))
    assert await two.replica(kept["id"]) == (2, 1, None)
    assert await two.differences() == []
    await two.issue()
    assert await two.differences() == []


async def test_nothing_is_published_anew_while_a_worker_of_the_service_runs(two: Two) -> None:
    with pytest.raises(StillAtWork):
        await republish(two.owner.running)


async def _restored_before_the_revocation(owner: AtWork, certificate_id: str) -> None:
    """The owner's table as an older copy of the database has it; its workers are stopped."""
    await owner.running.rest()
    async with owner.running.database.transaction() as session:
        await (await raw(session)).execute(
            "UPDATE certificate SET version = 1, revoked_on = NULL, revocation_reason = NULL WHERE id = $1", UUID(certificate_id)
        )


async def _until(two: Two, look: Any, wanted: Any) -> None:
    """The reader's loops ring after every batch."""
    wake = two.reader.running.committed.listen()
    for _ in range(100):
        if await look() == wanted:
            break
        wake.clear()
        await wake.wait()
    assert await look() == wanted
