"""Calling another service: client credentials, time limits, retries of what is merely away, and its refusals as ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx2

from common.refusal import Refusal, Unavailable

_TRIES = 3


class ClientCredentials(httpx2.Auth):
    """A token for this service itself, fetched when needed and kept until shortly before its end."""

    def __init__(self, token_url: str, client_id: str, client_secret: str) -> None:
        self._token_url, self._client_id, self._client_secret = token_url, client_id, client_secret
        self._token, self._until = "", 0.0

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        if time.monotonic() >= self._until:
            form = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._client_secret}
            answer = yield httpx2.Request("POST", self._token_url, data=form)
            if answer.status_code != 200:
                raise Unavailable("身份服务拒绝了本服务的凭证")
            await answer.aread()
            content = answer.json()
            self._token, self._until = content["access_token"], time.monotonic() + content["expires_in"] - 60
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class RefusedThere(Refusal):
    """Another service said no; its status, code and title are passed on."""

    def __init__(self, status: int, code: str, title: str) -> None:
        self.status, self.code, self.title = status, code, title  # type: ignore[misc]
        super().__init__()


class ServiceClient:
    """Another service behind the gateway. Raises Unavailable when it is away, RefusedThere when it refuses."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer's JSON. Only for requests that may safely be sent twice."""
        for tried in range(1, _TRIES + 1):
            try:
                answer = await self._client.post(path, json=body)
            except httpx2.TransportError as error:
                if tried == _TRIES:
                    raise Unavailable("所依赖的服务暂时无法连接", retry_after_seconds=5) from error
                await asyncio.sleep(0.1 * 2**tried)
                continue
            if answer.status_code >= 500 or answer.status_code == 429:
                raise Unavailable("所依赖的服务暂时无法处理", retry_after_seconds=5)
            if answer.status_code >= 400:
                problem = answer.json()
                raise RefusedThere(answer.status_code, problem.get("code", "refused"), problem.get("title", "所依赖的服务拒绝了请求"))
            return answer.json()
        raise AssertionError("unreachable")
