"""RFC 9457: every refusal as `application/problem+json`, by one mapping. Never an input value, never a stack trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from common.database.engine import is_collision, is_transient
from common.refusal import (
    Conflict,
    Fault,
    Invalid,
    NotFound,
    Refusal,
    Unavailable,
)
from common.security.principal import Role
from common.web.plain import step

_log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"

# What Pydantic finds, as a sentence for whoever filled in the form.
_MESSAGES = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "string_pattern_mismatch": "格式不对",
    "enum": "不是允许的取值",
    "literal_error": "不是允许的取值",
    "uuid_parsing": "不是有效的编号",
    "date_from_datetime_parsing": "日期应写成 2018-03-01",
    "date_parsing": "日期应写成 2018-03-01",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "string_type": "应为文字",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "too_long": "太多",
    "json_invalid": "不是有效的 JSON",
}


class FaultView(BaseModel):
    """One faulty place."""

    pointer: str = Field(examples=["/body/issued_on"])
    message: str = Field(examples=["日期应写成 2018-03-01"])


class Problem(BaseModel):
    """What went wrong and what to do about it (RFC 9457)."""

    type: str = Field(examples=["/problems/already-revoked"])
    title: str = Field(examples=["证书已被撤销"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["already-revoked"])
    detail: str = ""
    trace_id: str = Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
    faults: list[FaultView] = []


class NotAllowedHere(Refusal):
    """The path exists and the method does not."""

    status = 405
    title = "此地址不支持该方法"


class Unexpected(Refusal):
    """Our fault. The trace id finds it in the logs."""

    status = 500
    title = "系统内部错误，已记录，请稍后再试"


class Busy(Unavailable):
    """The database could not be had in time."""


class EnteredMeanwhile(Conflict):
    """Two entered at once what may exist only once; the other was first."""

    title = "他人刚刚登记了同一内容，请重新读取"


def problem(request: Request, refusal: Refusal) -> JSONResponse:
    """The refusal as an answer."""
    body = Problem(
        type=f"/problems/{refusal.code}",
        title=refusal.title,
        status=refusal.status,
        code=refusal.code,
        detail="" if refusal.status == 404 and _sees_only_his_own(request) else refusal.detail,
        trace_id=getattr(request.state, "trace_id", ""),
        faults=[FaultView(pointer=fault.pointer, message=fault.message) for fault in refusal.faults],
    )
    headers = {"Retry-After": str(refusal.retry_after_seconds)} if isinstance(refusal, Unavailable) else {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(), refusal.status, headers, media_type=MEDIA_TYPE)


def _methods_of(request: Request) -> list[str]:
    """What its address can be asked with. Starlette names the methods of the first route alone, and one address may have several."""
    routes: Sequence[BaseRoute] = request.app.routes
    is_an_act = ":" in request.url.path.rpartition("/")[2]  # of which a path's template would make an id
    return [
        method
        for method in (("POST",) if is_an_act else ("DELETE", "GET", "PATCH", "POST", "PUT"))
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


def _sees_only_his_own(request: Request) -> bool:
    """To him, what is not his and what does not exist are told in the same words."""
    caller = getattr(request.state, "principal", None)
    return caller is not None and caller.role in (Role.ORGANISATION, Role.PERSON)


def faults_of(errors: Sequence[Any]) -> list[Fault]:
    """Pydantic's findings as places and Chinese sentences, without what was entered."""
    return [Fault("/" + "/".join(step(part) for part in error["loc"]), _MESSAGES.get(error["type"], "不符合要求")) for error in errors]


def install(app: FastAPI) -> None:
    """Map every exception that can leave a route."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> JSONResponse:
        return problem(request, refusal)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(request, Invalid(faults=faults_of(error.errors())))

    @app.exception_handler(HTTPException)
    async def starlette(request: Request, error: HTTPException) -> JSONResponse:
        known: dict[int, Refusal] = {404: NotFound("没有这个地址"), 405: NotAllowedHere(), 400: Invalid("请求无法解析")}
        answer = problem(request, known.get(error.status_code, Unexpected()))
        if error.status_code == NotAllowedHere.status:
            answer.headers["Allow"] = ", ".join(_methods_of(request))
        return answer

    # Each by its name: what only the last handler of all knows is answered and then told as a crash, with its whole traceback.
    @app.exception_handler(OSError)
    @app.exception_handler(PoolTimeout)
    @app.exception_handler(asyncpg.InterfaceError)
    @app.exception_handler(asyncpg.InternalClientError)
    @app.exception_handler(DBAPIError)
    @app.exception_handler(asyncpg.PostgresError)
    async def database(request: Request, error: Exception) -> JSONResponse:
        if is_collision(error):
            return problem(request, EnteredMeanwhile())
        if is_transient(error):
            return problem(request, Busy())
        raise error

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        if status_of(error) == Busy.status:
            return problem(request, Busy())
        _log.error("request_failed", error=type(error).__name__, exc_info=error)
        return problem(request, Unexpected())


def status_of(unexpected: Exception) -> int:
    """What the caller is answered when something leaves a route that nobody has foreseen."""
    return Busy.status if is_transient(unexpected) else Unexpected.status


def refusals(*types: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: every way in which it can say no, with an example each. What its dependencies refuse is added to them."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in types:
        example = {"type": f"/problems/{kind.code}", "title": kind.title, "status": kind.status, "code": kind.code, "detail": "",
                   "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "faults": []}  # fmt: skip
        content = by_status.setdefault(kind.status, {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}})
        content["examples"][kind.code] = {"summary": kind.title, "value": example}
    return {
        status: {
            "description": "；".join(dict.fromkeys(example["summary"] for example in content["examples"].values())),
            "content": {MEDIA_TYPE: content},
        }
        for status, content in by_status.items()
    }
