"""What awards alone needs while it runs: the figures in force, as every process reads them, and the registers that concern everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import asyncpg

from awards.kernel.parameters import Parameters
from awards.kernel.wording import describe
from awards.kernel.written import written
from awards.parameters.history import enter_seed, figures_known_at, keep
from awards.parameters.seed import load_seed
from awards.policy.check import check_parameters
from awards.policy.grounds import BY_DOSSIER
from awards.policy.schemes import RULES, SCHEMES
from awards.policy.stacking import PAID_FOR, STACKING
from awards.population.keeping import KeptCity
from awards.reconciling.loading import Registers
from common.database.engine import raw
from common.identifiers.people import People
from common.reconciling.reconciliation import Superseded
from common.security.principal import Principal, Role
from common.service import Running

_IN_FORCE = 4_218_009
"""Advisory lock: shared by whoever computes, alone for whoever puts other rules or figures in force."""
_KEPT_SETS = 8
PROGRAM = Principal("awards", Role.SERVICE, frozenset())
"""Who enters what comes with the program."""


class RulesReplaced(Superseded):
    """Another process has put other rules in force."""


def rules_hash() -> str:
    """Names all that this version of the program computes by: schemes, rosters and stacking, by content."""
    stacking = (f"{each.among}{each.per}{each.in_order}{each.against}" for each in STACKING)
    return sha256(" ".join([*(each.hash for each in RULES), *stacking, f"{PAID_FOR}"]).encode()).hexdigest()


@dataclass(frozen=True)
class Equipment:
    """Found by routes and reconcilers as `equipment`."""

    supposed: Parameters | None = None
    """Computes with these figures whatever is in force: for what never stands."""
    registers: Registers = field(default_factory=Registers)
    rules: str = field(default_factory=rules_hash)
    kept_city: KeptCity = field(default_factory=KeptCity)
    people: People | None = None
    """Whom a file names by ID number; None where no file is read."""
    _sets: dict[str, Parameters] = field(default_factory=dict)
    """By their hash: a set never changes, which of them is in force does."""

    def supposing(self, parameters: Parameters) -> Equipment:
        """The same, were these figures in force."""
        return Equipment(parameters, self.registers, self.rules)

    async def figures(self, connection: asyncpg.Connection) -> Parameters:
        """Those in force now: a process learns of a decision with its next question."""
        return self.supposed or await self.figures_of(connection, await connection.fetchval("SELECT figures FROM in_force"))

    async def figures_of(self, connection: asyncpg.Connection, hash_: str) -> Parameters:
        """A set by its name."""
        if hash_ not in self._sets:
            parameters = Parameters.load(json.loads(await connection.fetchval(_CONTENT, hash_)))
            while len(self._sets) >= _KEPT_SETS:
                self._sets.pop(next(iter(self._sets)))
            self._sets[hash_] = parameters
        return self._sets[hash_]


_CONTENT = "SELECT content::text FROM parameter_set WHERE hash = $1"


async def equip(running: Running) -> Equipment:
    """Enter what is new in the seed, keep rules and figures by content, and have everything computed anew when they are others than last time.

    Raises ParametersRefused: the service does not start with figures that do not fit.
    """
    equipment, seed = Equipment(people=People(running.other_services())), load_seed()
    async with running.works.begin(PROGRAM, operation="enter_seed", cause="seed") as work:
        connection = await raw(work.session)
        await alone(connection)
        await enter_seed(work, seed)
        parameters = await figures_known_at(work.session)
        check_parameters(parameters)
        await keep(work.session, parameters)
        await _keep_rules(connection)
        await _compute_anew_if_changed(connection, equipment.rules, parameters.hash)
    return equipment


async def _keep_rules(connection: asyncpg.Connection) -> None:
    now = datetime.now(UTC)
    await connection.executemany(
        """
            INSERT INTO rule (hash, scheme, signature, description, tree, first_used_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (hash) DO UPDATE SET tree = excluded.tree WHERE rule.tree IS NULL
        """,
        [(each.hash, each.id, each.signature(), _json(describe(each)), _json(written(each)), now) for each in SCHEMES],
    )


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


async def alone(connection: asyncpg.Connection) -> None:
    """Until this transaction ends nobody computes: asked before other rules or figures are put in force."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _IN_FORCE)


async def _compute_anew_if_changed(connection: asyncpg.Connection, rules: str, figures: str) -> None:
    """Marks in the order in which everybody marks."""
    held = await connection.fetchrow("SELECT hash, figures FROM in_force")
    if held and (held["hash"], held["figures"]) == (rules, figures):
        return
    await connection.execute(
        "INSERT INTO in_force (id, hash, figures) VALUES (1, $1, $2)"
        " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, figures = excluded.figures",
        rules,
        figures,
    )
    cause = f"rules-changed:{rules[:16]}"
    for kind in BY_DOSSIER:
        await connection.execute("SELECT FROM dossier WHERE kind = $1 ORDER BY id FOR UPDATE", kind)
        await connection.execute("UPDATE dossier SET dirty = dirty + 1, urgency = 2, cause = $2 WHERE kind = $1", kind, cause)


async def figures_in_force(connection: asyncpg.Connection, equipment: Equipment) -> Parameters:
    """Asked before anything is computed that shall stand; they stay in force until the transaction ends.

    Raises RulesReplaced: rules that a newer process has replaced answer nothing.
    """
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", _IN_FORCE)
    if await connection.fetchval("SELECT hash FROM in_force") != equipment.rules:
        raise RulesReplaced
    return await equipment.figures(connection)
