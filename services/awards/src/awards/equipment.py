"""What awards alone needs while it runs: the figures in force and the registers that concern everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256

import asyncpg

from awards.kernel.parameters import Parameters
from awards.kernel.wording import describe
from awards.parameters.seed import load_seed
from awards.policy.grounds import BY_DOSSIER
from awards.policy.schemes import RULES, SCHEMES
from awards.policy.stacking import STACKING
from awards.reconciling.loading import Registers
from common.database.engine import raw
from common.reconciling.reconciliation import Superseded
from common.service import Running

_IN_FORCE = 4_218_009
"""Advisory lock: shared by whoever computes, alone for whoever puts other rules in force."""


class RulesReplaced(Superseded):
    """Another process has put other rules or figures in force."""


@dataclass(frozen=True)
class Equipment:
    """Found by routes and reconcilers as `equipment`."""

    parameters: Parameters
    registers: Registers = field(default_factory=Registers)

    @cached_property
    def rules(self) -> str:
        """Names everything that a computation follows: schemes, roster, stacking and figures, by content."""
        stacking = (f"{each.among}{each.per}{each.in_order}" for each in STACKING)
        parts = [*(each.hash for each in RULES), *stacking, self.parameters.hash]
        return sha256(" ".join(parts).encode()).hexdigest()


async def equip(running: Running) -> Equipment:
    """Load the figures, keep rules and figures by content, and have everything computed anew when they are others than last time.

    Raises ParametersRefused: the service does not start with figures that do not fit.
    """
    equipment = Equipment(load_seed())
    async with running.database.transaction() as session:
        connection = await raw(session)
        await _keep(connection, equipment.parameters)
        await _compute_anew_if_changed(connection, equipment.rules)
    return equipment


async def _keep(connection: asyncpg.Connection, parameters: Parameters) -> None:
    now = datetime.now(UTC)
    await connection.execute(
        "INSERT INTO parameter_set (hash, content, first_used_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        parameters.hash,
        json.dumps(parameters.content(), ensure_ascii=False),
        now,
    )
    await connection.executemany(
        "INSERT INTO rule (hash, scheme, signature, description, first_used_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [(each.hash, each.id, each.signature(), json.dumps(describe(each), ensure_ascii=False), now) for each in SCHEMES],
    )


async def _compute_anew_if_changed(connection: asyncpg.Connection, rules: str) -> None:
    """Waits until nobody computes by other rules, and marks in the order in which everybody marks."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _IN_FORCE)
    if await connection.fetchval("SELECT hash FROM in_force") == rules:
        return
    await connection.execute("INSERT INTO in_force (id, hash) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash", rules)
    for kind in BY_DOSSIER:
        await connection.execute("SELECT FROM dossier WHERE kind = $1 ORDER BY id FOR UPDATE", kind)
        await connection.execute("UPDATE dossier SET dirty = dirty + 1, urgency = 2, cause = 'rules-changed' WHERE kind = $1", kind)


async def must_be_in_force(connection: asyncpg.Connection, equipment: Equipment) -> None:
    """Asked before anything is computed: rules that a newer process has replaced answer nothing. Raises RulesReplaced."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", _IN_FORCE)
    if await connection.fetchval("SELECT hash FROM in_force") != equipment.rules:
        raise RulesReplaced
