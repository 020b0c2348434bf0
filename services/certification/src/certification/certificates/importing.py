"""The appraisal body's file of certificates: one row, one certificate, by its number."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from certification.certificates.model import AlreadyRevoked, Certificate, CertificateNumberTaken
from certification.certificates.vault import Vault
from certification.equipment import Equipment
from certification.occupations.reads import known_among
from certification.replicas import classes, organisations
from common.bus.lookup import ids_by_field
from common.database.engine import raw
from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.certificate_number import parse_certificate_number
from common.identifiers.level import parse_level
from common.identifiers.occupation import occupation_key
from common.security.principal import Role
from common.work import Work
from contracts.certification import CertificateKind, EvaluationMode

_KINDS = {"职业资格证书": CertificateKind.QUALIFICATION, "职业技能等级证书": CertificateKind.SKILL_LEVEL}
_MODES = {
    "社会化鉴定": EvaluationMode.SOCIAL_APPRAISAL,
    "企业人才评价": EvaluationMode.ENTERPRISE_EVALUATION,
    "院校职业资格认证": EvaluationMode.SCHOOL_CERTIFICATION,
    "专业职业能力考核": EvaluationMode.SPECIFIC_ABILITY,
    "技能竞赛直接认定": EvaluationMode.CONTEST,
    "企业直接认定": EvaluationMode.DIRECT_RECOGNITION,
}


class CertificateRow(NamedTuple):
    """A row as it reads; organisations and the class still by what the file calls them."""

    name: str
    id_number: str
    number: str
    kind: CertificateKind | None
    occupation: str | None
    level_code: int | None
    mode: EvaluationMode | None
    issued_on: date | None
    body_uscc: str | None
    class_number: str | None
    organisation_uscc: str | None


def _read(cells: Cells) -> CertificateRow:
    edition = cells.text("职业版本")
    return CertificateRow(
        name=cells.text("姓名"),
        id_number=str(cells.id_card() or ""),
        number=cells.identity("证书编号", parse_certificate_number) or "",
        kind=cells.word("证书类别", _KINDS),
        occupation=cells.identity("职业编码", lambda code: occupation_key(edition, code)),
        level_code=cells.identity("等级", parse_level),
        mode=cells.word("评价方式", _MODES),
        issued_on=cells.day("发证日期", past=True),
        body_uscc=cells.uscc("发证机构统一社会信用代码"),
        class_number=cells.optional("班级编号"),
        organisation_uscc=cells.uscc("单位统一社会信用代码", required=False),
    )


async def _apply(work: Work, equipment: Equipment, rows: Sequence[ReadRow[CertificateRow]]) -> Mapping[int, Sequence[RowFault]]:
    """New numbers are issued; known ones are corrected where they differ. A body issues and corrects only its own."""
    session = work.session
    occupations = await known_among(session, {row.value.occupation for row in rows if row.value.occupation})
    uscc = {code for row in rows for code in (row.value.body_uscc, row.value.organisation_uscc) if code}
    organisation_ids = await ids_by_field(session, organisations, "uscc", uscc)
    class_ids = await ids_by_field(session, classes, "number", {row.value.class_number for row in rows if row.value.class_number})
    bodies = await _bodies(work, equipment.vault, [row.value.number for row in rows])
    refused: dict[int, Sequence[RowFault]] = {}
    for number, value in rows:
        faults = _unknown(value, occupations, organisation_ids, class_ids)
        faults += _anothers(work, organisation_ids.get(value.body_uscc or ""), bodies.get(value.number))
        if faults:
            refused[number] = faults
    accepted = [row for row in rows if row.number not in refused]
    person_ids = await equipment.people.resolve([(row.value.id_number, row.value.name) for row in accepted], dry_run=work.dry_run)
    certificates = {
        row.number: _certificate(row.value, person_id, organisation_ids, class_ids, equipment.vault)
        for row, person_id in zip(accepted, person_ids, strict=True)
    }
    return refused | await _issue_or_correct(work, certificates)


def _unknown(
    row: CertificateRow, occupations: set[str], organisation_ids: Mapping[str, object], class_ids: Mapping[str, object]
) -> list[RowFault]:
    faults: list[RowFault] = []
    if row.occupation not in occupations:
        faults.append(RowFault("职业编码", "occupation-unknown", "职业目录中没有这个版本和编码"))
    if row.body_uscc not in organisation_ids:
        faults.append(RowFault("发证机构统一社会信用代码", "organisation-unknown", "没有登记这个单位"))
    if row.organisation_uscc and row.organisation_uscc not in organisation_ids:
        faults.append(RowFault("单位统一社会信用代码", "organisation-unknown", "没有登记这个单位"))
    if row.class_number and row.class_number not in class_ids:
        faults.append(RowFault("班级编号", "class-unknown", "没有这个班级"))
    return faults


def _anothers(work: Work, body_id: UUID | None, held_by: UUID | None) -> list[RowFault]:
    """That another body has issued a number is all that a body learns."""
    if work.actor.role is not Role.ORGANISATION:
        return []
    if body_id is not None and body_id != work.actor.organisation_id:
        return [RowFault("发证机构统一社会信用代码", "organisation-unknown", "没有登记这个单位，或不是本单位")]
    if held_by is not None and held_by != work.actor.organisation_id:
        return [RowFault("证书编号", CertificateNumberTaken.code, CertificateNumberTaken.title)]
    return []


def _certificate(
    row: CertificateRow, person_id: UUID, organisation_ids: Mapping[str, UUID], class_ids: Mapping[str, UUID], vault: Vault
) -> Certificate:
    return Certificate.numbered(
        row.number,
        vault,
        person_id=person_id,
        occupation=present(row.occupation),
        level_code=present(row.level_code),
        mode=present(row.mode),
        kind=present(row.kind),
        issued_on=present(row.issued_on),
        body_id=organisation_ids[row.body_uscc or ""],
        class_id=class_ids[row.class_number] if row.class_number else None,
        organisation_id=organisation_ids[row.organisation_uscc] if row.organisation_uscc else None,
    )


_CORRECTABLE = ("person_id", "occupation", "level_code", "mode", "kind", "issued_on", "body_id", "class_id", "organisation_id")


async def _bodies(work: Work, vault: Vault, numbers: Sequence[str]) -> dict[str, UUID]:
    """Who has issued what, without a lock: nobody is entered for a row that is another body's. What counts is asked again under the lock.

    Only a body itself is asked about.
    """
    if work.actor.role is not Role.ORGANISATION:
        return {}
    indexes = {vault.find_by(number): number for number in numbers}
    return {indexes[row["number_index"]]: row["body_id"] for row in await _known(work, list(indexes))}


async def _held(work: Work, indexes: Sequence[bytes]) -> dict[bytes, Certificate]:
    ids = [row["id"] for row in await _known(work, indexes)]
    held = (await work.lock_many(Certificate, ids, verb="corrected")).values()
    return {certificate.number_index: certificate for certificate in held}


async def _known(work: Work, indexes: Sequence[bytes]) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await (await raw(work.session)).fetch(_KNOWN, indexes)
    return found


# Each number is sought in the index by itself. As one of many (`= ANY`), a plan made while the table was young, and kept, would read all of it.
_KNOWN = """
    SELECT known.* FROM unnest($1::bytea[]) AS sought(number_index)
    CROSS JOIN LATERAL (SELECT id, number_index, body_id FROM certificate WHERE number_index = sought.number_index LIMIT 1) AS known
"""


async def _issue_or_correct(work: Work, certificates: Mapping[int, Certificate]) -> dict[int, Sequence[RowFault]]:
    """Those that were revoked stay as they were; the rows that would change one are refused."""
    held = await _held(work, [certificate.number_index for certificate in certificates.values()])
    refused: dict[int, Sequence[RowFault]] = {}
    for number, certificate in certificates.items():
        known = held.get(certificate.number_index)
        if known is not None and (faults := _anothers(work, certificate.body_id, known.body_id)):
            refused[number] = faults
            continue
        if known is None or all(getattr(known, name) == getattr(certificate, name) for name in _CORRECTABLE):
            continue
        if known.revoked_on is not None:
            refused[number] = (RowFault("证书编号", AlreadyRevoked.code, AlreadyRevoked.title),)
            continue
        for name in _CORRECTABLE:
            setattr(known, name, getattr(certificate, name))
    await work.add_many([certificate for certificate in certificates.values() if certificate.number_index not in held], verb="issued")
    return refused


certificates_import = FileImport(
    kind="certificates",
    title="证书",
    requires="certificate:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column("证书编号", identity=True), Column("证书类别"), Column("职业版本"),
        Column("职业编码"), Column("职业（工种）", required=False), Column("等级"), Column("评价方式"), Column("发证日期"),
        Column("发证机构统一社会信用代码", identity=True), Column("班级编号", required=False), Column("单位统一社会信用代码", required=False, identity=True),
    ),
    natural_key=("证书编号",),
    read=_read,
    apply=_apply,
)  # fmt: skip
