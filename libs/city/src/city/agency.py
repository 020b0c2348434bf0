"""An agency at its desk: calls Craftport over REST as officials do, and waits for what it started."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

_DEADLINE_SECONDS = 600.0
_POLL_SECONDS = 0.05


class Refused(Exception):
    """Craftport said no to something that the story needs."""


class Agency:
    """One official. A 409 of a POST that created before means that it is there already: the story may be told again."""

    def __init__(self, client: httpx2.AsyncClient, user: str) -> None:
        self._client, self._user = client, user
        self._headers: dict[str, str] = {}

    async def log_in(self) -> None:
        answer = await self._client.post("/identity/token", data={"grant_type": "password", "username": self._user, "password": self._user})
        answer.raise_for_status()
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def get(self, path: str, **query: Any) -> Any:
        """Raises Refused."""
        answer = await self._client.get(path, params=query, headers=self._headers)
        if answer.status_code != 200:
            raise Refused(f"GET {path}: {answer.text}")
        return answer.json()

    async def every(self, path: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=100, **query, **cursor)
            for item in page["items"]:
                yield item
            if not page["next_cursor"]:
                return
            cursor = {"cursor": page["next_cursor"]}

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Refused."""
        answer = await self._client.post(path, json=body, headers=self._headers | {"Idempotency-Key": uuid4().hex})
        if answer.status_code >= 400:
            raise Refused(f"POST {path}: {answer.text}")
        made: dict[str, Any] = answer.json()
        return made

    async def act(self, path: str, version: int, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A state change of one thing. Raises Refused."""
        answer = await self._client.post(path, json=body, headers=self._headers | {"If-Match": f'"{version}"'})
        if answer.status_code >= 400:
            raise Refused(f"POST {path}: {answer.text}")
        changed: dict[str, Any] = answer.json()
        return changed

    async def drop(self, service: str, import_name: str, file: Path) -> dict[str, Any]:
        """Drop a file and wait until its job has ended; the job. Raises Refused."""
        content = await asyncio.to_thread(file.read_bytes)
        answer = await self._client.post(
            f"/{service}/v1/imports/{import_name}",
            files={"file": (file.name, content)},
            headers=self._headers | {"Idempotency-Key": uuid4().hex},
        )
        if answer.status_code != 202:
            raise Refused(f"{file.name}: {answer.text}")
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline:
            job: dict[str, Any] = await self.get(f"/{service}/v1/jobs/{answer.json()['id']}")
            if job["state"] in ("DONE", "FAILED"):
                return job
            await asyncio.sleep(_POLL_SECONDS)
        raise Refused(f"{file.name}: the import did not end")

    async def settled(self, services: tuple[str, ...]) -> None:
        """Until nothing is on its way: no outbox, no backlog, no dossier waiting, in every service, twice in a row."""
        deadline, calm = time.monotonic() + _DEADLINE_SECONDS, 0
        while calm < 2:
            if time.monotonic() > deadline:
                raise Refused("the services did not come to rest")
            states = [await self.get(f"/{service}/v1/operations/state") for service in services]
            busy = any(
                state["outbox"] or any(state["backlog"].values()) or any(kind["waiting"] for kind in state["dossiers"]) for state in states
            )
            calm = 0 if busy else calm + 1
            await asyncio.sleep(_POLL_SECONDS)
