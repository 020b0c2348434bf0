"""Acts over REST: done once however often they are sent, and never upon a version that nobody has seen."""

import asyncio
from uuid import uuid4

from lending.counter import Asking, Gate, gates

from common.security.principal import Role


def key() -> str:
    return uuid4().hex


async def test_a_retry_makes_nothing_and_answers_the_same(ask: Asking) -> None:
    name, once = f"书{key()[:8]}", key()
    first, again = [await ask.enter(name, key=once) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers.get("Idempotent-Replay"), again.headers["Idempotent-Replay"]) == (None, "true")
    assert first.headers["ETag"] == again.headers["ETag"] == '"1"'
    assert await ask.count(name) == 1


async def test_a_retry_is_answered_with_the_status_of_the_first_although_the_route_says_another_by_now(ask: Asking) -> None:
    once = key()
    await ask.enter("状态", key=once)
    async with ask.at.running.database.raw_transaction() as connection:
        await connection.execute("UPDATE idempotency SET status = 202 WHERE key = $1", once)

    assert (await ask.enter("状态", key=once)).status_code == 202


async def test_twins_of_the_same_instant_make_one_thing(ask: Asking) -> None:
    name, once = f"书{key()[:8]}", key()
    answers = await asyncio.gather(*(ask.enter(name, key=once) for _ in range(5)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(made) >= 1
    assert len(set(made)) == 1
    assert await ask.count(name) == 1


async def test_a_retry_while_the_first_still_runs_is_told_to_wait_and_then_gets_its_answer(ask: Asking) -> None:
    name, once = f"slow{key()[:8]}", {"Idempotency-Key": key()}
    gates[name] = Gate()
    first = asyncio.create_task(ask("POST", f"/trying/{name}/slowly", headers=once))
    await gates[name].entered.wait()

    meanwhile = await ask("POST", f"/trying/{name}/slowly", headers=once)
    gates[name].opened.set()
    done, afterwards = await first, await ask("POST", f"/trying/{name}/slowly", headers=once)

    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "twin-in-flight")
    assert (done.status_code, afterwards.headers["Idempotent-Replay"], afterwards.json()["id"]) == (201, "true", done.json()["id"])
    assert await ask.count(name) == 1


async def test_the_same_key_for_something_else_is_refused(ask: Asking) -> None:
    once = key()
    made, refused = await ask.enter("一本", key=once), await ask.enter("两本", key=once)

    assert (made.status_code, refused.status_code, refused.json()["code"]) == (201, 422, "idempotency-key-reused")


async def test_a_refusal_is_not_kept_the_key_may_be_used_again(ask: Asking) -> None:
    once = key()
    refused = await ask.enter("chained", key=once)
    again = await ask.enter("chained", key=once)
    mended = await ask.enter("loose", key=once)

    assert [answer.status_code for answer in (refused, again, mended)] == [409, 409, 201]


async def test_the_same_key_of_another_is_another_key(ask: Asking) -> None:
    other, once = ask.at.account(Role.CLERK), key()
    mine, theirs = await ask.enter("同一本", key=once), await ask.enter("同一本", key=once, who=other)

    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


async def test_a_change_needs_the_version_that_stands(ask: Asking) -> None:
    book = (await ask.enter("可移", key=key())).json()
    path = f"/books/{book['id']}"

    async def move(shelf: str, version: str | None) -> int:
        headers = {} if version is None else {"If-Match": version}
        return (await ask("PUT", path, json={"shelf": shelf}, headers=headers)).status_code

    assert [await move("B1", version) for version in (None, "1", 'W/"1"', '"2"', '"1"', '"1"', '"2"')] == [
        428,
        422,
        422,
        412,
        200,
        412,
        200,
    ]
    read = await ask("GET", path)
    assert (read.headers["ETag"], read.json()["version"], read.json()["shelf"]) == ('"2"', 2, "B1"), "what changes nothing is no version"


async def test_of_two_who_change_one_version_one_is_refused(ask: Asking) -> None:
    book = (await ask.enter("两人", key=key())).json()
    answers = await asyncio.gather(
        *(ask("PUT", f"/books/{book['id']}", json={"shelf": shelf}, headers={"If-Match": '"1"'}) for shelf in ("B1", "B2"))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
