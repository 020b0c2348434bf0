"""An agency at its desk: calls Craftport over REST as officials do, asks again when no answer comes, and waits for what it started."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

_PATIENCE_SECONDS = 120.0
"""So long may nothing move before it counts as stuck; how long the work takes in all has no limit."""
_POLL_SECONDS = 0.05
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_AWAY = frozenset({429, 502, 503, 504})


class Refused(Exception):
    """Craftport said no to something that the story needs."""


class Stuck(Exception):
    """Something stands still. The message says where and why, as the services themselves see it."""


class Agency:
    """One official."""

    def __init__(self, client: httpx2.AsyncClient, user: str) -> None:
        self._client, self._user = client, user
        self._headers: dict[str, str] = {}

    async def log_in(self) -> None:
        answer = await self._client.post("/identity/token", data={"grant_type": "password", "username": self._user, "password": self._user})
        answer.raise_for_status()
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def get(self, path: str, **query: Any) -> Any:
        """Raises Refused."""
        answer, _ = await self._ask("GET", path, params=query)
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

    async def create(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """With the key of an act that was done before, what it made then. Raises Refused."""
        answer, _ = await self._ask("POST", path, json=body, headers={"Idempotency-Key": key or uuid4().hex})
        if answer.status_code >= 400:
            raise Refused(f"POST {path}: {answer.text}")
        made: dict[str, Any] = answer.json()
        return made

    async def act(self, path: str, version: int, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A state change of one thing. Raises Refused."""
        answer, was_lost = await self._ask("POST", path, json=body, headers={"If-Match": f'"{version}"'})
        if answer.status_code == 412 and was_lost:
            # Perhaps it was done, and only its answer never came.
            held: dict[str, Any] = await self.get(path.rpartition(":")[0])
            if held["version"] == version + 1:
                return held
        if answer.status_code >= 400:
            raise Refused(f"POST {path}: {answer.text}")
        changed: dict[str, Any] = answer.json()
        return changed

    async def drop(self, service: str, import_name: str, file: Path) -> dict[str, Any]:
        """Drop a file and wait until its job has ended; the job. The same file again is the same job. Raises Refused, Stuck."""
        content = await asyncio.to_thread(file.read_bytes)
        answer, _ = await self._ask(
            "POST", f"/{service}/v1/imports/{import_name}", files={"file": (file.name, content)}, headers={"Idempotency-Key": uuid4().hex}
        )
        if answer.status_code != 202:
            raise Refused(f"{file.name}: {answer.text}")
        patience = _Patience()
        while True:
            job: dict[str, Any] = await self.get(f"/{service}/v1/jobs/{answer.json()['id']}")
            if job["state"] in ("DONE", "FAILED"):
                return job
            if patience.is_over(job):
                raise Stuck(f"{service}：导入 {file.name} 停在第 {job['rows_done']:,} 行（{job['state']}）")
            await asyncio.sleep(_POLL_SECONDS)

    async def _ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any
    ) -> tuple[httpx2.Response, bool]:
        """The answer, and whether an earlier one was lost. The same request again, with the same key, until somebody answers for the service.

        Raises httpx2.TransportError when nobody did for too long.
        """
        first, pause, was_lost = time.monotonic(), _FIRST_PAUSE_SECONDS, False
        while True:
            is_last = time.monotonic() - first > _PATIENCE_SECONDS
            try:
                answer = await self._client.request(method, path, headers=self._headers | dict(headers or {}), **request)
                if is_last or not _says_later(answer):
                    return answer, was_lost
            except httpx2.TransportError:
                if is_last:
                    raise
            was_lost = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def settled(self, services: tuple[str, ...]) -> None:
        """Until nothing is on its way: no outbox, no backlog, no dossier waiting, in every service, twice in a row. Raises Stuck."""
        patience, calm = _Patience(), 0
        while calm < 2:
            states = {service: await self.get(f"/{service}/v1/operations/state") for service in services}
            if stopped := [
                f"{service}：{where} 已停止：{why}" for service, state in states.items() for where, why in state["stopped"].items()
            ]:
                raise Stuck("\n".join(stopped))
            calm = 0 if any(_waiting(state) for state in states.values()) else calm + 1
            if patience.is_over(states):
                raise Stuck("\n".join(line for service, state in states.items() for line in _told(service, state)))
            await asyncio.sleep(_POLL_SECONDS)

    async def set_aside(self, services: tuple[str, ...]) -> list[str]:
        """What could not be read or computed, one line each; empty when all is well."""
        states = {service: await self.get(f"/{service}/v1/operations/state") for service in services}
        return [line for service, state in states.items() for line in _told(service, state)]


def _says_later(answer: httpx2.Response) -> bool:
    """The service is away or busy, or the same request is still being worked on."""
    return answer.status_code in _AWAY or (answer.status_code == 409 and answer.json().get("code") == "twin-in-flight")


class _Patience:
    """Ends when what is looked at has been the same for too long."""

    def __init__(self) -> None:
        self._seen: Any = None
        self._since = time.monotonic()

    def is_over(self, seen: Any) -> bool:
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since > _PATIENCE_SECONDS


def _waiting(state: Mapping[str, Any]) -> bool:
    return (
        bool(state["outbox"])
        or not state["is_backlog_known"]
        or any(state["backlog"].values())
        or any(kind["waiting"] for kind in state["dossiers"])
    )


def _told(service: str, state: Mapping[str, Any]) -> list[str]:
    """What waits, stands or was set aside in one service, in an operator's words."""
    return [
        *([f"{service}：待发事件 {state['outbox']:,} 条"] if state["outbox"] else []),
        *([] if state["is_backlog_known"] else [f"{service}：消息总线连不上"]),
        *(f"{service}：{where} 还有 {count:,} 条未读" for where, count in state["backlog"].items() if count),
        *(f"{service}：{where} 已停止：{why}" for where, why in state["stopped"].items()),
        *(f"{service}：{each['topic']} 有 {each['dead']:,} 条消息读不了" for each in state["topics"] if each["dead"]),
        *(f"{service}：{kind['kind']} 档案还有 {kind['waiting']:,} 份在等" for kind in state["dossiers"] if kind["waiting"]),
        *(f"{service}：{each['kind']} 档案 {each['id']} 第 {each['failures']} 次复算未成：{each['reason']}" for each in state["failed"]),
    ]
