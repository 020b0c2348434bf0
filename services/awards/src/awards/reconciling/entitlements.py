"""Due against held: rows arise, are revised or withdrawn, each change with its decision and its event. Equal results write nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from awards.kernel.kinds import Outcome, Unit
from awards.kernel.scheme import Scheme
from awards.policy.names import Key
from awards.policy.schemes import BY_ID
from awards.policy.stacked import Owed, Settled
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation
from contracts.awards import Entitlement, EntitlementState, PayeeKind

_STATES = {
    Outcome.GRANTED: EntitlementState.DUE,
    Outcome.ACCRUING: EntitlementState.ACCRUING,
    Outcome.AWAITING: EntitlementState.AWAITING,
    Outcome.HELD: EntitlementState.HELD,
}


class Content(NamedTuple):
    """What an entitlement says; two rows that say the same are the same."""

    payee_kind: str
    payee_id: UUID
    person_id: UUID | None
    state: str
    due_fen: int
    accruing_fen: int
    would_be_fen: int
    displaced_by_scheme: str | None
    displaced_by_key: str | None
    carried_fen: int = 0
    """What was settled for it under another id of its person; of an alias's row, less than nothing: it counts there."""

    @property
    def is_topped_up(self) -> bool:
        """Owed only as the difference to another, which is named."""
        return self.displaced_by_key is not None and self.due_fen + self.accruing_fen > 0


@dataclass(frozen=True)
class Held:
    """An entitlement as the database has it."""

    id: UUID
    version: int
    name: Key
    dossier: str
    settled_fen: int
    content: Content


class Carried(NamedTuple):
    """What counts as settled for an entitlement besides its own row, and whose it is."""

    fen: int
    content: Content


NOTHING_CARRIED: Mapping[Key, Carried] = {}


@dataclass(frozen=True)
class Change:
    """A row as it becomes, and why."""

    id: UUID
    version: int
    name: Key
    because: Taken
    settled_fen: int
    content: Content
    owed: Owed | None
    decision_id: UUID

    @property
    def verb(self) -> str:
        if self.version == 1:
            return "arose"
        return "withdrawn" if self.content.state == EntitlementState.WITHDRAWN else "revised"


_HELD = f"""
    SELECT id, version, scheme, entitlement_key, dossier_id, settled_fen, {", ".join(Content._fields)}
    FROM entitlement WHERE dossier_kind = $1 AND dossier_id = ANY($2::text[])
"""


async def held_by(connection: asyncpg.Connection, kind: str, dossiers: Sequence[str]) -> dict[str, list[Held]]:
    """The rows of these dossiers, by dossier."""
    held: dict[str, list[Held]] = {dossier: [] for dossier in dossiers}
    for id_, version, scheme, key, dossier, settled_fen, *content in await connection.fetch(_HELD, kind, list(dossiers)):
        held[dossier].append(Held(id_, version, Key(scheme, key), dossier, settled_fen, Content(*content)))
    return held


def changes(held: Iterable[Held], owed: Iterable[Owed], because: Taken, carried: Mapping[Key, Carried] = NOTHING_CARRIED) -> list[Change]:
    """What has to be written so that the rows say what is due, and what was settled for it elsewhere."""
    rows = {row.name: row for row in held}
    says: dict[Key, tuple[Content | None, Owed | None]] = {}
    for each in owed:
        row = rows.get(each.name)
        says[each.name] = _content(each, row.content if row else _carried(carried, each.name)), each
    for name, row in rows.items():
        says.setdefault(name, (_withdrawn(row.content), None))
    for name, paid in carried.items():
        says.setdefault(name, (_withdrawn(paid.content), None))
    result: list[Change] = []
    for name, (said, decided) in says.items():
        if said is not None:
            row, content = rows.get(name), said._replace(carried_fen=carried[name].fen if name in carried else 0)
            if row is None or row.content != content:
                result.append(_change(row, name, content, decided, because))
    return result


def _carried(carried: Mapping[Key, Carried], name: Key) -> Content | None:
    """Whose entitlement it was, where only an alias has a row."""
    return carried[name].content if name in carried else None


def _change(row: Held | None, name: Key, content: Content, owed: Owed | None, because: Taken) -> Change:
    id_, version, settled_fen = (row.id, row.version + 1, row.settled_fen) if row else (uuid7(), 1, 0)
    return Change(id_, version, name, because, settled_fen, content, owed, decision_id=uuid7())


def _content(owed: Owed, was: Content | None) -> Content | None:
    """What the row shall say; None when there is none and need be none."""
    state = state_of(owed)
    if state is None or owed.payee is None:
        return _withdrawn(was) if was else None
    is_displaced = owed.displaced_by is not None
    fen = owed.left_fen if is_displaced else owed.fen
    return Content(
        payee_kind=PayeeKind.PERSON if owed.payee_unit is Unit.PERSON else PayeeKind.ORGANISATION,
        payee_id=owed.payee,
        person_id=owed.person,
        state=state,
        due_fen=fen if state is EntitlementState.DUE else 0,
        accruing_fen=fen if state is EntitlementState.ACCRUING else 0,
        would_be_fen=owed.fen if is_displaced else 0,
        displaced_by_scheme=owed.displaced_by.scheme if owed.displaced_by else None,
        displaced_by_key=owed.displaced_by.key if owed.displaced_by else None,
    )


def state_of(owed: Owed) -> EntitlementState | None:
    """What a row says that says this; None when there is nothing to say: it is refused, or nobody can be paid."""
    if owed.payee is None or owed.outcome not in _STATES:
        return None
    return EntitlementState.DISPLACED if owed.displaced_by and not owed.left_fen else _STATES[owed.outcome]


def _withdrawn(was: Content) -> Content:
    return Content(was.payee_kind, was.payee_id, was.person_id, EntitlementState.WITHDRAWN, 0, 0, 0, None, None)


async def write(reconciliation: Reconciliation, kind: str, written: Sequence[Change], parameter_set_hash: str) -> None:
    """The rows, their decisions, their events."""
    if not written:
        return
    connection, today = reconciliation.connection, reconciliation.business_day
    await _insert(connection, kind, [change for change in written if change.version == 1], today)
    await _update(connection, [change for change in written if change.version > 1], today)
    await connection.copy_records_to_table(
        "decision", records=[_decision(change, today, parameter_set_hash) for change in written], columns=_DECISION_COLUMNS
    )
    for change in written:
        reconciliation.publish(_fact(change, today), verb=change.verb, version=change.version, because=change.because)


_COLUMNS = (
    "id", "version", "scheme", "entitlement_key", "dossier_kind", "dossier_id", "settled_fen", "decided_on", "decision_id", *Content._fields,
)  # fmt: skip


async def _insert(connection: asyncpg.Connection, kind: str, new: Sequence[Change], today: date) -> None:
    rows = [
        (each.id, each.version, *each.name, kind, each.because.id, each.settled_fen, today, each.decision_id, *each.content) for each in new
    ]
    if rows:
        await connection.copy_records_to_table("entitlement", records=rows, columns=_COLUMNS)


_TYPES = {
    "payee_id": "uuid",
    "person_id": "uuid",
    "due_fen": "bigint",
    "accruing_fen": "bigint",
    "would_be_fen": "bigint",
    "carried_fen": "bigint",
}
_UPDATE = f"""
    UPDATE entitlement AS held SET version = new.version, decided_on = $1, decision_id = new.decision_id,
        {", ".join(f"{name} = new.{name}" for name in Content._fields)}
    FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], {", ".join(f"${nth}::{_TYPES.get(name, 'text')}[]" for nth, name in enumerate(Content._fields, 5))})
        AS new(id, version, decision_id, {", ".join(Content._fields)})
    WHERE held.id = new.id
"""


async def _update(connection: asyncpg.Connection, changed: Sequence[Change], today: date) -> None:
    if changed:
        rows = [(each.id, each.version, each.decision_id, *each.content) for each in changed]
        await connection.execute(_UPDATE, today, *map(list, zip(*rows, strict=True)))


_DECISION_COLUMNS = (
    "id", "entitlement_id", "entitlement_version", "recorded_at", "business_day", "ground_kind", "ground", "rule_hash", "parameter_set_hash",
    "outcome", "amount_fen", "state", "displaced_by_scheme", "displaced_by_key", "left_fen", "cause",
)  # fmt: skip


def _decision(change: Change, today: date, parameter_set_hash: str) -> tuple[Any, ...]:
    owed, content = change.owed, change.content
    scheme: Scheme[Any] = BY_ID[change.name.scheme]
    return (
        change.decision_id,
        change.id,
        change.version,
        datetime.now(UTC),
        today,
        type(owed.ground).__name__ if owed else None,
        json.dumps(owed.ground.to_record(), ensure_ascii=False) if owed else None,
        scheme.hash,
        parameter_set_hash,
        (owed.outcome if owed else Outcome.NOT_CONCERNED).name,
        owed.fen if owed else 0,
        content.state,
        content.displaced_by_scheme,
        content.displaced_by_key,
        owed.left_fen if owed else 0,
        change.because.cause,
    )


def _fact(change: Change, today: date) -> Entitlement:
    content = change.content
    return Entitlement.model_construct(
        id=change.id,
        scheme=change.name.scheme,
        entitlement_key=change.name.key,
        payee_kind=PayeeKind(content.payee_kind),
        payee_id=content.payee_id,
        person_id=content.person_id,
        state=EntitlementState(content.state),
        due_fen=content.due_fen,
        accruing_fen=content.accruing_fen,
        settled_fen=change.settled_fen + content.carried_fen,
        decided_on=today,
        decision_id=change.decision_id,
    )


def settled_among(held: Iterable[Held], carried: Mapping[Key, Carried] = NOTHING_CARRIED) -> dict[Key, Settled]:
    """What has been paid already, under whatever id, and of which it was only the difference to another."""
    paid = {name: Settled(each.fen) for name, each in carried.items()}
    for row in held:
        elsewhere = paid[row.name].fen if row.name in paid else 0
        paid[row.name] = Settled(row.settled_fen + elsewhere, is_topped_up=row.content.is_topped_up)
    return {name: each for name, each in paid.items() if each.fen > 0}
