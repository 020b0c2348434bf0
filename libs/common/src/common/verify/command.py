"""`python -m <service> verify`: runs the checks one after the other and tells what they find, on one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import IntEnum

import structlog
from pydantic import ValidationError

from common.database.engine import Database
from common.service import Service
from common.settings import ServiceSettings
from common.verify.check import Check, CouldNotCheck, Finding, Inspected
from common.verify.standard import checks_of

_log = structlog.get_logger(__name__)
_TOLD = 20
"""So many findings of one check are told; the others are counted."""
Say = Callable[[str], object]


class Result(IntEnum):
    """The exit code."""

    HOLDS = 0
    DIFFERS = 1
    UNKNOWN = 2
    """Something could not be checked, and nothing was found elsewhere."""


async def verify(service: Service, *, patience_seconds: float, say: Say) -> Result:
    """The command, with the settings of the surroundings."""
    try:
        settings = ServiceSettings()
    except ValidationError as error:
        names = "、".join(f"CRAFTPORT_{str(fault['loc'][0]).upper()}" for fault in error.errors(include_input=False))
        say(f"无法核验：设置缺少或有误：{names}")
        return Result.UNKNOWN
    database = Database(settings.database_url.get_secret_value(), connections=2)
    try:
        return await told(Inspected(service, settings, database, patience_seconds), say)
    finally:
        await database.close()


async def told(inspected: Inspected, say: Say) -> Result:
    """Run all checks of one service, and tell."""
    say(f"{inspected.service.name}（{inspected.service.title}）")
    try:
        checks = checks_of(inspected)
    except ValueError as error:
        say(f"  ？ 无法核验：{error}")
        return Result.UNKNOWN
    return worst([await run(check, say) for check in checks])


def worst(results: Sequence[Result]) -> Result:
    """What differs is certain, whatever else could not be checked."""
    return next((result for result in (Result.DIFFERS, Result.UNKNOWN) if result in results), Result.HOLDS)


async def run(check: Check, say: Say) -> Result:
    """One check; a line when all is well, else its findings."""
    began, found = time.monotonic(), 0
    first: list[Finding] = []
    unknown: str | None = None
    try:
        async for finding in check.findings():
            found += 1
            if len(first) < _TOLD:
                first.append(finding)
    except CouldNotCheck as reason:
        unknown = str(reason)
    except Exception as error:
        _log.exception("could_not_check", check=check.name)
        unknown = type(error).__name__
    looked = f"{check.looked_at:,} {check.counts}，{time.monotonic() - began:.1f} 秒"
    if found:
        say(f"  ✗ {check.name}：{found:,} 处不符（{looked}）")
    elif unknown is None:
        say(f"  ✓ {check.name}：{check.says}（{looked}）")
    for number, finding in enumerate(first, 1):
        say(f"      {number}. {finding.what}\n         何处：{finding.where}\n         怎样处理：{finding.what_to_do}")
    if found > len(first):
        say(f"      ……另有 {found - len(first):,} 处")
    if unknown is not None:
        say(f"  ？ {check.name}：无法检查（{unknown}）")
        return Result.DIFFERS if found else Result.UNKNOWN
    return Result.DIFFERS if found else Result.HOLDS
