"""Tokens: who may come in is decided by one issuer's keys, for this audience, now, and by nothing that a token says of itself."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

from common.refusal import Unavailable
from common.security import tokens as module
from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.security.tokens import TokenExpired, TokenInvalid, Tokens
from common.settings import Environment

GATEWAY, AUDIENCE = "http://craftport.test", "craftport"
ISSUER = f"{GATEWAY}/identity"


@pytest.fixture
def issuer(tmp_path: Path) -> DevelopmentIssuer:
    accounts = {
        "officer": Account("x", Role.OFFICER),
        "works": Account("x", Role.ORGANISATION, organisation_id=uuid4()),
        "nobody": Account("x", Role.PERSON),
    }
    return DevelopmentIssuer(ISSUER, tmp_path, accounts, audience=AUDIENCE, environment=Environment.DEVELOPMENT)


class Road:
    """The way to the issuer: it may be blocked, and counts who passes."""

    def __init__(self, issuer: DevelopmentIssuer) -> None:
        outer = FastAPI()
        outer.mount("/identity", issuer.application())
        self._inside = httpx2.ASGITransport(outer)
        self.fetched, self.is_blocked = 0, False

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_blocked:
            raise httpx2.ConnectError("blocked", request=request)
        self.fetched += request.url.path.endswith("/jwks")
        answer = await self._inside.handle_async_request(request)
        return httpx2.Response(answer.status_code, content=await answer.aread())


@pytest.fixture
def road(issuer: DevelopmentIssuer) -> Road:
    return Road(issuer)


@pytest.fixture
async def tokens(road: Road) -> AsyncIterator[Tokens]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(road), base_url=GATEWAY) as client:
        yield Tokens(client, issuer=ISSUER, audience=AUDIENCE)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock by which keys grow old."""
    passed = [0.0]
    true = time.monotonic
    monkeypatch.setattr(module.time, "monotonic", lambda: true() + passed[0])

    def move(seconds: float) -> None:
        passed[0] += seconds

    return move


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "role": "OFFICER", "scope": "*:*:*", "iat": now, "exp": now + 60} | changed


def signed(key: Any, *, alg: str = "ES256", header: dict[str, Any] | None = None, **changed: Any) -> str:
    return jwt.encode({"alg": alg} | (header or {}), claims(**changed), key, algorithms=[alg])


def by_secret(secret: bytes, kid: str) -> str:
    """As a library signs that takes any bytes for a secret."""
    content = f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims())}"
    seal = hmac.new(secret, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


async def test_a_right_token_says_who_calls(issuer: DevelopmentIssuer, tokens: Tokens) -> None:
    caller = await tokens.verify(issuer.token("works", scope="lending:book:read  training:*:read"))

    assert (caller.subject, caller.role, caller.organisation_id) == ("works", Role.ORGANISATION, issuer.accounts["works"].organisation_id)
    assert caller.scopes == {"lending:book:read", "training:*:read"}
    assert [caller.has_scope(each) for each in ("training:class:read", "training:class:write", "training:class:x:read")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"}, {"iss": None}, {"aud": "elsewhere"}, {"aud": ["elsewhere"]}, {"aud": None}, {"aud": []},
        {"nbf": time.time() + 3600}, {"nbf": "tomorrow"}, {"nbf": None}, {"sub": ""}, {"sub": None}, {"sub": 7}, {"role": "EMPEROR"}, {"role": None},
        {"role": ["OFFICER"]}, {"organisation_id": "7"}, {"organisation_id": 7}, {"role": "ORGANISATION"}, {"role": "PERSON"},
    ],
)  # fmt: skip
async def test_a_token_that_is_not_for_us_not_yet_or_of_nobody_is_invalid(
    issuer: DevelopmentIssuer, tokens: Tokens, changed: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalid):
        await tokens.verify(issuer.token("officer", **changed))


@pytest.mark.parametrize("changed", [{"exp": 1}, {"exp": time.time() - 1}, {"exp": None}, {"exp": "never"}, {"exp": float("nan")}])
async def test_a_token_without_an_end_ahead_has_expired(issuer: DevelopmentIssuer, tokens: Tokens, changed: dict[str, Any]) -> None:
    with pytest.raises((TokenExpired, TokenInvalid)):
        await tokens.verify(issuer.token("officer", **changed))


async def test_an_expired_one_is_told_so(issuer: DevelopmentIssuer, tokens: Tokens) -> None:
    with pytest.raises(TokenExpired):
        await tokens.verify(issuer.token("officer", lifetime_seconds=-1))


async def test_one_of_several_audiences_may_be_ours(issuer: DevelopmentIssuer, tokens: Tokens) -> None:
    assert (await tokens.verify(issuer.token("officer", aud=["elsewhere", AUDIENCE]))).role is Role.OFFICER


async def test_the_algorithm_is_ours_to_choose(issuer: DevelopmentIssuer, tokens: Tokens) -> None:
    kid = issuer.keys()["keys"][0]["kid"]
    public = ECKey.import_key(issuer.keys()["keys"][0]).as_pem(private=False)
    forged = {
        "none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.",
        "none with kid": f"{part({'alg': 'none', 'kid': kid})}.{part(claims())}.",
        "None": f"{part({'alg': 'None', 'kid': kid})}.{part(claims())}.",
        "HS256 with the public key": by_secret(public, kid),
        "HS256 with the public key in DER": by_secret(base64.b64decode(b"".join(public.splitlines()[1:-1])), kid),
        "a key in the header": signed(own := ECKey.generate_key("P-256"), header={"jwk": own.as_dict(private=False)}),
        "a key at an address": signed(own, header={"jku": "http://elsewhere.example/jwks", "kid": own.thumbprint()}),
    }
    for token in forged.values():
        with pytest.raises(TokenInvalid):
            await tokens.verify(token)


async def test_only_the_issuers_key_signs_whatever_kid_is_claimed(issuer: DevelopmentIssuer, tokens: Tokens) -> None:
    strange, kid = ECKey.generate_key("P-256"), issuer.keys()["keys"][0]["kid"]
    for header in ({}, {"kid": kid}, {"kid": "unknown"}, {"kid": ""}):
        with pytest.raises(TokenInvalid):
            await tokens.verify(signed(strange, header=header))
    with pytest.raises(TokenInvalid):
        await tokens.verify(signed(issuer._key, header={"kid": "unknown"}))


async def test_a_token_changed_anywhere_is_invalid(issuer: DevelopmentIssuer, tokens: Tokens) -> None:
    header, content, signature = issuer.token("works").split(".")
    promoted = part(claims(role="OFFICER"))
    other = issuer.token("officer").split(".")[2]
    for token in (f"{header}.{promoted}.{signature}", f"{header}.{content}.{other}", f"{header}.{content}.", f"{header}.{content}"):
        with pytest.raises(TokenInvalid):
            await tokens.verify(token)


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c", "..", "....", "令牌", "令.牌.呢", "e30.e30.e30", "x" * 100_000, f"{part([])}.{part({})}.x", f"{part({'alg': 1})}.{part({})}.x",
     f"{part({'alg': 'ES256', 'kid': []})}.{part({})}.x", f"{part({'alg': 'ES256', 'crit': ['x']})}.{part({})}.x", "\x00.\x00.\x00", "a.b.c.d.e"],
)  # fmt: skip
async def test_garbage_is_invalid_and_nothing_worse(tokens: Tokens, token: str) -> None:
    with pytest.raises(TokenInvalid):
        await tokens.verify(token)


async def test_a_new_key_is_taken_up_and_the_old_one_counts_until_it_has_gone(
    issuer: DevelopmentIssuer, tokens: Tokens, later: Callable[[float], None]
) -> None:
    old_token, old_keys = issuer.token("officer"), issuer.keys()["keys"]
    await tokens.verify(old_token)
    issuer._key = ECKey.generate_key("P-256", auto_kid=True)
    issuer.keys = lambda: {"keys": [*old_keys, issuer._key.as_dict(private=False)]}  # type: ignore[method-assign]

    later(61)
    await tokens.verify(issuer.token("officer"))
    await tokens.verify(old_token)

    issuer.keys = lambda: {"keys": [issuer._key.as_dict(private=False)]}  # type: ignore[method-assign]
    later(601)
    await tokens.verify(issuer.token("officer"))
    with pytest.raises(TokenInvalid):
        await tokens.verify(old_token)


async def test_unknown_keys_make_us_ask_the_issuer_once_a_minute_at_most(
    issuer: DevelopmentIssuer, tokens: Tokens, road: Road, later: Callable[[float], None]
) -> None:
    await tokens.verify(issuer.token("officer"))
    strange = signed(ECKey.generate_key("P-256"), header={"kid": "unknown"})
    for _ in range(2):
        for _ in range(5):
            with pytest.raises(TokenInvalid):
                await tokens.verify(strange)
        later(61)
    assert road.fetched == 2


async def test_while_the_issuer_is_away_its_last_keys_count_and_without_any_we_are_not_ready(
    issuer: DevelopmentIssuer, tokens: Tokens, road: Road, later: Callable[[float], None]
) -> None:
    road.is_blocked = True
    with pytest.raises(Unavailable):
        await tokens.verify(issuer.token("officer"))
    road.is_blocked = False
    await tokens.verify(issuer.token("officer"))

    road.is_blocked = True
    later(3600)

    assert (await tokens.verify(issuer.token("officer"))).role is Role.OFFICER


async def test_an_issuer_by_another_name_is_not_ours(issuer: DevelopmentIssuer, road: Road) -> None:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(road), base_url=GATEWAY) as client:
        issuer.url = "http://elsewhere.example"
        with pytest.raises(Unavailable):
            await Tokens(client, issuer=ISSUER, audience=AUDIENCE).verify(issuer.token("officer"))


def test_the_development_issuer_refuses_to_run_in_production(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="CRAFTPORT_ISSUER_URL"):
        DevelopmentIssuer(ISSUER, tmp_path, {}, audience=AUDIENCE, environment=Environment.PRODUCTION)
