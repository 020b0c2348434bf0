"""The city's one door: the first segment of the path names the service, the issuer stands beside, and a service that is away is a 503."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.settings import Environment
from common.web.watching import served

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "te", "upgrade"})
SECRET = "chaos"


@asynccontextmanager
async def gateway(ports: Mapping[str, int], directory: Path, listening: socket.socket) -> AsyncIterator[str]:
    """Open as long as one is inside; the URL. As nginx does it, nothing is asked twice: what gets no answer is the caller's to ask again."""
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    staff = {role.value.lower(): Account(role.value.lower(), role) for role in (Role.CLERK, Role.OFFICER, Role.AUDITOR)}
    services = {f"service-{name}": Account(SECRET, Role.SERVICE) for name in ports}
    issuer = DevelopmentIssuer(f"{url}/identity", directory, staff | services, audience="craftport", environment=Environment.DEVELOPMENT)
    async with httpx2.AsyncClient(timeout=httpx2.Timeout(30, connect=3), limits=httpx2.Limits(max_connections=None)) as client:

        async def lead(request: Request) -> Response:
            port = ports.get(request.path_params["service"])
            if port is None:
                return JSONResponse({"code": "not-found"}, 404)
            return await _passed_on(client, request, f"http://127.0.0.1:{port}{request.url.path}")

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        door = Starlette(
            routes=[Mount("/identity", issuer.application()), Route("/{service}/{rest:path}", lead, methods=methods, name="services")]
        )
        async with served(door, listening):
            yield url


async def _passed_on(client: httpx2.AsyncClient, request: Request, url: str) -> Response:
    headers = [(name, value) for name, value in request.headers.items() if name not in _HOP_BY_HOP]
    try:
        answer = await client.request(request.method, url, params=request.url.query or None, headers=headers, content=await request.body())
    except httpx2.TransportError:
        return JSONResponse({"code": "unavailable", "title": "服务暂时不可用，请稍后再试"}, 503, {"Retry-After": "5"})
    passed = {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP}
    return Response(answer.content, answer.status_code, passed)
