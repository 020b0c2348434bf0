"""What operators do over REST with dead letters and partitions that stand still; every act is audited, and none of them says what a message holds."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from lending.app import TODAY, lending
from lending.desk import Kept, lent, outgoing
from uuid_utils.compat import uuid7

from common.bus.dead_letters import FLOOD
from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing, Partition
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork, at_work
from common.testing.until import until

SECRET = "320599197001010011"
LETTERS = "/lending/v1/operations/dead-letters"
STATE = "/lending/v1/operations/state"
RESUME = "/lending/v1/operations/partitions/desk.loan/{}:resume"


@pytest.fixture
def kept(service: AtWork) -> Kept:
    return Kept(service.running.database)


async def set_aside(service: AtWork, *sent: Outgoing) -> list[dict[str, Any]]:
    """Publish, and wait until so many dead letters lie there; oldest first."""
    await service.running.bus.publish(sent)

    async def lie_there() -> bool:
        return len((await service.call("GET", f"{LETTERS}?limit=100")).json()["items"]) == len(sent)

    await until(lie_there)
    return list(reversed((await service.call("GET", f"{LETTERS}?limit=100")).json()["items"]))


async def counted(service: AtWork) -> dict[str, Any]:
    """What became of the topic's messages, without its speed."""
    (topic,) = (await service.call("GET", STATE)).json()["topics"]
    return {name: value for name, value in topic.items() if name not in ("topic", "behind_seconds", "per_minute")}


async def audit(kept: Kept) -> list[tuple[Any, ...]]:
    rows = await kept.rows("SELECT actor, operation, subject, subject_id, verb, changes::text AS changes FROM audit ORDER BY id")
    return [(row["operation"], row["subject"], row["subject_id"], row["verb"], json.loads(row["changes"])) for row in rows]


def broken(**changed: Any) -> Outgoing:
    loan = lent("ann", days=3)
    return outgoing(loan, value=json.dumps(loan.model_dump(mode="json") | {"reader": SECRET, "days": SECRET + "?"} | changed).encode())


async def test_a_dead_letter_is_shown_with_its_place_and_its_reason_and_not_with_what_it_says(service: AtWork) -> None:
    (letter,) = await set_aside(service, broken())

    assert letter | {"id": "", "partition": 0, "first_seen_at": "", "aggregate_id": ""} == {
        "id": "", "topic": "desk.loan", "partition": 0, "offset": 0, "reason": "days: int_parsing", "first_seen_at": "", "tries": 1,
        "state": "WAITING", "ended_reason": None, "aggregate_id": "", "version": 1,
    }  # fmt: skip
    assert await counted(service) == {"applied": 0, "superseded": 0, "duplicate": 0, "dead": 1, "discarded": 0, "unread": 0}


async def test_many_dead_letters_come_in_pages_newest_first(service: AtWork) -> None:
    await set_aside(service, *(broken() for _ in range(5)))
    first = (await service.call("GET", f"{LETTERS}?limit=3")).json()
    second = (await service.call("GET", f"{LETTERS}?limit=3&cursor={first['next_cursor']}")).json()

    ids = [letter["id"] for letter in first["items"] + second["items"]]
    assert (len(ids), second["next_cursor"]) == (5, None)
    assert ids == sorted(set(ids), reverse=True)


async def test_one_that_is_still_unreadable_counts_its_try_and_waits_on(service: AtWork, kept: Kept) -> None:
    (letter,) = await set_aside(service, broken())

    answers = [await service.call("POST", f"{LETTERS}/{letter['id']}:replay") for _ in range(2)]

    assert {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers} == {
        (409, "still-unreadable", "days: int_parsing")
    }
    assert await kept.letters("state", "tries", "reason") == [("WAITING", 3, "days: int_parsing")]
    subject = ("lending_replay_dead_letter", "dead_letter", UUID(letter["id"]), "tried")
    assert await audit(kept) == [(*subject, {"tries": [1, 2]}), (*subject, {"tries": [2, 3]})]


async def test_one_that_cannot_be_stored_is_a_refusal_with_its_new_reason_and_no_error_of_ours(service: AtWork, kept: Kept) -> None:
    loan = lent("ann\x00")
    (letter,) = await set_aside(service, outgoing(loan))
    await kept.rows("UPDATE dead_letter SET reason = 'as it was' RETURNING id")

    answer = await service.call("POST", f"{LETTERS}/{letter['id']}:replay")

    assert (answer.status_code, answer.json()["detail"]) == (409, "cannot be stored")
    assert await kept.letters("state", "tries", "reason") == [("WAITING", 2, "cannot be stored")]
    assert await kept.states("id") == []


async def test_one_that_was_put_right_is_applied_when_it_is_replayed(service: AtWork, kept: Kept) -> None:
    sent = broken()
    (letter,) = await set_aside(service, sent)
    right = json.loads(sent.value) | {"days": 4, "reader": "ann"}

    fixed = await service.call("POST", f"{LETTERS}/{letter['id']}:fix", json={"data": right})
    assert (fixed.status_code, fixed.json()["state"]) == (200, "WAITING")
    replayed = await service.call("POST", f"{LETTERS}/{letter['id']}:replay")
    assert (replayed.status_code, replayed.json()["state"]) == (200, "REPLAYED")

    async def is_reckoned() -> bool:
        return (await service.call("GET", "/lending/v1/readers/ann")).json()["days"] == 4

    await until(is_reckoned)
    assert await counted(service) == {"applied": 1, "superseded": 0, "duplicate": 0, "dead": 0, "discarded": 0, "unread": 0}
    assert [(verb, changes) for *_, verb, changes in await audit(kept)] == [
        ("fixed", {"value": None}),
        ("replayed", {"state": ["WAITING", "REPLAYED"]}),
    ]
    assert (await service.call("GET", LETTERS)).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"days": SECRET + "?"}, "days: int_parsing"),
        ({"days": 1, "id": str(uuid7())}, "the subject is not the aggregate's id"),
        ({"days": 1, "x": "x" * 300_000}, "larger than 262144 bytes"),
        ({"days": 1, "x": float("nan")}, "data: not JSON in UTF-8"),
    ],
)
async def test_a_payload_that_is_no_better_is_refused_and_not_kept(
    service: AtWork, kept: Kept, changed: dict[str, Any], reason: str
) -> None:
    sent = broken()
    (letter,) = await set_aside(service, sent)

    answer = await service.call(
        "POST", f"{LETTERS}/{letter['id']}:fix", headers={"content-type": "application/json"},
        content=json.dumps({"data": json.loads(sent.value) | changed}).encode(),
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, "still-unreadable", reason)
    assert await kept.letters("value", "tries") == [(sent.value, 1)]
    assert await audit(kept) == []


async def test_one_with_a_garbled_envelope_cannot_be_put_right_and_is_discarded(service: AtWork, kept: Kept) -> None:
    loan = lent("ann")
    (letter,) = await set_aside(service, outgoing(loan, headers={"ce_version": "?"}))

    fixed = await service.call("POST", f"{LETTERS}/{letter['id']}:fix", json={"data": loan.model_dump(mode="json")})
    assert (fixed.status_code, fixed.json()["detail"]) == (409, "ce_version is malformed")
    discarded = await service.call("POST", f"{LETTERS}/{letter['id']}:discard", json={"reason": f"发送方 {SECRET} 已作废"})

    assert (discarded.status_code, discarded.json()["state"]) == (200, "DISCARDED")
    assert await kept.letters("ended_reason") == [f"发送方 {SECRET} 已作废"]
    assert (await service.call("GET", STATE)).json()["topics"][0]["discarded"] == 1
    assert [row[1:] for row in await audit(kept)] == [("dead_letter", UUID(letter["id"]), "discarded", {"state": ["WAITING", "DISCARDED"]})]


async def test_what_is_dealt_with_or_was_never_there_is_refused(service: AtWork, kept: Kept) -> None:
    (letter,) = await set_aside(service, broken())
    await service.call("POST", f"{LETTERS}/{letter['id']}:discard", json={"reason": "作废作废"})
    bodies: dict[str, Any] = {"replay": None, "fix": {"data": {}}, "discard": {"reason": "作废作废"}}

    ended = {verb: await service.call("POST", f"{LETTERS}/{letter['id']}:{verb}", json=body) for verb, body in bodies.items()}
    unknown = {verb: await service.call("POST", f"{LETTERS}/{uuid7()}:{verb}", json=body) for verb, body in bodies.items()}
    unreasoned = await service.call("POST", f"{LETTERS}/{letter['id']}:discard", json={"reason": "x"})

    assert {(answer.status_code, answer.json()["code"]) for answer in ended.values()} == {(409, "dead-letter-ended")}
    assert {answer.status_code for answer in unknown.values()} == {404}
    assert unreasoned.status_code == 422
    assert len(await audit(kept)) == 1


async def test_officers_act_those_who_watch_look_and_nobody_else_does_either(service: AtWork, kept: Kept) -> None:
    sent = broken()
    (letter,) = await set_aside(service, sent)
    acts: list[tuple[str, Any]] = [
        (f"{LETTERS}/{letter['id']}:replay", None),
        (f"{LETTERS}/{letter['id']}:fix", {"data": {}}),
        (f"{LETTERS}/{letter['id']}:discard", {"reason": "作废作废"}),
        (RESUME.format(0), None),
        ("/lending/v1/operations/business-day:advance", {"day": "2018-06-02"}),
    ]
    for role in set(Role) - {Role.OFFICER}:
        who = service.account(role, organisation_id=uuid7(), person_id=uuid7())
        assert {(await service.call("POST", path, who=who, json=body)).status_code for path, body in acts} == {403}, role
        assert (await service.call("GET", LETTERS, who=who)).status_code == (200 if role in (Role.CLERK, Role.AUDITOR) else 403), role

    assert await kept.letters("state", "value") == [("WAITING", sent.value)]
    assert await audit(kept) == []


async def test_a_partition_that_stands_still_is_resumed_in_whichever_process_it_is_read(service: AtWork, kept: Kept) -> None:
    good = outgoing(lent("ann"), key="one")
    sent = [broken() for _ in range(FLOOD + 1)]
    await service.running.bus.publish([*(Outgoing(each.topic, "one", each.headers, each.value) for each in sent)])

    async def stands_still() -> bool:
        return bool((await service.call("GET", STATE)).json()["stopped"])

    await until(stands_still)
    ((place, reason),) = (await service.call("GET", STATE)).json()["stopped"].items()
    assert reason == "more than 20 dead letters in five minutes"
    await service.running.bus.publish([good])
    for letter in (await service.call("GET", f"{LETTERS}?limit=100")).json()["items"]:
        await service.call("POST", f"{LETTERS}/{letter['id']}:discard", json={"reason": "发送方已更正"})
    seen = (await service.call("GET", STATE)).json()
    assert (seen["backlog"][place], seen["is_backlog_known"]) == (1, True)

    number = int(place.rpartition("/")[2])
    other = await service.call("POST", RESUME.format(1 - number))
    assert (other.status_code, other.json()["detail"]) == (404, "这个分区没有停下")
    # As an api process would, which reads nothing itself: it reaches the reader through the database alone.
    resumed = await service.call("POST", RESUME.format(number))
    assert resumed.json() == {"topic": "desk.loan", "partition": number, "reason": reason}

    async def is_heard() -> bool:
        return len(await kept.states("id")) == 1

    await until(is_heard)
    assert (await service.call("GET", STATE)).json()["stopped"] == {}
    assert (await audit(kept))[-1] == (
        "lending_resume_partition", "consumer_offset", None, "resumed",
        {"topic": "desk.loan", "partition": number, "stopped_reason": [reason, None]},
    )  # fmt: skip


async def test_a_stop_stands_over_a_restart_of_the_reader(service: AtWork, kept: Kept) -> None:
    await service.running.bus.publish([outgoing(lent("ann"), key="one")])

    async def is_heard() -> bool:
        return len(await kept.states("id")) == 1

    await until(is_heard)
    (place,) = await service.running.facts.positions(await _partitions(service))
    await service.running.facts.stop(place, "looked at by hand")
    await service.running.rest()
    service.running.work()

    await service.running.bus.publish([outgoing(lent("bob"), key="one")])

    async def is_noticed() -> bool:
        consumer = service.running.consumer
        return consumer is not None and consumer.consumption is not None and place in consumer.consumption.stopped

    await until(is_noticed)
    assert len(await kept.states("id")) == 1
    await service.call("POST", RESUME.format(place.number))

    async def both_are_heard() -> bool:
        return len(await kept.states("id")) == 2

    await until(both_are_heard)


async def _partitions(service: AtWork) -> Any:
    async with service.running.database.transaction() as session:
        rows = await (await raw(session)).fetch("SELECT topic, topic_id, partition FROM consumer_offset")
    return [Partition(*row) for row in rows]


async def test_a_process_that_reads_nothing_itself_tells_how_far_each_topic_is_read(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        assert (await service.call("GET", STATE)).json()["backlog"] == {}
        await service.running.bus.publish([outgoing(lent("ann"), key="one") for _ in range(3)])
        behind = (await service.call("GET", STATE)).json()["backlog"]
        assert sorted(behind.values()) == [0, 3]

        service.running.work()

        async def is_read() -> bool:
            return set((await service.call("GET", STATE)).json()["backlog"].values()) == {0}

        await until(is_read)
        await service.running.rest()
        await service.running.bus.publish([outgoing(lent("ann"), key="one")])
        assert sorted((await service.call("GET", STATE)).json()["backlog"].values()) == [0, 1]


async def test_the_state_needs_no_second_connection(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        connections = service.running.settings.database_connections
        async with AsyncExitStack() as held:
            for _ in range(connections - 1):
                await held.enter_async_context(service.running.database.raw_transaction())
            async with asyncio.timeout(5):
                assert (await service.call("GET", STATE)).status_code == 200


async def test_the_state_is_shown_while_the_bus_is_away(service: AtWork, kept: Kept) -> None:
    await set_aside(service, broken())
    bus = service.running.bus
    assert isinstance(bus, PostgresBus)
    bus._pool.terminate()

    state = await service.call("GET", STATE)

    seen = state.json()
    assert (state.status_code, seen["backlog"], seen["is_backlog_known"], seen["topics"][0]["dead"]) == (200, {}, False, 1)


async def test_advancing_the_business_day_is_audited_and_standing_still_is_not(service: AtWork, kept: Kept) -> None:
    path = "/lending/v1/operations/business-day:advance"
    for day in ("2018-06-05", "2018-06-05"):
        assert (await service.call("POST", path, json={"day": day})).json() == {"day": day}
    back = await service.call("POST", path, json={"day": "2018-06-01"})

    assert (back.status_code, back.json()["code"]) == (409, "business-day-goes-back")
    assert await audit(kept) == [("lending_advance_business_day", "business_day", None, "advanced", {"day": ["2018-06-01", "2018-06-05"]})]
    actors = await kept.rows("SELECT actor, role, request_id IS NOT NULL AS traced FROM audit")
    assert actors == [{"actor": "officer", "role": "OFFICER", "traced": True}]
