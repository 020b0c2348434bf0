"""Read your own write over the bus: a signed token says which versions a write made; a reader waits until it has heard them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from common.bus.hearing import are_clean
from common.refusal import Invalid, Unavailable
from common.waking import rung
from common.work import SeenVersion

if TYPE_CHECKING:
    from common.service import Running

HEADER = "Consistency-Token"
_MOST_VERSIONS = 32
"""A token must fit into a line of a request: 8 KB at most gateways."""
_MOST_WAITERS = 200
_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05


class TokenUnreadable(Invalid):
    title = "一致性令牌无效，请原样传回写入时得到的令牌"


class NotYetHeard(Unavailable):
    title = "刚才的写入尚未处理完毕，请稍后再读"


class ConsistencyTokens:
    """Signs and reads tokens with the city's key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def sign(self, versions: Sequence[SeenVersion]) -> str:
        """Opaque to everybody else. Of very many versions only the last are named."""
        named = [[v.topic, str(v.id), v.epoch, v.version, v.marked] for v in versions[-_MOST_VERSIONS:]]
        content = json.dumps(named, separators=(",", ":"))
        body = base64.urlsafe_b64encode(content.encode()).rstrip(b"=")
        return f"{body.decode()}.{self._seal(body)}"

    def read(self, token: str) -> list[SeenVersion]:
        """Raises TokenUnreadable."""
        body, _, seal = token.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(body.encode()).encode()):
            raise TokenUnreadable
        content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return [
            SeenVersion(topic, UUID(id_), epoch, version, tuple((kind, dossier) for kind, dossier in marked))
            for topic, id_, epoch, version, marked in content
        ]

    def _seal(self, body: bytes) -> str:
        return base64.urlsafe_b64encode(hmac.new(self._key, body, hashlib.sha256).digest()[:18]).decode()


class Waiting:
    """Readers that wait for what they have written elsewhere; woken by every commit here, and polling for other processes."""

    def __init__(self, running: Running) -> None:
        self._running, self._waiters = running, 0

    async def until_heard(self, versions: Sequence[SeenVersion]) -> None:
        """Until these versions are here and the dossiers they name are computed. Raises NotYetHeard, NotHeardHere, HeardButUnreadable."""
        if versions:
            await self._until(lambda connection: self._running.hearing.has_heard(connection, versions))

    async def until_clean(self, kind: str, id: str) -> None:
        """Until one dossier is computed. Raises NotYetHeard."""
        await self._until(lambda connection: are_clean(connection, ((kind, id),)))

    async def _until(self, condition: Callable[[asyncpg.Connection], Awaitable[bool]]) -> None:
        if self._waiters >= _MOST_WAITERS:
            raise NotYetHeard(retry_after_seconds=2)
        self._waiters += 1
        wake, deadline = self._running.committed.listen(), time.monotonic() + _WAIT_SECONDS
        try:
            while True:
                wake.clear()
                async with self._running.database.raw_transaction() as connection:
                    if await condition(connection):
                        return
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NotYetHeard
                await rung(wake, within_seconds=min(left, _POLL_SECONDS))
        finally:
            self._running.committed.forget(wake)
            self._waiters -= 1
