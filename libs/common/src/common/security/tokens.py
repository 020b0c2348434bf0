"""Tokens: signed by the city's identity provider, found by OIDC discovery, verified here in every service."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from common.refusal import Unauthenticated, Unavailable
from common.security.principal import Principal, Role

_ALGORITHMS = ["RS256", "ES256"]
_REFETCH_SECONDS = 60.0
_KEYS_LIVE_SECONDS = 600.0
"""A key that the issuer has withdrawn, because it was stolen say, opens nothing any longer than this."""


_MALFORMED = (JoseError, ValueError, TypeError, LookupError)
"""What joserfc and the reading of claims raise over tokens and keys that are none."""


class TokenExpired(Unauthenticated):
    title = "登录已过期，请重新登录"


class TokenInvalid(Unauthenticated):
    title = "登录凭证无效"


class Tokens:
    """Verifies access tokens of one issuer for one audience. An unknown key id fetches the keys anew, at most once a minute."""

    def __init__(self, client: httpx2.AsyncClient, *, issuer: str, audience: str) -> None:
        self._client, self._issuer, self._audience = client, issuer, audience
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")

    async def verify(self, token: str) -> Principal:
        """The caller. Raises TokenInvalid, TokenExpired; Unavailable when the issuer cannot be reached."""
        keys = await self._current()
        try:
            return self._principal(token, keys)
        except _MALFORMED as error:
            # Perhaps the issuer has a new key.
            if not self._may_fetch:
                raise TokenInvalid from error
        try:
            return self._principal(token, await self._fetch())
        except _MALFORMED as error:
            raise TokenInvalid from error

    @property
    def _may_fetch(self) -> bool:
        return time.monotonic() - self._tried_at >= _REFETCH_SECONDS

    async def _current(self) -> KeySet:
        """Fresh keys; while the issuer is away for a while, those that it last had."""
        if self._keys is None:
            return await self._fetch()
        if time.monotonic() - self._fetched_at >= _KEYS_LIVE_SECONDS and self._may_fetch:
            with suppress(Unavailable):
                return await self._fetch()
        return self._keys

    def _principal(self, token: str, keys: KeySet) -> Principal:
        claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        if claims.get("iss") != self._issuer or self._audience not in _several(claims.get("aud")):
            raise TokenInvalid
        if not isinstance(claims.get("exp"), int | float) or not claims["exp"] > time.time():  # NaN is no end
            raise TokenExpired
        if not isinstance(claims.get("nbf", 0), int | float) or claims.get("nbf", 0) > time.time() + 30:
            raise TokenInvalid
        caller = Principal(
            subject=_text(claims, "sub"),
            role=Role(_text(claims, "role")),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            organisation_id=_uuid(claims, "organisation_id"),
            person_id=_uuid(claims, "person_id"),
        )
        if not caller.is_somebody:
            raise TokenInvalid
        return caller

    async def _fetch(self) -> KeySet:
        self._tried_at = time.monotonic()
        try:
            discovery = (await self._client.get(f"{self._issuer}/.well-known/openid-configuration")).raise_for_status().json()
            if discovery["issuer"] != self._issuer:
                raise Unavailable("身份服务的名称与设置不符")
            keys = KeySet.import_key_set((await self._client.get(discovery["jwks_uri"])).raise_for_status().json())
        except (httpx2.HTTPError, *_MALFORMED) as error:
            raise Unavailable("身份服务暂时无法连接", retry_after_seconds=5) from error
        self._keys, self._fetched_at = keys, time.monotonic()
        return self._keys


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _uuid(claims: dict[str, Any], name: str) -> UUID | None:
    return None if claims.get(name) is None else UUID(_text(claims, name))
