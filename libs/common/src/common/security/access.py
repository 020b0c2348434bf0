"""Who may do what in one service: a table of scopes and roles, and the check that every route depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlowPassword, OAuthFlows
from fastapi.security import OAuth2

from common.refusal import Forbidden, Unauthenticated, Unavailable, refuses
from common.security.principal import Principal, Role
from common.security.tokens import TokenExpired, TokenInvalid

TOKEN_URL = "/identity/token"  # noqa: S105 - an address
_scheme = OAuth2(
    scheme_name="登录",
    description="用市统一身份账号登录；程序用客户端凭证。",
    flows=OAuthFlows(
        password=OAuthFlowPassword(tokenUrl=TOKEN_URL, scopes={}),
        clientCredentials=OAuthFlowClientCredentials(tokenUrl=TOKEN_URL, scopes={}),
    ),
    auto_error=False,
)


class NotYourRole(Forbidden):
    title = "您的岗位不能进行此操作"


class ScopeMissing(Forbidden):
    title = "登录凭证未授权此操作"


@refuses(Unauthenticated, TokenInvalid, TokenExpired, Unavailable)
async def principal(request: Request, authorization: str | None = Security(_scheme)) -> Principal:
    """The caller, from the bearer token. Raises Unauthenticated."""
    kind, _, token = (authorization or "").partition(" ")
    if not token:
        raise Unauthenticated
    if kind.lower() != "bearer":
        raise TokenInvalid
    caller: Principal = await request.app.state.tokens.verify(token)
    request.state.principal = caller
    return caller


class Access:
    """One service's table: `{"certificate:issue": {CLERK, OFFICER}, …}`. The scope in a token is `<service>:certificate:issue`."""

    def __init__(self, service: str, rules: Mapping[str, frozenset[Role]]) -> None:
        self.service, self.rules = service, dict(rules)

    def requires(self, name: str) -> Any:
        """A dependency for a route. Raises ScopeMissing, NotYourRole. KeyError at import when the table has no such row."""
        roles, scope = self.rules[name], f"{self.service}:{name}"

        @refuses(ScopeMissing, NotYourRole)
        async def check(caller: Principal = Depends(principal)) -> Principal:
            if not caller.has_scope(scope):
                raise ScopeMissing(f"需要 {scope}")
            if caller.role not in roles:
                raise NotYourRole
            return caller

        check.scope, check.roles = scope, roles  # type: ignore[attr-defined]
        return Depends(check)
