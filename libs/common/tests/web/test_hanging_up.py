"""A caller who hangs up in the middle, over real connections: what he asked for is done whole or not at all, and nothing stays held."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from lending.counter import Gate, gates
from lending.wire import wire

from common.testing.until import until

JSON = {"Content-Type": "application/json"}
UPLOAD = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize("framing", ["declared", "chunked"])
@pytest.mark.parametrize("kind", [JSON, UPLOAD])
async def test_before_the_body_is_whole_nothing_is_done(over_sockets: Any, framing: str, kind: dict[str, str]) -> None:
    name, once = f"halb{uuid4().hex[:6]}", uuid4().hex
    said = b'{"name": "%s", "shelf": "A1"}' % name.encode()
    if kind is UPLOAD:
        said = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n' + "书名,书架\n某,A1\n".encode() * 9000
    path = "/lending/v1/books" if kind is JSON else "/lending/v1/imports/books"
    length = {"Content-Length": str(len(said) + 10)} if framing == "declared" else {"Transfer-Encoding": "chunked"}
    async with wire(over_sockets.port) as speaking:
        body = said if framing == "declared" else b"%x\r\n%s\r\n" % (len(said), said)
        await speaking.ask("POST", path, over_sockets.login() | kind | length | {"Idempotency-Key": once}, body)
        speaking.hang_up()

    await over_sockets.nothing_is_held()
    assert await over_sockets.ask.count(name) == 0
    async with over_sockets.ask.at.running.database.raw_transaction() as connection:
        assert await connection.fetchval("SELECT count(*) FROM job") == 0
    assert (await over_sockets.ask.enter(name, key=once)).status_code == 201, "the key is still free"


async def test_while_the_act_runs_it_is_done_whole_and_a_retry_gets_its_answer(over_sockets: Any) -> None:
    name, once = f"slow{uuid4().hex[:6]}", {"Idempotency-Key": uuid4().hex}
    gates[name] = Gate()
    async with wire(over_sockets.port) as speaking:
        await speaking.ask("POST", f"/lending/v1/trying/{name}/slowly", over_sockets.login() | once)
        await gates[name].entered.wait()
        speaking.hang_up()
    meanwhile = await over_sockets.ask("POST", f"/trying/{name}/slowly", headers=once)
    gates[name].opened.set()

    async def is_done() -> bool:
        return bool(await over_sockets.ask.count(name))

    await until(is_done)
    again = await over_sockets.ask("POST", f"/trying/{name}/slowly", headers=once)

    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "twin-in-flight")
    assert (again.status_code, again.headers["Idempotent-Replay"]) == (201, "true")
    assert await over_sockets.ask.count(name) == 1
    await over_sockets.nothing_is_held()


@pytest.mark.slow
async def test_many_who_hang_up_at_any_moment_leave_every_act_whole_and_no_connection_held(over_sockets: Any) -> None:
    name = f"any{uuid4().hex[:6]}"
    said = b'{"name": "%s", "shelf": "A1"}' % name.encode()

    async def ask_and_leave(nth: int) -> None:
        async with wire(over_sockets.port) as speaking:
            headers = over_sockets.login() | JSON | {"Content-Length": str(len(said)), "Idempotency-Key": f"{name}-{nth:04d}"}
            await speaking.ask("POST", "/lending/v1/books", headers, said)
            for _ in range(nth):
                await asyncio.sleep(0)  # one turn of the loop more than the one before

    for nth in range(60):
        await ask_and_leave(nth)
    await over_sockets.nothing_is_held()
    async with over_sockets.ask.at.running.database.raw_transaction() as connection:
        done = await connection.fetchval("SELECT count(*) FROM book WHERE name = $1", name)
        kept = await connection.fetchval("SELECT count(*) FROM idempotency WHERE key LIKE $1 AND resource_id IS NOT NULL", f"{name}-%")
        told = await connection.fetchval("SELECT count(*) FROM outbox WHERE aggregate_id IN (SELECT id FROM book WHERE name = $1)", name)
        seen = await connection.fetchval("SELECT count(*) FROM audit WHERE subject_id IN (SELECT id FROM book WHERE name = $1)", name)

    assert 0 < done == kept == told == seen
    answers = [
        await over_sockets.ask("POST", "/books", content=said, headers=JSON | {"Idempotency-Key": f"{name}-{nth:04d}"}) for nth in range(60)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert await over_sockets.ask.count(name) == 60
