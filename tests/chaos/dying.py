"""What a process of the town is made to be: one that kills itself at one exact point of its work, or a newer version with other rules.

Where a kill from outside hits is a matter of chance. The points here are those that matter most, and each is hit for certain.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from awards.equipment import Equipment
from common.audit.sealer import Sealer
from common.bus.facts import Facts
from common.bus.relay import Relay
from common.files.jobs import Jobs
from common.reconciling.reconciler import Reconciler
from common.reconciling.reconciliation import Reconciliation
from common.web.operators import Operator_
from common.work.works import Works


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str) -> None:
    async def dies(*_: Any, **__: Any) -> None:
        _die()

    setattr(owner, name, dies)


def _after(owner: Any, name: str, *, when: Callable[[Any], bool] = lambda _: True) -> None:
    does = getattr(owner, name)

    async def dies(*arguments: Any, **named: Any) -> Any:
        result = await does(*arguments, **named)
        if when(result):
            _die()
        return result

    setattr(owner, name, dies)


def _after_commit(owner: Any, name: str) -> None:
    begins = getattr(owner, name)

    @asynccontextmanager
    async def dies(*arguments: Any, **named: Any) -> Any:
        async with begins(*arguments, **named) as work:
            yield work
        _die()

    setattr(owner, name, dies)


def _acts() -> None:
    _after_commit(Works, "begin")
    _after_commit(Operator_, "transaction")


POINTS: Mapping[str, Callable[[], None]] = {
    "committed-not-answered": _acts,
    "sent-not-deleted": lambda: _before(Relay, "_delete"),
    "heard-not-reconciled": lambda: _after(Facts, "apply"),
    "reconciled-not-committed": lambda: _after(Reconciliation, "finish"),
    "reconciled-not-told": lambda: _after(Reconciler, "_recompute", when=bool),
    "sealed-not-exported": lambda: _before(Sealer, "_export"),
    "chunk-done-job-open": lambda: _after(Jobs, "_apply"),
}


def put_other_rules(version: str) -> None:
    """The same rules under another name: what is owed stays the same, and everything must be computed anew to know it."""
    rules = Equipment.rules.func
    Equipment.rules = property(lambda equipment: f"{rules(equipment)} {version}")  # type: ignore[assignment,method-assign]
