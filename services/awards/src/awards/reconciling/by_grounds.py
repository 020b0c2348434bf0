"""Dossiers that are their grounds and no more: a partner's year, an organisation, a sponsored class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

from awards.equipment import Equipment, figures_in_force
from awards.kernel.ground import Ground
from awards.policy.blockers import Blocker
from awards.policy.due import Due, due_of
from awards.policy.grounds import BY_DOSSIER
from awards.reconciling import entitlements, grounds
from awards.reconciling.braking import passing
from awards.reconciling.loading import Registers
from common.reconciling.dossier import Reconcile
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation


class Known(NamedTuple):
    """The grounds of a dossier, and what stands in the way of paying for them."""

    grounds: tuple[Ground, ...]
    blockers: tuple[Blocker, ...] = ()


Load = Callable[[asyncpg.Connection, Registers, Sequence[str]], Awaitable[Mapping[str, Known]]]
"""What is known of each of these dossiers, read from the replicas."""


def by_grounds(kind: str, load: Load) -> Reconcile:
    """How a dossier of this kind is reconciled: `load` its grounds, decide, store, write. It marks nothing."""

    async def reconcile(reconciliation: Reconciliation, taken: Sequence[Taken]) -> Mapping[str, date | None]:
        connection, equipment = reconciliation.connection, reconciliation.equipment
        assert isinstance(equipment, Equipment)
        parameters = await figures_in_force(connection, equipment)
        ids = [dossier.id for dossier in taken]
        found = await load(connection, equipment.registers, ids)
        held = await entitlements.held_by(connection, kind, ids)
        due: dict[str, Due] = {}
        changes: list[entitlements.Change] = []
        for dossier in taken:
            rows = held[dossier.id]
            settled = entitlements.settled_among(rows)
            due[dossier.id] = due_of(
                found[dossier.id].grounds, parameters, reconciliation.business_day, settled, found[dossier.id].blockers
            )
            changes += entitlements.changes(rows, due[dossier.id].owed, dossier)
        await grounds.store(connection, ids, BY_DOSSIER[kind], [(id_, ground) for id_ in ids for ground in found[id_].grounds])
        changes = await passing(reconciliation, kind, taken, held, changes, parameters)
        await entitlements.write(reconciliation, kind, changes, parameters.hash)
        return {id_: due[id_].look_again_on for id_ in ids}

    return reconcile
