"""The unemployment fund's file of what it has paid: one row, one payment; equal rows change nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.database.columns import among
from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.id_card import IdCard
from common.identifiers.level import parse_level
from common.identifiers.occupation import occupation_key
from common.work import Work
from contracts.registry import OtherBenefitScheme
from registry.other_benefits.model import NothingPaid, OtherBenefit, OtherBenefitAlreadyWithdrawn
from registry.people.actions import resolve_people
from registry.people.merging import aliases_of
from registry.people.vault import Vault

_SCHEMES = {
    "失业保险技能提升补贴": OtherBenefitScheme.UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY,
    "其他培训补贴": OtherBenefitScheme.OTHER_TRAINING_SUBSIDY,
}
_AMOUNT = "补贴金额"

Key = tuple[UUID, OtherBenefitScheme, str, int, date]


class BenefitRow(NamedTuple):
    card: IdCard | None
    name: str
    scheme: OtherBenefitScheme | None
    occupation: str | None
    level_code: int | None
    amount_fen: int
    paid_on: date | None


def _read(cells: Cells) -> BenefitRow:
    edition = cells.text("职业版本")
    row = BenefitRow(
        card=cells.id_card(),
        name=cells.text("姓名"),
        scheme=cells.word("补贴项目", _SCHEMES),
        occupation=cells.identity("职业编码", lambda code: occupation_key(edition, code)),
        level_code=cells.identity("等级", parse_level),
        amount_fen=cells.fen(_AMOUNT) if cells.text(_AMOUNT) else 0,
        paid_on=cells.day("发放日期", past=True),
    )
    if row.amount_fen == 0:
        cells.fault(_AMOUNT, NothingPaid.code, NothingPaid.title)
    return row


async def _apply(work: Work, vault: Vault, rows: Sequence[ReadRow[BenefitRow]]) -> Mapping[int, Sequence[RowFault]]:
    person_ids = await resolve_people(work, vault, [(row.value.card, row.value.name) for row in rows if row.value.card])
    held = await _held(work, set(person_ids))
    new: dict[Key, OtherBenefit] = {}
    refused: dict[int, Sequence[RowFault]] = {}
    for (number, row), person_id in zip(rows, person_ids, strict=True):
        benefit = _benefit(row, person_id)
        key = _key(benefit, person_id)
        known = held.get(key) or new.setdefault(key, benefit)
        try:
            known.amount_to(row.amount_fen)
        except OtherBenefitAlreadyWithdrawn as error:
            refused[number] = (RowFault(_AMOUNT, error.code, error.title),)
    await work.add_many(list(new.values()), verb="reported")
    return refused


async def _held(work: Work, person_ids: set[UUID]) -> dict[Key, OtherBenefit]:
    """What is known of these persons, also under an entry that was merged into theirs."""
    who = {person_id: person_id for person_id in person_ids} | await aliases_of(work.session, person_ids)
    ids = (await work.session.execute(select(col(OtherBenefit.id)).where(among(col(OtherBenefit.person_id), who)))).scalars()
    benefits = (await work.lock_many(OtherBenefit, list(ids), verb="reported")).values()
    return {_key(benefit, who[benefit.person_id]): benefit for benefit in benefits}


def _benefit(row: BenefitRow, person_id: UUID) -> OtherBenefit:
    return OtherBenefit(
        person_id=person_id,
        scheme=present(row.scheme),
        occupation=present(row.occupation),
        level_code=present(row.level_code),
        amount_fen=row.amount_fen,
        paid_on=present(row.paid_on),
    )


def _key(benefit: OtherBenefit, person_id: UUID) -> Key:
    return person_id, benefit.scheme, benefit.occupation, benefit.level_code, benefit.paid_on


other_benefits_import = FileImport(
    kind="other-benefits",
    title="其他补贴发放",
    requires="other-benefit:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column("补贴项目"), Column("职业版本"), Column("职业编码", identity=True),
        Column("等级", identity=True), Column(_AMOUNT), Column("发放日期"),
    ),
    natural_key=("证件号码", "补贴项目", "职业版本", "职业编码", "等级", "发放日期"),
    read=_read,
    apply=_apply,
)  # fmt: skip
