"""What awards alone needs while it runs: the figures in force and the registers that concern everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import asyncpg

from awards.kernel.parameters import Parameters
from awards.kernel.wording import describe
from awards.parameters.seed import load_seed
from awards.policy.schemes import SCHEMES
from awards.policy.schemes.partner_bonus import delivered
from awards.reconciling.loading import Registers
from common.database.engine import raw
from common.service import Running


@dataclass(frozen=True)
class Equipment:
    """Found by routes and reconcilers as `equipment`."""

    parameters: Parameters
    registers: Registers = field(default_factory=Registers)


async def equip(running: Running) -> Equipment:
    """Load the figures, keep rules and figures by content, and have everything computed anew when they are others than last time.

    Raises ParametersRefused: the service does not start with figures that do not fit.
    """
    parameters = load_seed()
    async with running.database.transaction() as session:
        connection = await raw(session)
        await _keep(connection, parameters)
        await _compute_anew_if_changed(connection, parameters)
    return Equipment(parameters)


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


async def _compute_anew_if_changed(connection: asyncpg.Connection, parameters: Parameters) -> None:
    rules = sha256(" ".join([*(each.hash for each in SCHEMES), delivered.hash, parameters.hash]).encode()).hexdigest()
    was = await connection.fetchval("SELECT hash FROM in_force FOR UPDATE")
    if was == rules:
        return
    await connection.execute("INSERT INTO in_force (id, hash) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash", rules)
    await connection.execute(
        "UPDATE dossier SET dirty = dirty + 1, urgency = 2, cause = 'rules-changed' WHERE kind IN ('person', 'partner-year')"
    )
