"""More requests than a process can work on: a few wait in line, the rest is told to come back, and who watches is answered all the while."""

import asyncio
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from lending.app import TODAY
from lending.counter import Gate, gates
from lending.wire import wire
from prometheus_client.parser import text_string_to_metric_families

from common.testing.at_work import settings
from common.testing.until import until
from common.web import consistency
from common.web.line import Line, Overloaded
from common.work import SeenVersion

LIMITS = settings("postgresql://nobody", TODAY).limits
MANY = 5 * (LIMITS.at_work + LIMITS.waiting)


async def figure(served: Any, name: str, **labels: str) -> float:
    page = (await served.ask.client.get("/lending/metrics")).text
    wanted = {"service": "lending"} | labels
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == f"craftport_{name}" and sample.labels == wanted
    )


def test_the_limits_leave_connections_to_those_who_watch() -> None:
    assert LIMITS.at_work == settings("postgresql://nobody", TODAY).database_connections - 2


@pytest.mark.slow
async def test_five_times_its_capacity_a_few_wait_the_rest_is_told_to_come_back_and_it_recovers_at_once(over_sockets: Any) -> None:
    name, before = f"burst{uuid4().hex[:6]}", await figure(over_sockets, "requests_refused_total", code="overloaded")
    gates[name] = Gate()

    def enter() -> asyncio.Task[httpx2.Response]:
        return asyncio.create_task(over_sockets.ask("POST", f"/trying/{name}/slowly", headers={"Idempotency-Key": uuid4().hex}))

    asked = [enter() for _ in range(MANY)]

    async def all_but_those_who_may_stay_are_answered() -> bool:
        return sum(each.done() for each in asked) >= MANY - LIMITS.at_work - LIMITS.waiting

    await until(all_but_those_who_may_stay_are_answered)
    at_work = await figure(over_sockets, "requests_at_work", line="callers")
    health = [await over_sockets.ask.client.get(f"/lending/health/{word}") for word in ("live", "ready")]
    gates[name].opened.set()
    answers = await asyncio.gather(*asked)
    ended = time.monotonic()
    recovered = await over_sockets.ask("GET", "/books")

    statuses = Counter(answer.status_code for answer in answers)
    refused = [answer for answer in answers if answer.status_code == 503]
    assert statuses.keys() == {201, 503}
    assert statuses[503] >= MANY - LIMITS.at_work - LIMITS.waiting
    assert LIMITS.at_work <= statuses[201] == await over_sockets.ask.count(name), "who is told that nothing was done may believe it"
    assert {(answer.json()["code"], answer.headers["Retry-After"], answer.headers["content-type"]) for answer in refused} == {
        ("overloaded", "2", "application/problem+json")
    }
    assert at_work == LIMITS.at_work
    assert [answer.status_code for answer in health] == [200, 200]
    assert await figure(over_sockets, "requests_refused_total", code="overloaded") - before == statuses[503]
    assert (recovered.status_code, time.monotonic() - ended < 5) == (200, True)
    assert await figure(over_sockets, "requests_waiting", line="callers") == 0
    await over_sockets.nothing_is_held()


async def test_who_only_waits_for_his_own_write_holds_no_place(over_sockets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "_WAIT_SECONDS", 1.5)
    unheard = over_sockets.ask.at.app.state.consistency_tokens.sign([SeenVersion("desk.loan", uuid4(), 1, 1)])
    waiting = [
        asyncio.create_task(over_sockets.ask("GET", "/books", params={"after": unheard}, who="officer")) for _ in range(LIMITS.at_work * 3)
    ]

    async def all_wait() -> bool:
        return bool(over_sockets.ask.at.app.state.waiting._waiters == len(waiting))

    await until(all_wait)
    others = await over_sockets.ask("GET", "/books")
    unfinished = sum(not each.done() for each in waiting)
    answers = await asyncio.gather(*waiting)

    assert (others.status_code, unfinished) == (200, len(waiting))
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, "not-yet-heard")}


async def test_bodies_that_are_not_whole_yet_hold_no_place(over_sockets: Any) -> None:
    headers = over_sockets.login() | {"Content-Type": "application/json", "Content-Length": "50", "Idempotency-Key": uuid4().hex}
    async with wire(over_sockets.port) as speaking:
        await speaking.ask("POST", "/lending/v1/books", headers, b"{")
        assert (await over_sockets.ask("GET", "/books")).status_code == 200

        async def nobody_is_at_work() -> bool:
            return await figure(over_sockets, "requests_at_work", line="callers") == 0

        await until(nobody_is_at_work)


async def test_places_are_given_in_order_and_nobody_waits_longer_than_was_said() -> None:
    line = Line("test", "test", at_work=1, waiting=2, wait_seconds=0.2)
    await line.enter()
    order: list[int] = []

    async def enter(number: int) -> None:
        await line.enter()
        order.append(number)

    first, second = asyncio.create_task(enter(1)), asyncio.create_task(enter(2))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await line.enter()
    line.leave()
    await first
    with pytest.raises(Overloaded):
        await second
    line.leave()
    await line.enter()

    assert order == [1]


async def test_who_gives_up_waiting_takes_no_place_with_him() -> None:
    line = Line("test", "test", at_work=1, waiting=5, wait_seconds=5)
    await line.enter()
    patient, gone = asyncio.create_task(line.enter()), asyncio.create_task(line.enter())
    await asyncio.sleep(0)
    patient.cancel()
    line.leave()
    gone.cancel()
    await asyncio.gather(patient, gone, return_exceptions=True)

    async with asyncio.timeout(1):
        await line.enter()
