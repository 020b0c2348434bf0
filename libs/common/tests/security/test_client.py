"""Calling another service: as oneself, with a token that is renewed in time, and with its refusals passed on."""

import time
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from common.refusal import Unavailable
from common.security import client as module
from common.security.client import ClientCredentials, RefusedThere, ServiceClient

HOUR = 3600


class Others:
    """The issuer and another service; `answers` are given in order, the last for ever."""

    def __init__(self) -> None:
        self.tokens_given = 0
        self.seen: list[str] = []
        self.answers: list[httpx2.Response | type[Exception]] = [httpx2.Response(200, json={"ok": True})]
        self.refuses_tokens = False

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/identity/token":
            if self.refuses_tokens:
                return httpx2.Response(400, json={"error": "invalid_grant"})
            self.tokens_given += 1
            return httpx2.Response(200, json={"access_token": f"token-{self.tokens_given}", "expires_in": HOUR})
        self.seen.append(request.headers["Authorization"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, type):
            raise answer("away")
        return httpx2.Response(answer.status_code, content=answer.content)


@pytest.fixture
def others() -> Others:
    return Others()


@pytest.fixture
async def service(others: Others) -> AsyncIterator[ServiceClient]:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(others), base_url="http://craftport.test")
    client.auth = ClientCredentials("http://craftport.test/identity/token", "service-lending", "secret")
    async with client:
        yield ServiceClient(client)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    passed = [0.0]
    true = time.monotonic
    monkeypatch.setattr(module.time, "monotonic", lambda: true() + passed[0])
    return lambda seconds: passed.__setitem__(0, passed[0] + seconds)


async def test_one_token_serves_many_calls_and_is_renewed_before_it_ends(
    others: Others, service: ServiceClient, later: Callable[[float], None]
) -> None:
    await service.post("/a", {})
    later(HOUR - 90)
    await service.post("/a", {})
    later(40)  # fifty seconds before its end
    await service.post("/a", {})

    assert others.seen == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_what_is_merely_away_is_tried_again(others: Others, service: ServiceClient) -> None:
    others.answers = [httpx2.ConnectError, httpx2.ReadTimeout, httpx2.Response(200, json={"ok": 7})]

    assert await service.post("/a", {}) == {"ok": 7}


@pytest.mark.parametrize("answer", [httpx2.ConnectError, httpx2.Response(429, text="<html>"), httpx2.Response(500), httpx2.Response(503)])
async def test_what_stays_away_makes_us_unavailable(
    others: Others, service: ServiceClient, answer: httpx2.Response | type[Exception]
) -> None:
    others.answers = [answer]
    with pytest.raises(Unavailable):
        await service.post("/a", {})


async def test_a_refusal_there_is_a_refusal_here(others: Others, service: ServiceClient) -> None:
    others.answers = [httpx2.Response(409, json={"code": "book-is-chained", "title": "这本书不能移动"})]
    with pytest.raises(RefusedThere) as refused:
        await service.post("/a", {})
    assert (refused.value.status, refused.value.code, refused.value.title) == (409, "book-is-chained", "这本书不能移动")


async def test_credentials_that_the_issuer_refuses_make_us_unavailable(others: Others, service: ServiceClient) -> None:
    others.refuses_tokens = True
    with pytest.raises(Unavailable, match="凭证"):
        await service.post("/a", {})
