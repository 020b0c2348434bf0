"""What `verify` asks of awards: entitlements held are those due, and each has the decision that made it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from functools import partial
from uuid import UUID

import asyncpg

from awards.dossiers import dossiers
from awards.equipment import Equipment
from awards.policy.grounds import BY_DOSSIER
from common.database.engine import Database
from common.reconciling.dossier import Dossiers
from common.verify.check import Check, Finding, Inspected
from common.verify.recomputed import Lines, Recomputed

_PAGE = 2000


def checks(inspected: Inspected) -> Iterable[Check]:
    """By full recomputation from the replicas."""
    return (recomputed(inspected, Equipment()), Decided(inspected.database))


def recomputed(inspected: Inspected, equipment: Equipment) -> Recomputed:
    """The figures are those in force; when the database has other rules in force it says so."""
    return Recomputed(
        inspected.database,
        Dossiers(dossiers),
        equipment=equipment,
        read={"person": _of_a_person} | {kind: partial(_entitlements, kind=kind) for kind in BY_DOSSIER if kind != "person"},
        patience_seconds=inspected.patience_seconds,
    )


async def _of_a_person(connection: asyncpg.Connection, person: str) -> Lines:
    return await _entitlements(connection, person, kind="person") | {
        f"输送（{row['partner_id']} {row['year']} 年）": f"{'待定' if row['awaits'] else '计入'} {row['placement_id']}"
        for row in await connection.fetch(_DELIVERED, UUID(person))
    }


async def _entitlements(connection: asyncpg.Connection, dossier: str, *, kind: str) -> dict[str, str]:
    """Everything that an entitlement says: how much, and to whom."""
    lines = {}
    for row in await connection.fetch(_ENTITLEMENTS, kind, dossier):
        name = f"{row['scheme']}（{row['entitlement_key']}）"
        sums = "、".join(f"{what} {Decimal(row[sum_]).scaleb(-2):,.2f} 元" for sum_, what in _SUMS.items() if row[sum_])
        lines[name] = f" {row['state']} {sums or '0.00 元'}"
        lines[f"{name} 付给"] = f" {row['payee_kind']} {row['payee_id']}"
        lines[f"{name} 当事人"] = f" {row['person_id'] or '无'}"
        lines[f"{name} 不重复补贴"] = f" {row['displaced_by_scheme'] or '无'} {row['displaced_by_key'] or ''}"
    return lines


_SUMS = {"due_fen": "应付", "accruing_fen": "预计", "would_be_fen": "原应付", "carried_fen": "并入已付"}
_ENTITLEMENTS = "SELECT * FROM entitlement WHERE dossier_kind = $1 AND dossier_id = $2 ORDER BY scheme, entitlement_key"
_DELIVERED = """
    SELECT placement_id, partner_id, year, NULL AS awaits FROM delivered WHERE person_id = $1
    UNION ALL SELECT placement_id, partner_id, year, awaits FROM undecided_delivery WHERE person_id = $1
"""


class Decided(Check):
    """Every entitlement is what its last decision made it, and belongs to a dossier that is recomputed."""

    name = "认定记录"
    says = "每项权益都与它最近一次认定记录一致，都有会复算的卷宗"
    counts = "项权益"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def findings(self) -> AsyncIterator[Finding]:
        after = UUID(int=0)
        while True:
            async with self._database.raw_transaction() as connection:
                rows = await connection.fetch(_DECISIONS, after, _PAGE)
            for row in rows:
                where = f"{row['dossier_kind']} {row['dossier_id']}，{row['scheme']}（{row['entitlement_key']}）"
                if not row["has_dossier"]:
                    yield Finding("这项权益没有卷宗，从未由事实得出：有人直接插入", where, "不要支付；查明是谁直接写了数据库。")
                elif not row["is_decided"]:
                    yield Finding(
                        "这项权益与最近的认定记录不符，或认定记录被删、被改", where, "从备份找回认定记录；查明是谁直接写了数据库。"
                    )
            self.looked_at += len(rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1]["id"]


_DECISIONS = """
    SELECT e.id, e.scheme, e.entitlement_key, e.dossier_kind, e.dossier_id,
        EXISTS (SELECT FROM dossier AS d WHERE d.kind = e.dossier_kind AND d.id = e.dossier_id) AS has_dossier,
        (SELECT count(*) = e.version AND bool_or(
            d.id = e.decision_id AND d.entitlement_version = e.version AND d.state = e.state
            AND (d.displaced_by_scheme, d.displaced_by_key) IS NOT DISTINCT FROM (e.displaced_by_scheme, e.displaced_by_key)
            AND (e.state NOT IN ('DUE', 'ACCRUING', 'DISPLACED')
                OR d.amount_fen = CASE WHEN e.displaced_by_key IS NULL THEN e.due_fen + e.accruing_fen ELSE e.would_be_fen END))
         FROM decision AS d WHERE d.entitlement_id = e.id) IS TRUE AS is_decided
    FROM (SELECT * FROM entitlement WHERE id > $1 ORDER BY id LIMIT $2) AS e ORDER BY e.id
"""
