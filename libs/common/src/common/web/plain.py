"""What no request may hold, whatever its fields mean: characters that no keyboard writes, and days that no register knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import Request, params
from fastapi.routing import APIRoute

from common.calendar.days import is_plausible
from common.identifiers.text import is_plain
from common.refusal import Fault, Invalid

_DAY = re.compile(r"(\d{4})-\d{2}-\d{2}", re.ASCII)
_OF_DAYS = ("_on", "_from", "_to", "_since", "_until")
"""How fields for days are named. Pydantic would read a number in them as seconds since 1970."""
_UNREADABLE = "含有不可见的控制字符或残缺的字符，请重新输入"
_IMPLAUSIBLE = "日期应在 1900 年至 2999 年之间"


async def only_plain(request: Request) -> None:
    """No database column takes a NUL, and 0001-01-01 has no day before. Raises Invalid with every faulty place."""
    faults = [*_faults("/path", dict(request.path_params)), *_faults("/query", dict(request.query_params))]
    if takes_json(request):
        faults += _faults("/body", await _json(request))
    if faults:
        raise Invalid(faults=faults)


def takes_json(request: Request) -> bool:
    """Whether the route has a body that is no form: a form is read once, by the route itself."""
    route = request.scope.get("route")
    return isinstance(route, APIRoute) and route.body_field is not None and not isinstance(route.body_field.field_info, params.Form)


async def _json(request: Request) -> Any:
    """The body; None when it cannot be read, which the route itself says."""
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None


def _faults(pointer: str, value: Any) -> Iterator[Fault]:
    match value:
        case str() if not is_plain(value):
            yield Fault(pointer, _UNREADABLE)
        case str() if (day := _DAY.fullmatch(value)) and not is_plausible(int(day[1])):
            yield Fault(pointer, _IMPLAUSIBLE)
        case dict():
            for name, inner in value.items():
                yield from _faults_of_field(pointer, name, inner)
        case list():
            for nth, inner in enumerate(value):
                yield from _faults(f"{pointer}/{nth}", inner)


def _faults_of_field(pointer: str, name: str, value: Any) -> Iterator[Fault]:
    if not is_plain(name):
        yield Fault(pointer, _UNREADABLE)
    elif name.endswith(_OF_DAYS) and value is not None and not (isinstance(value, str) and _DAY.fullmatch(value)):
        yield Fault(f"{pointer}/{step(name)}", "日期应写成 2018-03-01")
    else:
        yield from _faults(f"{pointer}/{step(name)}", value)


_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}|[0-9]{1,4}", re.ASCII)


def step(name: object) -> str:
    """One step of a JSON pointer. A name that is no field name is something that was entered, and not repeated."""
    text = str(name)
    return text if isinstance(name, int) or _FIELD_NAME.fullmatch(text) else "…"
