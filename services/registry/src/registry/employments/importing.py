"""The labour register's file: what began, and what ended."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.id_card import IdCard
from common.work import Work
from contracts.registry import EmploymentEvidence, EmploymentKind
from registry.employments.model import Employment
from registry.organisations.actions import ids_by_uscc
from registry.people.actions import resolve_people
from registry.people.merging import aliases_of
from registry.people.vault import Vault

_KINDS = {"劳动合同": EmploymentKind.CONTRACT, "劳务派遣": EmploymentKind.DISPATCH, "学徒": EmploymentKind.APPRENTICE}
_EVIDENCE = {"劳动合同": EmploymentEvidence.CONTRACT, "社会保险": EmploymentEvidence.INSURANCE}


class EmploymentRow(NamedTuple):
    card: IdCard | None
    name: str
    uscc: str | None
    using_uscc: str | None
    kind: EmploymentKind | None
    started_on: date | None
    ended_on: date | None
    evidence: EmploymentEvidence | None


def _read(cells: Cells) -> EmploymentRow:
    row = EmploymentRow(
        card=cells.id_card(),
        name=cells.text("姓名"),
        uscc=cells.uscc(),
        using_uscc=cells.uscc("用工单位统一社会信用代码", required=False),
        kind=cells.word("用工形式", _KINDS),
        started_on=cells.day("起始日期", past=True),
        ended_on=cells.optional_day("终止日期"),
        evidence=cells.word("凭据", _EVIDENCE),
    )
    cells.in_order(row.started_on, row.ended_on, "终止日期")
    return row


async def _apply(work: Work, vault: Vault, rows: Sequence[ReadRow[EmploymentRow]]) -> Mapping[int, Sequence[RowFault]]:
    known = await ids_by_uscc(work.session, {code for row in rows for code in (row.value.uscc, row.value.using_uscc) if code})
    refused: dict[int, Sequence[RowFault]] = {}
    for number, row in rows:
        faults = [
            RowFault(column, "organisation-unknown", "没有登记这个单位")
            for column, code in (("统一社会信用代码", row.uscc), ("用工单位统一社会信用代码", row.using_uscc))
            if code and code not in known
        ]
        if faults:
            refused[number] = faults
    accepted = [row.value for row in rows if row.number not in refused]
    person_ids = await resolve_people(work, vault, [(row.card, row.name) for row in accepted if row.card])
    found = [
        Employment(
            person_id=person_id,
            organisation_id=known[row.uscc or ""],
            using_organisation_id=known[row.using_uscc] if row.using_uscc else None,
            kind=present(row.kind),
            started_on=present(row.started_on),
            ended_on=row.ended_on,
            evidence=present(row.evidence),
        )
        for row, person_id in zip(accepted, person_ids, strict=True)
    ]
    await _start_or_correct(work, found)
    return refused


async def _start_or_correct(work: Work, employments: Sequence[Employment]) -> None:
    keys = {_key(employment): employment for employment in employments}
    # What is known under an entry that was merged is known of the person.
    aliases = await aliases_of(work.session, {employment.person_id for employment in employments})
    wanted = [*keys, *((alias, *rest) for alias, canonical in aliases.items() for person_id, *rest in keys if person_id == canonical)]
    columns = tuple_(col(Employment.person_id), col(Employment.organisation_id), col(Employment.started_on))
    held_ids = (await work.session.execute(select(col(Employment.id)).where(columns.in_(wanted)))).scalars()
    found = (await work.lock_many(Employment, list(held_ids), verb="corrected")).values()
    held = {_key(each, aliases.get(each.person_id)): each for each in found}
    for key, employment in keys.items():
        if (known := held.get(key)) is not None:
            # A blank end says nothing: a file of last month, dropped again, must not put an ended job back to work.
            known.ended_on = employment.ended_on or known.ended_on
            known.kind, known.evidence = employment.kind, employment.evidence
            known.using_organisation_id = employment.using_organisation_id
    await work.add_many([employment for key, employment in keys.items() if key not in held], verb="started")


def _key(employment: Employment, canonical_id: UUID | None = None) -> tuple[UUID, UUID, date]:
    return canonical_id or employment.person_id, employment.organisation_id, employment.started_on


employment_import = FileImport(
    kind="employment",
    title="就业登记",
    requires="employment:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column("单位名称", required=False), Column("统一社会信用代码", identity=True),
        Column("用工单位统一社会信用代码", required=False, identity=True), Column("用工形式"), Column("起始日期"),
        Column("终止日期", required=False), Column("凭据"),
    ),
    natural_key=("证件号码", "统一社会信用代码", "起始日期"),
    read=_read,
    apply=_apply,
)  # fmt: skip
