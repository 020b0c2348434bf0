"""The insurance bureau's month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.database.columns import among
from common.files.cells import Cells, RowFault
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.id_card import IdCard
from common.work import Work
from contracts.registry import InsuranceKind
from registry.insurance.model import Insurance
from registry.organisations.actions import ids_by_uscc
from registry.people.actions import resolve_people
from registry.people.merging import aliases_of
from registry.people.vault import Vault

_KINDS = {"职工养老": InsuranceKind.EMPLOYEE_PENSION, "五险合一": InsuranceKind.FIVE_IN_ONE}


class InsuranceRow(NamedTuple):
    card: IdCard | None
    name: str
    uscc: str | None
    kind: InsuranceKind | None
    first_month: str | None
    last_month: str | None
    back_paid_on: date | None


def _read(cells: Cells) -> InsuranceRow:
    row = InsuranceRow(
        card=cells.id_card(),
        name=cells.text("姓名"),
        uscc=cells.uscc(),
        kind=cells.word("险种", _KINDS),
        first_month=cells.month("起始月份"),
        last_month=cells.month("终止月份"),
        back_paid_on=cells.optional_day("补缴日期", past=True),
    )
    cells.in_order(row.first_month, row.last_month, "终止月份")
    if row.last_month and row.last_month > cells.today.strftime("%Y-%m"):
        cells.fault("终止月份", "date-in-future", "不能晚于本月")
    return row


async def _apply(work: Work, vault: Vault, rows: Sequence[ReadRow[InsuranceRow]]) -> Mapping[int, Sequence[RowFault]]:
    known = await ids_by_uscc(work.session, {row.value.uscc for row in rows if row.value.uscc})
    refused: dict[int, Sequence[RowFault]] = {
        number: (RowFault("统一社会信用代码", "organisation-unknown", "没有登记这个单位"),) for number, row in rows if row.uscc not in known
    }
    accepted = [row.value for row in rows if row.number not in refused]
    person_ids = await resolve_people(work, vault, [(row.card, row.name) for row in accepted if row.card])
    held = await _held(work, set(person_ids))
    under_aliases = await _under_aliases(work, set(person_ids))
    new: dict[UUID, Insurance] = {}
    for row, person_id in zip(accepted, person_ids, strict=True):
        span = _span(row, known)
        if any(insurance.knows(span) for insurance in under_aliases[person_id]):
            continue
        insurance = held.get(person_id) or new.setdefault(person_id, Insurance(person_id=person_id))
        insurance.pay(span)
    await work.add_many(list(new.values()), verb="changed")
    return refused


async def _held(work: Work, person_ids: set[UUID]) -> dict[UUID, Insurance]:
    ids = (await work.session.execute(select(col(Insurance.id)).where(among(col(Insurance.person_id), person_ids)))).scalars()
    return {insurance.person_id: insurance for insurance in (await work.lock_many(Insurance, list(ids), verb="changed")).values()}


async def _under_aliases(work: Work, person_ids: set[UUID]) -> Mapping[UUID, list[Insurance]]:
    """What stands under entries that were merged into these persons': it is theirs, and stays where it stands."""
    found: defaultdict[UUID, list[Insurance]] = defaultdict(list)
    aliases = await aliases_of(work.session, person_ids)
    if aliases:
        for insurance in (await work.session.execute(select(Insurance).where(among(col(Insurance.person_id), aliases)))).scalars():
            found[aliases[insurance.person_id]].append(insurance)
    return found


def _span(row: InsuranceRow, known: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "organisation_id": str(known[row.uscc or ""]),
        "first_month": row.first_month,
        "last_month": row.last_month,
        "back_paid_on": row.back_paid_on.isoformat() if row.back_paid_on else None,
    }


insurance_import = FileImport(
    kind="insurance",
    title="参保月份",
    requires="insurance:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column("单位名称", required=False), Column("统一社会信用代码", identity=True),
        Column("险种"), Column("起始月份"), Column("终止月份"), Column("补缴日期", required=False),
    ),
    natural_key=("证件号码", "统一社会信用代码", "险种", "起始月份"),
    read=_read,
    apply=_apply,
    chunk=400,  # narrow rows, and the longest of all files
)  # fmt: skip
