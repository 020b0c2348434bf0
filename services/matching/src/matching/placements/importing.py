"""A school's file of placements: one row, one person with one employer. A clerk confirms them afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select, tuple_

from common.bus.lookup import ids_by_field
from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.people import People
from common.security.principal import Role
from common.work import Work
from contracts.matching import PlacementEvidence
from matching.placements.actions import closed_years
from matching.placements.model import Placement
from matching.replicas import organisations

_EVIDENCE = {"劳动合同": PlacementEvidence.CONTRACT, "社会保险": PlacementEvidence.INSURANCE}
_PARTNER, _EMPLOYER = "合作单位统一社会信用代码", "用人单位统一社会信用代码"


class PlacementRow(NamedTuple):
    """A row as it reads; organisations still by their codes."""

    partner_uscc: str | None
    name: str
    id_number: str
    employer_uscc: str | None
    started_on: date | None
    evidence: PlacementEvidence | None


def _read(cells: Cells) -> PlacementRow:
    return PlacementRow(
        partner_uscc=cells.uscc(_PARTNER),
        name=cells.text("姓名"),
        id_number=str(cells.id_card() or ""),
        employer_uscc=cells.uscc(_EMPLOYER),
        started_on=cells.day("上岗日期", past=True),
        evidence=cells.word("凭据", _EVIDENCE),
    )


async def _apply(work: Work, people: People, rows: Sequence[ReadRow[PlacementRow]]) -> Mapping[int, Sequence[RowFault]]:
    """New placements are reported; of known ones only the evidence can differ."""
    codes = {code for row in rows for code in (row.value.partner_uscc, row.value.employer_uscc) if code}
    known = await ids_by_field(work.session, organisations, "uscc", codes)
    closed = await closed_years(work)
    refused = {row.number: faults for row in rows if (faults := _faults(work, row.value, known, closed))}
    accepted = [row for row in rows if row.number not in refused]
    person_ids = await people.resolve([(row.value.id_number, row.value.name) for row in accepted], dry_run=work.dry_run)
    reported = {row.number: _placement(work, row.value, person_id, known) for row, person_id in zip(accepted, person_ids, strict=True)}
    return refused | await _report_or_correct(work, reported)


def _faults(work: Work, row: PlacementRow, known: Mapping[str, UUID], closed: frozenset[int]) -> list[RowFault]:
    faults: list[RowFault] = []
    partner_id = known.get(row.partner_uscc or "")
    is_others = work.actor.role is Role.ORGANISATION and partner_id != work.actor.organisation_id
    if partner_id is None or is_others:
        faults.append(RowFault(_PARTNER, "organisation-unknown", "没有登记这个单位，或不是本单位"))
    if row.employer_uscc not in known:
        faults.append(RowFault(_EMPLOYER, "organisation-unknown", "没有登记这个单位"))
    if row.started_on and row.started_on.year in closed:
        faults.append(RowFault("上岗日期", "year-is-closed", "该年度申报已截止"))
    return faults


def _placement(work: Work, row: PlacementRow, person_id: UUID, known: Mapping[str, UUID]) -> Placement:
    return Placement(
        person_id=person_id,
        partner_id=known[row.partner_uscc or ""],
        employer_id=known[row.employer_uscc or ""],
        started_on=present(row.started_on),
        evidence=present(row.evidence),
        reported_on=work.business_day,
    )


def _key(placement: Placement) -> tuple[UUID, UUID, UUID, date]:
    return placement.person_id, placement.partner_id, placement.employer_id, placement.started_on


async def _report_or_correct(work: Work, reported: Mapping[int, Placement]) -> dict[int, list[RowFault]]:
    """By row number. What a clerk has confirmed a partner cannot change any more."""
    by_key = {_key(placement): (number, placement) for number, placement in reported.items()}
    columns = tuple_(col(Placement.person_id), col(Placement.partner_id), col(Placement.employer_id), col(Placement.started_on))
    held_ids = (await work.session.execute(select(Placement.id).where(columns.in_(list(by_key))))).scalars()
    refused: dict[int, list[RowFault]] = {}
    for known in (await work.lock_many(Placement, list(held_ids), verb="corrected")).values():
        number, placement = by_key.pop(_key(known))
        if work.actor.role is Role.ORGANISATION and known.confirmed_on is not None and known.evidence != placement.evidence:
            refused[number] = [RowFault("凭据", "already-confirmed", "已确认的记录不能再由申报单位更改，请经办人更正")]
        else:
            known.evidence = placement.evidence
    await work.add_many([placement for _, placement in by_key.values()], verb="reported")
    return refused


placements_import = FileImport(
    kind="placements",
    title="输送名册",
    requires="placement:import",
    columns=(
        Column(_PARTNER, identity=True), Column("姓名"), Column("证件号码", identity=True), Column("用人单位名称", required=False),
        Column(_EMPLOYER, identity=True), Column("上岗日期"), Column("凭据"),
    ),
    natural_key=("证件号码", _PARTNER, _EMPLOYER, "上岗日期"),
    read=_read,
    apply=_apply,
)  # fmt: skip
