"""The operators' console: what a dead letter says without naming anybody, many of them together, failed dossiers, and how far reading is behind."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lending.app import TODAY, lending
from lending.desk import Kept, lent, outgoing
from lending.facts import LoanFact

from common.bus.masking import UNKNOWN, masked, vocabulary
from common.bus.protocol import Outgoing
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from common.testing.until import until

ROOT = "/lending/v1/operations"
LETTERS = f"{ROOT}/dead-letters"
CARD, MOBILE = "320599197001010011", "13800001111"


@pytest.fixture
def kept(service: AtWork) -> Kept:
    return Kept(service.running.database)


def broken(reader: str = "ann", **changed: Any) -> Outgoing:
    loan = lent(reader)
    return outgoing(loan, value=json.dumps(loan.model_dump(mode="json") | {"days": "many"} | changed, ensure_ascii=False).encode())


async def listed(service: AtWork, **filters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await service.call("GET", LETTERS, params={"limit": "100", **filters})).json()["items"]
    return found


async def set_aside(service: AtWork, *sent: Outgoing) -> list[dict[str, Any]]:
    """Publish, and wait until so many wait there."""
    await service.running.bus.publish(sent)

    async def lie_there() -> bool:
        return len(await listed(service)) == len(sent)

    await until(lie_there)
    return await listed(service)


async def post(service: AtWork, path: str, **body: Any) -> Any:
    answer = await service.call("POST", f"{ROOT}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_dead_letters_content_is_shown_without_what_could_name_a_person(service: AtWork) -> None:
    (letter,) = await set_aside(service, broken("王小明", days=f"{CARD}?", phone=MOBILE))

    shown = (await service.call("GET", f"{LETTERS}/{letter['id']}")).json()

    assert shown["content"] == {
        "id": letter["aggregate_id"], "reader": "（文字，3 字）", "book": None, "days": "（文字，19 字）", UNKNOWN: "1 个",
    }  # fmt: skip
    assert not any(value in json.dumps(shown, ensure_ascii=False) for value in ("王小明", CARD, MOBILE))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f'{{"days": {CARD}}}', {"days": "[redacted]"}),
        (f'{{"days": {MOBILE}}}', {"days": "[redacted]"}),
        (f'{{"days": {MOBILE}.0}}', {"days": "[redacted]"}),
        ('{"days": 622202100123}', {"days": "[redacted]"}),
        ('{"days": 3.20599197001010011e17}', {"days": "[redacted]"}),
        ('{"days": 12000000}', {"days": 12000000}),
        (
            f'{{"reader": ["{MOBILE}", "6-29-02-01", "2018-06-01", true, 3]}}',
            {"reader": ["（文字，11 字）", "6-29-02-01", "2018-06-01", True, 3]},
        ),
        (f'{{"{CARD}": 1, "reader": {{"{CARD}": 2}}}}', {UNKNOWN: "1 个", "reader": {UNKNOWN: "1 个"}}),
        ('{"reader": "ZHANG_SAN"}', {"reader": "（文字，9 字）"}),
        ('{"reader": "0512-58123"}', {"reader": "（文字，10 字）"}),
        ("[" * 100_000, None),
        (f"id={CARD}", None),
        ('"text"', "（文字，4 字）"),
    ],
)
def test_content_is_masked_whatever_it_is(value: str, shown: Any) -> None:
    assert masked(value.encode(), vocabulary(LoanFact)) == shown


async def test_of_a_topic_that_is_no_longer_read_every_field_is_unknown(service: AtWork, kept: Kept) -> None:
    (letter,) = await set_aside(service, broken())
    await kept.rows("UPDATE dead_letter SET topic = 'desk.closed' RETURNING id")

    assert (await service.call("GET", f"{LETTERS}/{letter['id']}")).json()["content"] == {UNKNOWN: "4 个"}


async def test_one_field_is_put_right_and_the_rest_stays_unseen(service: AtWork, kept: Kept) -> None:
    (letter,) = await set_aside(service, broken("王小明"))

    await post(service, f"dead-letters/{letter['id']}:fix", changes={"days": 4})
    await post(service, f"dead-letters/{letter['id']}:replay")

    assert [json.loads(state)["reader"] for state in await kept.values("SELECT state::text FROM replica_desk_loan")] == ["王小明"]


@pytest.mark.parametrize("body", [{}, {"changes": {"days": 1}, "data": {}}])
async def test_changes_or_the_whole_and_not_both(service: AtWork, body: dict[str, Any]) -> None:
    (letter,) = await set_aside(service, broken())
    answer = await service.call("POST", f"{LETTERS}/{letter['id']}:fix", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_what_is_no_object_cannot_be_put_right_by_field(service: AtWork) -> None:
    for value, why in ((b"[]", "data: not an object, give it whole"), (b"{", "data: not JSON, give it whole")):
        await service.running.bus.publish([outgoing(lent(), value=value)])

        async def lies_there() -> bool:
            return len(await listed(service)) == 1

        await until(lies_there)
        (letter,) = await listed(service)
        answer = await service.call("POST", f"{LETTERS}/{letter['id']}:fix", json={"changes": {"days": 1}})
        assert (answer.status_code, answer.json()["detail"]) == (409, why)
        await post(service, f"dead-letters/{letter['id']}:discard", reason="发送方已更正")


async def test_many_of_one_reason_are_replayed_or_discarded_together_and_each_is_audited(service: AtWork, kept: Kept) -> None:
    letters = await set_aside(service, broken(), broken(), broken(), broken(days=None), outgoing(lent(), headers={"ce_version": "?"}))
    groups = (await service.call("GET", f"{LETTERS}/groups")).json()["items"]
    assert {(group["reason"], group["letters"]) for group in groups} == {
        ("days: int_parsing", 3), ("days: int_type", 1), ("ce_version is malformed", 1),
    }  # fmt: skip
    chosen = {"topic": "desk.loan", "reason": "days: int_parsing"}
    right = next(letter for letter in letters if letter["reason"] == "days: int_parsing")
    await post(service, f"dead-letters/{right['id']}:fix", changes={"days": 2})

    first = await post(service, "dead-letters:replay", **chosen, limit=2)
    rest = await post(service, "dead-letters:replay", **chosen)
    assert first["done"] + rest["done"] == 1
    assert (rest["left"], len(await kept.states("id"))) == (2, 1)

    gone = await post(service, "dead-letters:discard", **chosen, because="发送方已重新发送")
    assert gone == {"done": 2, "still_unreadable": 0, "left": 0}
    assert len(await listed(service)) == 2
    assert {letter["ended_reason"] for letter in await listed(service, state="DISCARDED")} == {"发送方已重新发送"}
    assert [letter["id"] for letter in await listed(service, state="REPLAYED")] == [right["id"]]
    verbs = await kept.values("SELECT verb FROM audit ORDER BY id")
    assert (verbs.count("replayed"), verbs.count("discarded"), verbs.count("fixed")) == (1, 2, 1)
    assert await kept.value("SELECT count(*) FROM audit WHERE subject_id IS NULL") == 0


async def test_filters_choose_and_an_overtaken_one_shows_itself_as_resolved(service: AtWork) -> None:
    loan = lent()
    await set_aside(service, outgoing(loan, value=b"{"), broken())
    assert len(await listed(service, topic="desk.loan", reason="days: int_parsing")) == 1
    assert await listed(service, topic="desk.other") == []

    await service.running.bus.publish([outgoing(loan, 2)])

    async def is_overtaken() -> bool:
        return len(await listed(service, state="OVERTAKEN")) == 1

    await until(is_overtaken)
    (resolved,) = await listed(service, state="OVERTAKEN")
    assert (resolved["aggregate_id"], resolved["ended_reason"]) == (str(loan.id), "a version as new has come")
    assert len(await listed(service)) == 1


async def test_the_reason_that_somebody_typed_is_shown_without_numbers_that_name_a_person(service: AtWork) -> None:
    (letter,) = await set_aside(service, broken())
    answer = await post(service, f"dead-letters/{letter['id']}:discard", reason=f"发送方 {CARD} 已作废")
    assert answer["ended_reason"] == "发送方 [redacted] 已作废"


async def fail(service: AtWork, *readers: str) -> None:
    """Dossiers that failed and are to be tried again in an hour."""
    async with service.running.database.transaction() as session:
        await (await raw(session)).execute(
            """
            INSERT INTO dossier (kind, id, dirty, urgency, cause, failures, failed_reason, try_again_at)
            SELECT 'reader', r, 1, 0, 'test', 3, CASE WHEN r LIKE 'a%' THEN 'Ambiguous' ELSE 'TimeoutError' END, now() + interval '1 hour'
            FROM unnest($1::text[]) AS r
            """,
            list(readers),
        )


async def dossiers(service: AtWork, **query: Any) -> Any:
    return (await service.call("GET", f"{ROOT}/dossiers", params=query)).json()


async def test_failed_dossiers_are_listed_in_pages_with_their_reason(service: AtWork) -> None:
    await fail(service, "ann", "bob", "cid")
    first = await dossiers(service, limit=2)
    second = await dossiers(service, limit=2, cursor=first["next_cursor"], state="WAITING")

    assert [each["id"] for each in first["items"] + second["items"]] == ["ann", "bob", "cid"]
    assert second["next_cursor"] is None
    assert {key: first["items"][0][key] for key in ("kind", "is_dirty", "failures", "reason", "cause")} == {
        "kind": "reader", "is_dirty": True, "failures": 3, "reason": "Ambiguous", "cause": "test",
    }  # fmt: skip
    assert (await dossiers(service, kind="shelf"))["items"] == []


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzEsMl0", "WyJhXHUwMDAwIiwgImIiXQ"])
async def test_a_cursor_that_is_none_of_ours_is_refused(service: AtWork, cursor: str) -> None:
    answer = await service.call("GET", f"{ROOT}/dossiers", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor-unreadable")


async def test_failed_dossiers_are_taken_up_at_once_when_somebody_says_so(service: AtWork, kept: Kept) -> None:
    await fail(service, "ann", "bob", "cid")

    assert await post(service, "dossiers:retry", kind="reader", reason="TimeoutError") == {"dossiers": 2}

    async def are_clean() -> bool:
        return [each["id"] for each in (await dossiers(service))["items"]] == ["ann"]

    await until(are_clean)
    assert await post(service, "dossiers:retry", kind="reader", id="ann") == {"dossiers": 1}
    assert await kept.rows("SELECT verb, changes::text FROM audit ORDER BY id") == [
        {"verb": "retried", "changes": '{"kind": "reader", "dossiers": 2}'}, {"verb": "retried", "changes": '{"kind": "reader", "dossiers": 1}'},
    ]  # fmt: skip
    nothing = await service.call("POST", f"{ROOT}/dossiers:retry", json={"kind": "shelf"})
    assert (nothing.status_code, nothing.json()["detail"]) == (404, "没有这样的失败卷宗")


async def topic(service: AtWork) -> dict[str, Any]:
    (found,) = (await service.call("GET", f"{ROOT}/state")).json()["topics"]
    return dict(found)


async def test_how_far_reading_is_behind_is_told_by_the_oldest_that_was_read(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as service:
        old = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        await service.running.bus.publish([outgoing(lent(), key="one", headers={"ce_time": old})])
        assert ((await topic(service))["unread"], (await topic(service))["behind_seconds"]) == (1, None)

        service.running.work()

        async def is_read() -> bool:
            return bool((await topic(service))["unread"] == 0)

        await until(is_read)
        assert (await topic(service))["behind_seconds"] == 0
        await service.running.rest()
        await service.running.bus.publish([outgoing(lent(), key="one", headers={"ce_time": "?"})])
        assert 300 <= (await topic(service))["behind_seconds"] < 400

        # One whose envelope is garbled moves the position and not the time.
        service.running.work()
        await until(is_read)
        await service.running.rest()
        await service.running.bus.publish([outgoing(lent(), key="one")])
        assert 300 <= (await topic(service))["behind_seconds"] < 400


async def test_the_speed_of_reading_is_what_came_within_about_a_minute(service: AtWork, kept: Kept) -> None:
    await service.running.bus.publish([outgoing(lent()) for _ in range(10)])

    async def are_heard() -> bool:
        return len(await kept.states("id")) == 10

    await until(are_heard)
    assert 9 <= (await topic(service))["per_minute"] <= 10
    await kept.rows("UPDATE fact_count SET rated_at = rated_at - interval '1 minute' RETURNING 1")
    assert 3.3 <= (await topic(service))["per_minute"] <= 3.7, "a third, a minute later"
    await service.running.bus.publish([outgoing(lent())])

    async def one_more() -> bool:
        return len(await kept.states("id")) == 11

    await until(one_more)
    assert 4.3 <= (await topic(service))["per_minute"] <= 4.7
    await kept.rows("UPDATE fact_count SET rated_at = rated_at - interval '10 years' RETURNING 1")
    assert (await topic(service))["per_minute"] == 0
