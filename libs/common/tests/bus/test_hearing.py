"""Reading one's own write over the bus: what a token waits for, what it cannot wait for, and that nobody can make one up."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from lending.app import TODAY, lending, replicas
from lending.desk import Kept, Log, lent, outgoing
from lending.facts import LoanFact
from uuid_utils.compat import uuid7

from common.bus.facts import Facts
from common.bus.hearing import HeardButUnreadable, Hearing, NotHeardHere
from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.testing.at_work import AtWork, at_work
from common.testing.until import until
from common.web import consistency
from common.web.consistency import ConsistencyTokens
from common.work import SeenVersion

LOAN = "desk.loan"


def seen(loan: LoanFact, version: int, *, epoch: int = 1) -> SeenVersion:
    return SeenVersion(LOAN, loan.id, epoch, version)


class Heard:
    """Asks what a waiting reader asks, and computes dossiers as a reconciler would."""

    def __init__(self, database: Database) -> None:
        self._database, self._hearing = database, Hearing(replicas, ("lending.book",))

    async def of(self, *versions: SeenVersion) -> bool:
        async with self._database.raw_transaction() as connection:
            return await self._hearing.has_heard(connection, versions)

    async def compute(self, kind: str, *ids: str) -> None:
        async with self._database.raw_transaction() as connection:
            await connection.execute("UPDATE dossier SET clean = dirty WHERE kind = $1 AND id = ANY($2::text[])", kind, ids)


@pytest.fixture
def heard(database: Database) -> Heard:
    return Heard(database)


async def test_a_version_is_heard_when_it_is_applied_and_every_dossier_that_it_marked_is_computed(
    heard: Heard, facts: Facts, log: Log
) -> None:
    loan = lent("ann", book="b1")
    assert not await heard.of(seen(loan, 1))
    await facts.apply(log.append(outgoing(loan, 1)))
    assert not await heard.of(seen(loan, 1))
    await heard.compute("reader", "ann")
    assert not await heard.of(seen(loan, 1)), "the book was marked too"
    await heard.compute("book", "b1")
    assert await heard.of(seen(loan, 1))


async def test_whoever_a_change_leaves_is_waited_for_too(heard: Heard, facts: Facts, log: Log) -> None:
    loan = lent("ann")
    await facts.apply(log.append(outgoing(loan, 1)))
    await heard.compute("reader", "ann")
    await facts.apply(log.append(outgoing(loan.model_copy(update={"reader": "bob"}), 2)))

    await heard.compute("reader", "bob")
    assert not await heard.of(seen(loan, 2)), "ann's days are not computed anew yet"
    await heard.compute("reader", "ann")
    assert await heard.of(seen(loan, 2))


async def test_a_newer_version_satisfies_and_so_does_a_later_epoch(heard: Heard, facts: Facts, log: Log) -> None:
    loan, other = lent("ann"), lent("ann")
    await facts.apply(log.append(outgoing(loan, 5), outgoing(other, 1, epoch=2)))
    await heard.compute("reader", "ann")

    assert await heard.of(seen(loan, 3), seen(loan, 5), seen(other, 9), seen(other, 1, epoch=2))
    assert [await heard.of(each) for each in (seen(loan, 6), seen(loan, 1, epoch=2), seen(other, 2, epoch=2))] == [False] * 3


async def test_all_of_several_are_waited_for(heard: Heard, facts: Facts, log: Log) -> None:
    loans = [lent("ann"), lent("ann"), lent("ann")]
    await facts.apply(log.append(*(outgoing(loan) for loan in loans[:2])))
    await heard.compute("reader", "ann")

    assert await heard.of(*(seen(loan, 1) for loan in loans[:2]))
    assert not await heard.of(*(seen(loan, 1) for loan in loans))
    assert await heard.of()


async def test_an_aggregate_that_is_never_heard_of_here_is_refused(heard: Heard) -> None:
    with pytest.raises(NotHeardHere):
        await heard.of(SeenVersion("desk.fine", uuid7(), 1, 1))


@pytest.mark.parametrize("state", ["WAITING", "DISCARDED"])
async def test_a_version_that_is_a_dead_letter_is_refused_and_only_that_one(
    heard: Heard, facts: Facts, log: Log, kept: Kept, state: str
) -> None:
    dead, other = lent("ann"), lent("ann")
    await facts.apply(log.append(outgoing(dead, 2, value=b"{"), outgoing(other, 1)))
    await kept.rows("UPDATE dead_letter SET state = $1 RETURNING id", state)
    await heard.compute("reader", "ann")

    with pytest.raises(HeardButUnreadable):
        await heard.of(seen(dead, 2), seen(other, 1))
    assert await heard.of(seen(other, 1))
    assert not await heard.of(seen(dead, 3)), "on its way: what came before it is another matter"


async def test_a_dead_version_that_a_newer_one_has_overtaken_is_heard(heard: Heard, facts: Facts, log: Log) -> None:
    loan = lent("ann")
    await facts.apply(log.append(outgoing(loan, 1, value=b"{"), outgoing(loan, 2)))
    await heard.compute("reader", "ann")

    assert await heard.of(seen(loan, 1))


@pytest.fixture
async def service(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AtWork]:
    async with at_work(lending(), postgres, first_day=TODAY) as started:
        yield started


@pytest.fixture
async def idle(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AtWork]:
    """Its face alone: nothing is heard, nothing is computed; and its readers lose patience soon."""
    monkeypatch.setattr(consistency, "_WAIT_SECONDS", 0.2)
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as started:
        yield started


def token(service: AtWork, *versions: SeenVersion) -> str:
    tokens: ConsistencyTokens = service.app.state.consistency_tokens
    return tokens.sign(versions)


async def days(service: AtWork, reader: str, *tokens: str) -> tuple[int, Any]:
    query = "&".join(f"after={each}" for each in tokens)
    answer = await service.call("GET", f"/lending/v1/readers/{reader}?{query}")
    return answer.status_code, answer.json().get("days", answer.json().get("code"))


async def test_a_read_waits_until_it_shows_the_write(service: AtWork) -> None:
    loan = lent("ann", days=3)
    reading = asyncio.create_task(days(service, "ann", token(service, seen(loan, 1))))

    async def waits() -> bool:
        return service.app.state.waiting._waiters == 1

    await until(waits)
    await service.running.bus.publish([outgoing(loan, 1)])

    assert await reading == (200, 3)
    assert service.app.state.waiting._waiters == 0


async def test_what_another_process_applied_is_noticed_without_a_ring(idle: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "_WAIT_SECONDS", 10)
    loan = lent("ann", days=3)
    reading = asyncio.create_task(days(idle, "ann", token(idle, seen(loan, 1))))

    async def waits() -> bool:
        return idle.app.state.waiting._waiters == 1

    await until(waits)
    await idle.running.facts.apply(Log().append(outgoing(loan, 1)))
    await Heard(idle.running.database).compute("reader", "ann")

    assert (await reading)[0] == 200


async def test_a_write_of_ones_own_service_is_waited_for_until_what_it_marked_is_computed(idle: AtWork) -> None:
    """The marks lead on to others: the one dossier that is read may not be marked yet."""
    entered = await idle.call("POST", "/lending/v1/books", who="clerk", json={"name": "first", "shelf": "A1"})
    moved = await idle.call("PUT", f"/lending/v1/books/{entered.json()['id']}", who="clerk", version=1, json={"shelf": "B2"})
    own = moved.headers["Consistency-Token"]

    assert await days(idle, "ann", own) == (503, "not-yet-heard")
    await Heard(idle.running.database).compute("shelf", "B2")
    assert await days(idle, "ann", own) == (503, "not-yet-heard"), "the shelf that it left is marked too"
    await Heard(idle.running.database).compute("shelf", "A1")
    assert await days(idle, "ann", own) == (200, 0)


async def test_what_does_not_come_in_time_is_a_503_that_says_when_to_try_again(idle: AtWork) -> None:
    answer = await idle.call("GET", f"/lending/v1/readers/ann?after={token(idle, seen(lent(), 1))}")

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "not-yet-heard", "1")
    assert idle.app.state.waiting._waiters == 0


async def test_when_too_many_wait_the_next_is_sent_away_at_once(idle: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "_MOST_WAITERS", 2)
    monkeypatch.setattr(consistency, "_WAIT_SECONDS", 10)
    loan = lent("ann")
    asked = [asyncio.create_task(days(idle, "ann", token(idle, seen(loan, 1)))) for _ in range(2)]

    async def wait() -> bool:
        return idle.app.state.waiting._waiters == 2

    await until(wait)
    answer = await idle.call("GET", f"/lending/v1/readers/ann?after={token(idle, seen(loan, 1))}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    await idle.running.facts.apply(Log().append(outgoing(loan, 1)))
    await Heard(idle.running.database).compute("reader", "ann")
    assert {status for status, _ in await asyncio.gather(*asked)} == {200}


async def test_refusals_over_rest(idle: AtWork) -> None:
    dead = lent("ann")
    await idle.running.facts.apply(Log().append(outgoing(dead, 1, value=b"{")))
    unknown = SeenVersion("desk.fine", uuid7(), 1, 1)

    assert await days(idle, "ann", token(idle, unknown)) == (400, "not-heard-here")
    assert await days(idle, "ann", token(idle, seen(dead, 1))) == (409, "heard-but-unreadable")
    assert await days(idle, "ann", *[token(idle)] * 8) == (200, 0)
    assert (await days(idle, "ann", *[token(idle)] * 9))[0] == 422


async def test_a_token_that_was_made_up_or_changed_opens_nothing(idle: AtWork) -> None:
    loan = lent("ann")
    await idle.running.facts.apply(Log().append(outgoing(loan, 1)))
    await Heard(idle.running.database).compute("reader", "ann")
    good = token(idle, seen(loan, 1))
    body, _, seal = good.partition(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=="))
    content[0][1] = str(UUID(int=7))
    changed = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    assert await days(idle, "ann", good) == (200, 0)
    for forged in (
        f"{changed}.{seal}", f"{body}.{seal[:-1]}", f"{body}.", body, f".{seal}", "", "abc", f"{good}.{seal}", "%C3%A9.%C3%A9", good.swapcase(),
        ConsistencyTokens("another city's key").sign([seen(loan, 1)]),
    ):  # fmt: skip
        assert await days(idle, "ann", forged) == (422, "token-unreadable"), forged


async def test_a_token_names_the_last_of_many_versions_and_fits_into_the_line_of_a_request(idle: AtWork) -> None:
    versions = [SeenVersion("certification.certificate", uuid7(), 1, 7, (("person", str(uuid7())),)) for _ in range(500)]
    made = token(idle, *versions)

    assert len(made) < 8000
    named = idle.app.state.consistency_tokens.read(made)
    assert named == versions[-len(named) :]
