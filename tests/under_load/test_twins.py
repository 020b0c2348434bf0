"""Twins, retries and two operators on one row, at every service that is written to, over real connections: one effect, and answers that are true."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from asked import ASKED, WRITERS
from desk import Desk

from common.testing.until import until

TWINS = 6
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_numbers = count(20_000)
each_writer = pytest.mark.parametrize("name", WRITERS)


def enter(desk: Desk, name: str, body: Mapping[str, Any], *, key: str | None = None, **more: Any) -> asyncio.Task[httpx2.Response]:
    what = ASKED[name]
    asked = desk.call("POST", f"/{name}/v1{what.path}", who=what.enters, json=body, headers={"Idempotency-Key": key or uuid4().hex}, **more)
    return asyncio.create_task(asked)


@asynccontextmanager
async def held_up(desk: Desk, name: str) -> AsyncIterator[None]:
    """Meanwhile whoever would enter something waits for his turn: in the midst of his act."""
    async with desk.city.services[name].database.raw_transaction() as connection:
        await connection.execute(f"LOCK TABLE {ASKED[name].table} IN EXCLUSIVE MODE")
        yield


async def some_wait(desk: Desk, name: str, number: int) -> None:
    async def do() -> bool:
        return int(await desk.value(name, _WAITING)) >= number

    await until(do)


async def effects(desk: Desk, name: str) -> tuple[int, int]:
    """How many rows there are, and how many acts made them."""
    table = ASKED[name].table
    rows = await desk.value(name, f"SELECT count(*) FROM {table}")
    acts = await desk.value(name, "SELECT count(*) FROM audit WHERE subject = $1 AND version = 1", table)
    return int(rows), int(acts)


@each_writer
async def test_twins_of_one_key_have_one_effect_and_whoever_is_told_of_it_is_told_of_the_same(desk: Desk, name: str) -> None:
    before, body, key = await effects(desk, name), ASKED[name].body(next(_numbers)), uuid4().hex
    async with held_up(desk, name):
        asked = [enter(desk, name, body, key=key) for _ in range(TWINS)]
        await some_wait(desk, name, 2)
    answers = await asyncio.gather(*asked)

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses.keys() <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"twin-in-flight"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await effects(desk, name) == (before[0] + 1, before[1] + 1)
    again = await enter(desk, name, body, key=key)
    assert (again.status_code, again.headers["Idempotent-Replay"]) == (201, "true")


@each_writer
async def test_the_same_thing_entered_by_several_at_the_same_instant_is_entered_once(desk: Desk, name: str) -> None:
    before, body = await effects(desk, name), ASKED[name].body(next(_numbers))
    async with held_up(desk, name):
        asked = [enter(desk, name, body) for _ in range(TWINS)]
        await some_wait(desk, name, 2)
    answers = await asyncio.gather(*asked)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: TWINS - 1}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"entered-meanwhile", ASKED[name].twice}
    assert await effects(desk, name) == (before[0] + 1, before[1] + 1)


@each_writer
async def test_a_retry_after_a_timeout_waits_for_the_first_one_that_still_runs_and_gets_its_answer(desk: Desk, name: str) -> None:
    before, body, key = await effects(desk, name), ASKED[name].body(next(_numbers)), uuid4().hex
    async with held_up(desk, name):
        impatient = enter(desk, name, body, key=key, timeout=0.5)
        await some_wait(desk, name, 1)
        with pytest.raises(httpx2.ReadTimeout):
            await impatient
        meanwhile = await enter(desk, name, body, key=key)
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "twin-in-flight")

    answers = [meanwhile]

    async def is_answered() -> bool:
        answers.append(await enter(desk, name, body, key=key))
        return answers[-1].status_code == 201

    await until(is_answered)
    assert answers[-1].headers["Idempotent-Replay"] == "true"
    assert await effects(desk, name) == (before[0] + 1, before[1] + 1)


@each_writer
async def test_one_key_for_two_contents_is_refused_and_the_first_stands(desk: Desk, name: str) -> None:
    key, before = uuid4().hex, await effects(desk, name)
    first = await enter(desk, name, ASKED[name].body(next(_numbers)), key=key)
    other = await enter(desk, name, ASKED[name].body(next(_numbers)), key=key)

    assert (first.status_code, other.status_code, other.json()["code"]) == (201, 422, "idempotency-key-reused")
    assert "另一份内容" in other.json()["title"]
    assert await effects(desk, name) == (before[0] + 1, before[1] + 1)


@each_writer
async def test_of_two_operators_on_one_row_one_is_told_to_read_again(desk: Desk, name: str) -> None:
    what = ASKED[name]
    row = (await enter(desk, name, what.body(next(_numbers)))).json()
    method, verb, body = what.change
    path = f"/{name}/v1{what.path}/{row['id']}"
    content = {**what.body(0), **body} if method == "PUT" else body
    content.pop("occupation", None)
    async with held_up(desk, name):
        asked = [
            asyncio.create_task(desk.call(method, path + verb, who=what.enters, json=content, headers={"If-Match": '"1"'}))
            for _ in range(2)
        ]
        await some_wait(desk, name, 2)
    answers = sorted(await asyncio.gather(*asked), key=lambda answer: answer.status_code)

    assert [answer.status_code for answer in answers] == [200, 412], [answer.text for answer in answers]
    assert (answers[1].json()["code"], answers[1].json()["title"]) == ("precondition-failed", "数据已被他人修改，请重新读取")
    assert answers[0].headers["ETag"] == '"2"'
    assert await desk.value(name, f"SELECT version FROM {what.table} WHERE id::text = $1", row["id"]) == 2
