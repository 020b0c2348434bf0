"""Lists in pages, and reading one's own write."""

from itertools import pairwise
from uuid import uuid4

import pytest
from lending.counter import Asking, ids


async def test_pages_under_insertions_skip_nothing_and_show_nothing_twice(ask: Asking) -> None:
    stood = [(await ask.enter(f"书{nth}", "C7", key=uuid4().hex)).json()["id"] for nth in range(7)]
    seen, cursor, pages = [], None, 0
    while True:
        answer = await ask("GET", "/books", params={"shelf": "C7", "limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += ids(answer)
        pages += 1
        await ask.enter(f"新{pages}", "C7", key=uuid4().hex)
        if (cursor := answer.json()["next_cursor"]) is None:
            break

    assert [str(each) for each in seen] == stood[::-1]
    assert all(one > other for one, other in pairwise(seen)), "newest first"
    assert pages == 4


@pytest.mark.parametrize(("asked", "code"), [({"limit": 0}, "invalid"), ({"limit": 101}, "invalid"), ({"cursor": "x"}, "cursor-unreadable"),
                                             ({"shelf": "A1", "colour": "red"}, "unknown-filter")])  # fmt: skip
async def test_what_cannot_be_asked_is_refused(ask: Asking, asked: dict[str, str], code: str) -> None:
    answer = await ask("GET", "/books", params=asked)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_who_has_written_reads_what_he_wrote_with_his_token(ask: Asking) -> None:
    written = await ask.enter("令牌", key=uuid4().hex)
    token = written.headers["Consistency-Token"]

    answer = await ask("GET", f"/books/{written.json()['id']}", params={"after": token})

    assert (answer.status_code, answer.json()["name"]) == (200, "令牌")


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda _: "", lambda _: ".", lambda t: t.swapcase(), lambda t: t.partition(".")[0]]
)
async def test_a_token_that_was_changed_is_refused(ask: Asking, spoil: object) -> None:
    token = (await ask.enter("令牌", key=uuid4().hex)).headers["Consistency-Token"]

    answer = await ask("GET", "/books", params={"after": spoil(token)})  # type: ignore[operator]

    assert (answer.status_code, answer.json()["code"]) == (422, "token-unreadable")


async def test_more_than_eight_tokens_are_refused(ask: Asking) -> None:
    token = (await ask.enter("令牌", key=uuid4().hex)).headers["Consistency-Token"]

    assert [(await ask("GET", "/books", params={"after": [token] * n})).status_code for n in (8, 9)] == [200, 422]
