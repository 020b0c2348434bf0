"""Registry and the issuer as the other services see them, played: every ID number is a person of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx2

from common.database.engine import Database


def person_id(id_number: str) -> str:
    return str(UUID(bytes=sha256(id_number.encode()).digest()[:16]))


@dataclass
class PlayedRegistry:
    """A transport's handler. `asked`: the bodies that it was sent; `away`: so many requests yet it answers with 503."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    away: int = 0
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """Is done before the next answer, once."""

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/identity/token":
            return httpx2.Response(200, json={"access_token": "t", "expires_in": 3600})
        if request.url.path != "/registry/v1/people:resolve":
            return httpx2.Response(404, json={})
        if self.away:
            self.away -= 1
            return httpx2.Response(503, text="<html>")
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        self.asked.append(json.loads(request.content))
        return httpx2.Response(200, json={"person_ids": [person_id(each["id_number"]) for each in self.asked[-1]["people"]]})


async def rows_locked(database: Database, table: str) -> int:
    """How many rows of a table somebody holds at this moment."""
    async with database.raw_transaction() as connection:
        free = await connection.fetch(f"SELECT FROM {table} FOR UPDATE SKIP LOCKED")
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}")) - len(free)  # noqa: S608 - a table of ours
