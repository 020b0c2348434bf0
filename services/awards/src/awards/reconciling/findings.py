"""What awards itself keeps beside the facts of others, and the policy reads: earlier payments and rulings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg

from awards.policy.facts import Findings
from awards.policy.stacking import OF_ORGANISATIONS
from contracts import awards as contracts

_PAID = f"SELECT {', '.join(contracts.PriorPayment.model_fields)} FROM prior_payment"
_RULED = f"SELECT {', '.join(contracts.Ruling.model_fields)} FROM ruling WHERE state IN ('MADE', 'REVERSED')"


async def of_persons(connection: asyncpg.Connection, ids: Iterable[UUID]) -> Mapping[UUID, Findings]:
    """Of each of these persons, as they were entered."""
    asked = list(ids)
    payments = await connection.fetch(f"{_PAID} WHERE person_id = ANY($1::uuid[]) ORDER BY id", asked)
    rulings = await connection.fetch(f"{_RULED} AND beneficiary_id = ANY($1::uuid[]) ORDER BY id", asked)
    return _findings(payments, rulings, of="person_id")


async def of_organisations(connection: asyncpg.Connection, ids: Iterable[UUID]) -> Mapping[UUID, Findings]:
    """Of each of these organisations, of what is decided in dossiers of its own; no bans, which concern whoever is owed to it."""
    asked = list(ids)
    payments = await connection.fetch(
        f"{_PAID} WHERE beneficiary_id = ANY($1::uuid[]) AND scheme = ANY($2::text[]) ORDER BY id", asked, sorted(OF_ORGANISATIONS)
    )
    rulings = await connection.fetch(f"{_RULED} AND beneficiary_id = ANY($1::uuid[]) AND kind <> 'BANNED' ORDER BY id", asked)
    return _findings(payments, rulings, of="beneficiary_id")


async def bans(connection: asyncpg.Connection) -> Sequence[contracts.Ruling]:
    """Of organisations: few, and each concerns whoever is owed something payable to it."""
    rows = await connection.fetch(f"{_RULED} AND kind = 'BANNED' AND beneficiary_kind = 'ORGANISATION' ORDER BY id")
    return [contracts.Ruling.model_construct(**row) for row in rows]


def _findings(payments: Iterable[asyncpg.Record], rulings: Iterable[asyncpg.Record], *, of: str) -> Mapping[UUID, Findings]:
    paid: dict[UUID, list[contracts.PriorPayment]] = defaultdict(list)
    ruled: dict[UUID, list[contracts.Ruling]] = defaultdict(list)
    for row in payments:
        paid[row[of]].append(contracts.PriorPayment.model_construct(**row))
    for row in rulings:
        ruled[row["beneficiary_id"]].append(contracts.Ruling.model_construct(**row))
    return {id_: Findings(paid[id_], ruled[id_]) for id_ in {*paid, *ruled}}
