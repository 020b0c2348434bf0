"""The development issuer: an OIDC provider in miniature, for one machine. In production a real one stands at its place."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import ECKey

from common.security.principal import Role
from common.settings import Environment

TOKEN_SECONDS = 8 * 3600


@dataclass(frozen=True)
class Account:
    """Somebody who can log in: an official, an organisation's clerk, a person, or (by client credentials) a service."""

    password: str
    role: Role
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    scopes: str = "*:*:*"


class DevelopmentIssuer:
    """Signs tokens with a key of its own that survives restarts. `accounts` may grow while it runs."""

    def __init__(self, url: str, directory: Path, accounts: Mapping[str, Account], *, audience: str, environment: Environment) -> None:
        if environment is Environment.PRODUCTION:
            raise RuntimeError("the development issuer must not run in production: set CRAFTPORT_ISSUER_URL to the city's provider")
        self.url, self.audience, self.accounts = url, audience, dict(accounts)
        self._key = _key(directory / "development-issuer.pem")

    def token(self, subject: str, *, lifetime_seconds: int = TOKEN_SECONDS, **claims: object) -> str:
        """A token for one of the accounts; `claims` override, for tests of what must be refused."""
        account = self.accounts[subject]
        now = int(time.time())
        content: dict[str, Any] = {
            "iss": self.url,
            "aud": self.audience,
            "sub": subject,
            "role": account.role.value,
            "scope": account.scopes,
            "iat": now,
            "exp": now + lifetime_seconds,
        }
        if account.organisation_id:
            content["organisation_id"] = str(account.organisation_id)
        if account.person_id:
            content["person_id"] = str(account.person_id)
        return jwt.encode({"alg": "ES256", "kid": self._key.kid}, content | claims, self._key)

    def keys(self) -> dict[str, Any]:
        """The public keys, as a JWKS."""
        return {"keys": [self._key.as_dict(private=False) | {"use": "sig", "alg": "ES256"}]}

    def application(self) -> FastAPI:
        """Discovery, keys and the token endpoint (password and client_credentials grants)."""
        app = FastAPI(title="开发用登录服务", docs_url=None, redoc_url=None, openapi_url=None)

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, Any]:
            return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", "token_endpoint": f"{self.url}/token"}

        @app.get("/jwks")
        async def jwks() -> dict[str, Any]:
            return self.keys()

        @app.post("/token")
        async def token(
            request: Request,
            grant_type: Annotated[str, Form()],
            username: Annotated[str, Form()] = "",
            password: Annotated[str, Form()] = "",
            client_id: Annotated[str, Form()] = "",
            client_secret: Annotated[str, Form()] = "",
        ) -> JSONResponse:
            name, secret = (username, password) if grant_type == "password" else (client_id, client_secret)
            if grant_type == "client_credentials" and not name:
                name, secret = _basic(request.headers.get("authorization", ""))
            account = self.accounts.get(name)
            if grant_type not in ("password", "client_credentials") or account is None or not _same(account.password, secret):
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
            return JSONResponse({"access_token": self.token(name), "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

        return app


def _basic(header: str) -> tuple[str, str]:
    """User and password of an HTTP Basic header; empty when it is none."""
    try:
        name, _, secret = base64.b64decode(header.removeprefix("Basic "), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _key(path: Path) -> ECKey:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(ECKey.generate_key("P-256", private=True).as_pem(private=True))
    key = ECKey.import_key(path.read_bytes())
    key.ensure_kid()
    return key
