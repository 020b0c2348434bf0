"""Pages of a list while others write: of what stood throughout nothing is skipped and nothing seen twice, at every service."""

import asyncio
from collections import Counter
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from asked import ASKED, WRITERS, Asked
from desk import Desk

STANDING = 23
_numbers = count(40_000)
_ENTITLEMENT = """
    INSERT INTO entitlement (id, version, scheme, entitlement_key, dossier_kind, dossier_id, payee_kind, payee_id, state, due_fen, accruing_fen,
        would_be_fen, settled_fen, decided_on, decision_id)
    VALUES (gen_random_uuid(), 1, 'pages', $1, 'none', 'pages', 'PERSON', gen_random_uuid(), 'DUE', 5, 0, 0, 0, '2018-06-01', gen_random_uuid())
    RETURNING id::text
"""


async def enter(desk: Desk, name: str, what: Asked) -> str:
    """One more row; its id."""
    number = next(_numbers)
    if not what.path:  # what is owed nobody enters: it follows from facts
        return str(await desk.value(name, _ENTITLEMENT, str(number)))
    headers = {"Idempotency-Key": uuid4().hex}
    answer = await desk.call("POST", f"/{name}/v1{what.path}", who=what.enters, json=what.body(number), headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def change(desk: Desk, name: str, what: Asked, row_id: str) -> None:
    """Something of it, so that a list that is ordered by anything but its key would move it."""
    if not what.path:
        await desk.value(name, "UPDATE entitlement SET version = version + 1, due_fen = due_fen + 1 WHERE id::text = $1", row_id)
        return
    method, verb, body = what.change
    content = {**what.body(0), **body} if method == "PUT" else dict(body)
    content.pop("occupation", None)
    path = f"/{name}/v1{what.path}/{row_id}{verb}"
    answer = await desk.call(method, path, who=what.enters, json=content, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ASKED)
async def test_what_stood_throughout_is_seen_once(desk: Desk, name: str) -> None:
    what = ASKED[name]
    stood = [await enter(desk, name, what) for _ in range(STANDING)]
    ended = asyncio.Event()

    async def write() -> int:
        written = 0
        while not ended.is_set():
            await enter(desk, name, what)
            if written < STANDING:
                await change(desk, name, what, stood[written * 7 % STANDING])
            written += 1
        return written

    writing = [asyncio.create_task(write())]
    seen: Counter[str] = Counter()
    cursor, pages = None, 0
    while True:
        asked: dict[str, Any] = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        answer = await desk.call("GET", f"/{name}/v1{what.lists}", params=asked)
        assert answer.status_code == 200, answer.text
        seen.update(item["id"] for item in answer.json()["items"])
        pages += 1
        if (cursor := answer.json()["next_cursor"]) is None:
            break
    ended.set()
    written = sum(await asyncio.gather(*writing))
    if not what.path:
        await desk.value(name, "DELETE FROM entitlement WHERE scheme = 'pages'")

    assert max(seen.values()) == 1
    assert set(stood) <= seen.keys()
    assert (pages > STANDING // 4, written > 0) == (True, True)


def test_every_service_is_tried() -> None:
    assert set(WRITERS) | {"awards"} == set(ASKED)
