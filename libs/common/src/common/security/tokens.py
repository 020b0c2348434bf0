"""Tokens: signed by the city's identity provider, found by OIDC discovery, verified here in every service."""

from __future__ import annotations

import time
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


class TokenExpired(Unauthenticated):
    title = "登录已过期，请重新登录"


class TokenInvalid(Unauthenticated):
    title = "登录凭证无效"


class Tokens:
    """Verifies access tokens of one issuer for one audience. An unknown key id fetches the keys anew, at most once a minute."""

    def __init__(self, client: httpx2.AsyncClient, *, issuer: str, audience: str) -> None:
        self._client, self._issuer, self._audience = client, issuer, audience
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")

    async def verify(self, token: str) -> Principal:
        """The caller. Raises TokenInvalid, TokenExpired; Unavailable when the issuer cannot be reached."""
        keys = self._keys or await self._fetch()
        try:
            return self._principal(token, keys)
        except (JoseError, ValueError) as error:
            # Perhaps the issuer has a new key.
            if time.monotonic() - self._fetched_at < _REFETCH_SECONDS:
                raise TokenInvalid from error
        try:
            return self._principal(token, await self._fetch())
        except (JoseError, ValueError) as error:
            raise TokenInvalid from error

    def _principal(self, token: str, keys: KeySet) -> Principal:
        claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        if claims.get("iss") != self._issuer or self._audience not in _several(claims.get("aud")):
            raise TokenInvalid
        if not isinstance(claims.get("exp"), int | float) or claims["exp"] <= time.time():
            raise TokenExpired
        if claims.get("nbf", 0) > time.time() + 30:
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
        try:
            discovery = (await self._client.get(f"{self._issuer}/.well-known/openid-configuration")).raise_for_status().json()
            if discovery["issuer"] != self._issuer:
                raise Unavailable("身份服务的名称与设置不符")
            keys = (await self._client.get(discovery["jwks_uri"])).raise_for_status().json()
        except (httpx2.HTTPError, KeyError, ValueError) as error:
            raise Unavailable("身份服务暂时无法连接", retry_after_seconds=5) from error
        self._keys, self._fetched_at = KeySet.import_key_set(keys), time.monotonic()
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
