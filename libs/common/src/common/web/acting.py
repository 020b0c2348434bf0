"""How a route acts: one call runs the use case in a Work, with idempotency or If-Match or on many at once, and says what it wrote."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, TypeVar, get_type_hints
from uuid import UUID

import asyncpg
from fastapi import Depends, Header, Request, Response

from common.bus.envelope import EventTooLarge
from common.database.engine import raw
from common.refusal import Conflict, Invalid, NotFound, PreconditionFailed, refuses
from common.security.access import principal
from common.security.principal import Principal
from common.service import Running
from common.web.consistency import HEADER
from common.web.etag import etag, expected_version
from common.web.problems import EnteredMeanwhile
from common.work import Aggregate, SeenVersion, Work

R = TypeVar("R")
V = TypeVar("V")
M = TypeVar("M", bound=Aggregate)


class IdempotencyKeyMissing(Invalid):
    title = "请带上 Idempotency-Key：同一笔业务用同一个值，重试不会重复办理"


class IdempotencyKeyReused(Invalid):
    title = "这个 Idempotency-Key 已用于另一份内容"


class TwinInFlight(Conflict):
    title = "同一请求正在处理，请稍候重试"


class _Acts:
    """What acts of one request have in common."""

    def __init__(self, request: Request, response: Response, caller: Principal) -> None:
        self._request, self._response, self.principal = request, response, caller
        self.running: Running = request.app.state.running

    @property
    def equipment(self) -> Any:
        """What the service was equipped with."""
        return self.running.equipment

    def _begin(
        self, *, bulk: bool = False, expected_version: int | None = None, dry_run: bool = False
    ) -> AbstractAsyncContextManager[Work]:
        return self.running.works.begin(
            self.principal,
            operation=self._request.scope["route"].operation_id,
            bulk=bulk,
            expected_version=expected_version,
            request_id=self._request.state.request_id,
            trace_parent=self._request.state.trace_parent,
            dry_run=dry_run,
        )

    def _tell(self, written: Sequence[SeenVersion]) -> None:
        if written:
            self._response.headers[HEADER] = self._request.app.state.consistency_tokens.sign(written)


class ActingOnMany(_Acts):
    """Runs use cases on many things at once, such that repeating them changes nothing more."""

    async def __call__(self, action: Callable[..., Awaitable[R]], *, dry_run: bool = False, **arguments: Any) -> R:
        """Run `action(work, **arguments)`; answer what it returns, with a Consistency-Token. Raises what the action raises."""
        async with self._begin(bulk=True, dry_run=dry_run) as work:
            result = await action(work, **arguments)
        self._tell(work.written)
        return result


class Acting(_Acts):
    """Runs use cases for one request. `key`: its Idempotency-Key; `version`: what If-Match expects."""

    def __init__(self, request: Request, response: Response, caller: Principal, *, key: str | None, version: int | None) -> None:
        super().__init__(request, response, caller)
        self._key, self._version = key, version

    async def __call__(self, action: Callable[..., Awaitable[M]], view: Callable[[M], V], **arguments: Any) -> V:
        """Run `action(work, **arguments)`; answer `view(entity)` with ETag and Consistency-Token.

        Raises what the action raises; IdempotencyKeyReused, TwinInFlight.
        """
        digest = await self._digest()
        async with self._begin(expected_version=self._version) as work:
            earlier = await self._earlier(work, digest)
            if earlier is not None:
                entity: M = await work.read(get_type_hints(action)["return"], earlier)
                self._response.headers["Idempotent-Replay"] = "true"
                work.written = work.seen(entity)  # who did not get the first answer has its token now
            else:
                entity = await action(work, **arguments)
                await self._remember(work, entity.id, self._request.scope["route"].status_code or 200)
        self._response.headers["ETag"] = etag(entity.version)
        self._tell(work.written)
        return view(entity)

    async def _digest(self) -> bytes:
        """Of what was asked for: the body and the address. Under a key: with all else of a body known, the number in it could be tried out."""
        asked = hashlib.sha256(self._request.url.path.encode() + b"\n" + await self._request.body()).hexdigest()
        return self.running.keys.index.of(asked, field="idempotency.body_sha256")

    async def _earlier(self, work: Work, digest: bytes) -> UUID | None:
        """The resource that this very request has made before, answered with the status of then; else the key is claimed in this transaction."""
        if self._key is None:
            return None
        connection = await raw(work.session)
        await connection.execute("SET LOCAL lock_timeout = '1s'")
        try:
            claimed = await connection.fetchval(_CLAIM, self.principal.subject, work.operation, self._key, digest)
        except asyncpg.LockNotAvailableError as error:
            raise TwinInFlight from error
        await connection.execute("SET LOCAL lock_timeout = 0")
        if claimed:
            return None
        row = await connection.fetchrow(_FIND, self.principal.subject, work.operation, self._key)
        if row is None:  # it has expired in this very moment
            raise TwinInFlight
        if row["body_sha256"] != digest:
            raise IdempotencyKeyReused
        self._response.status_code = row["status"]
        resource_id: UUID = row["resource_id"]
        return resource_id

    async def _remember(self, work: Work, resource_id: UUID, status: int) -> None:
        if self._key is not None:
            connection = await raw(work.session)
            await connection.execute(_REMEMBER, self.principal.subject, work.operation, self._key, status, resource_id)


_CLAIM = "INSERT INTO idempotency (principal, operation, key, body_sha256) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true"
_FIND = "SELECT body_sha256, status, resource_id FROM idempotency WHERE principal = $1 AND operation = $2 AND key = $3"
_REMEMBER = "UPDATE idempotency SET status = $4, resource_id = $5 WHERE principal = $1 AND operation = $2 AND key = $3"


@refuses(IdempotencyKeyMissing, IdempotencyKeyReused, TwinInFlight, EnteredMeanwhile, EventTooLarge)
async def _creating(
    request: Request,
    response: Response,
    caller: Annotated[Principal, Depends(principal)],
    idempotency_key: Annotated[
        str | None,
        Header(min_length=8, max_length=128, description="同一笔业务用同一个值，重试不会重复办理，例如 2018-0301-0001；操作页自动填写"),
    ] = None,
) -> Acting:
    if idempotency_key is None:
        raise IdempotencyKeyMissing
    return Acting(request, response, caller, key=idempotency_key, version=None)


@refuses(NotFound, PreconditionFailed, EnteredMeanwhile, EventTooLarge)
async def _changing(
    request: Request,
    response: Response,
    caller: Annotated[Principal, Depends(principal)],
    version: Annotated[int, Depends(expected_version)],
) -> Acting:
    return Acting(request, response, caller, key=None, version=version)


@refuses(EnteredMeanwhile, EventTooLarge)
async def _on_many(request: Request, response: Response, caller: Annotated[Principal, Depends(principal)]) -> ActingOnMany:
    return ActingOnMany(request, response, caller)


Act = Annotated[Acting, Depends(_creating)]
"""For a POST that creates: Idempotency-Key is required."""

MatchedAct = Annotated[Acting, Depends(_changing)]
"""For PUT, PATCH and POST …/{id}:verb: If-Match is required."""

ManyAct = Annotated[ActingOnMany, Depends(_on_many)]
"""For a POST on many at once (`…:verb`) that may be sent again as it is."""
