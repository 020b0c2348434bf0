"""The file of go-live day: ten years of paper payments, one row, one payment."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from awards import replicas
from awards.equipment import Equipment
from awards.policy.schemes import BY_ID
from awards.policy.stacking import PAID_FOR
from awards.prior_payments.model import NATURAL_KEY, PriorPayment
from common.bus.lookup import ids_by_field
from common.database.columns import among
from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.id_card import IdCard
from common.identifiers.level import parse_level
from common.identifiers.occupation import occupation_key
from common.work import Work
from contracts.awards import PayeeKind

_PAYEE, _PERSON, _OCCUPATION = "收款单位统一社会信用代码", "证件号码", "职业编码"
_SCHEMES = {BY_ID[name].title: name for name in PAID_FOR}


class PaymentRow(NamedTuple):
    """A row as it reads; a blank payee: paid to the person himself."""

    scheme: str | None
    payee_uscc: str | None
    name: str
    id_number: str
    occupation: str | None
    level_code: int | None
    year: int | None
    amount_fen: int
    paid_on: date | None
    paper_number: str


def _read(cells: Cells) -> PaymentRow:
    edition = cells.optional("职业版本") or ""
    row = PaymentRow(
        scheme=cells.word("待遇项目", _SCHEMES),
        payee_uscc=cells.uscc(_PAYEE, required=False),
        name=cells.optional("姓名") or "",
        id_number=str(cells.identity(_PERSON, lambda text: IdCard.parse(text, today=cells.today), required=False) or ""),
        occupation=cells.identity(_OCCUPATION, lambda code: occupation_key(edition, code), required=False),
        level_code=cells.identity("等级", parse_level, required=False),
        year=_year(cells),
        amount_fen=cells.fen("金额"),
        paid_on=cells.day("支付日期", past=True),
        paper_number=cells.text("文号"),
    )
    _check_whole(cells, row)
    return row


def _year(cells: Cells) -> int | None:
    text = cells.optional("年度")
    if text is None:
        return None
    if len(text) == 4 and text.isascii() and text.isdigit() and text.startswith("20"):
        return int(text)
    cells.fault("年度", "year-unreadable", "年度应写成 2017")
    return None


def _check_whole(cells: Cells, row: PaymentRow) -> None:
    """Whether it tells what was paid for."""
    if not row.amount_fen:
        cells.fault("金额", "required", "必填，且大于零")
    if row.id_number and not row.name:
        cells.fault("姓名", "required", "必填")
    if row.occupation and row.level_code is None:
        cells.fault("等级", "required", "职业与等级须同时填写")
    if row.level_code is not None and not row.occupation:
        cells.fault(_OCCUPATION, "required", "职业与等级须同时填写")
    given = {"person": row.id_number, "occupation_group": row.occupation, "level_code": row.level_code, "year": row.year}
    columns = {"person": _PERSON, "occupation_group": _OCCUPATION, "level_code": "等级", "year": "年度"}
    for name in PAID_FOR.get(row.scheme or "", ()):
        if name in given and not given[name]:
            cells.fault(columns[name], "required", "这个待遇项目须填写")
    if not row.payee_uscc and "payee" in PAID_FOR.get(row.scheme or "", ()):
        cells.fault(_PAYEE, "required", "这个待遇项目付给单位")


async def _apply(work: Work, equipment: Equipment, rows: Sequence[ReadRow[PaymentRow]]) -> Mapping[int, Sequence[RowFault]]:
    """New payments are loaded; of known ones the amount is corrected; what was withdrawn stays so."""
    payees = await ids_by_field(
        work.session, replicas.organisations, "uscc", {row.value.payee_uscc for row in rows if row.value.payee_uscc}
    )
    codes = {row.value.occupation for row in rows if row.value.occupation}
    occupations = await ids_by_field(work.session, replicas.occupations, "occupation", codes)
    refused = {row.number: faults for row in rows if (faults := _unknown(row.value, payees, occupations))}
    accepted = [row for row in rows if row.number not in refused]
    named = [row for row in accepted if row.value.id_number]
    found = await present(equipment.people).resolve([(row.value.id_number, row.value.name) for row in named], dry_run=work.dry_run)
    persons = {row.number: person_id for row, person_id in zip(named, found, strict=True)}
    loaded = {row.number: _payment(row.value, persons.get(row.number), payees) for row in accepted}
    return refused | await _load_or_correct(work, loaded)


def _unknown(row: PaymentRow, payees: Mapping[str, UUID], occupations: Mapping[str, UUID]) -> list[RowFault]:
    faults: list[RowFault] = []
    if row.payee_uscc and row.payee_uscc not in payees:
        faults.append(RowFault(_PAYEE, "organisation-unknown", "没有登记这个单位"))
    if row.occupation and row.occupation not in occupations:
        faults.append(RowFault(_OCCUPATION, "occupation-unknown", "职业目录中没有这个版本和编码"))
    return faults


def _payment(row: PaymentRow, person_id: UUID | None, payees: Mapping[str, UUID]) -> PriorPayment:
    return PriorPayment(
        scheme=present(row.scheme),
        beneficiary_kind=PayeeKind.ORGANISATION if row.payee_uscc else PayeeKind.PERSON,
        beneficiary_id=payees[row.payee_uscc] if row.payee_uscc else present(person_id),
        person_id=person_id,
        occupation=row.occupation,
        level_code=row.level_code,
        year=row.year,
        amount_fen=row.amount_fen,
        paid_on=present(row.paid_on),
        paper_number=row.paper_number,
    )


def _key(payment: PriorPayment) -> tuple[object, ...]:
    return tuple(getattr(payment, name) for name in NATURAL_KEY)


async def _load_or_correct(work: Work, loaded: Mapping[int, PriorPayment]) -> dict[int, list[RowFault]]:
    """By row number."""
    by_key = {_key(payment): (number, payment) for number, payment in loaded.items()}
    refused: dict[int, list[RowFault]] = {}
    papers = {payment.paper_number for payment in loaded.values()}
    beneficiaries = {payment.beneficiary_id for payment in loaded.values()}
    near = select(PriorPayment).where(among(col(PriorPayment.beneficiary_id), beneficiaries), among(col(PriorPayment.paper_number), papers))
    known = [held.id for held in (await work.session.execute(near)).scalars() if _key(held) in by_key]
    for held in (await work.lock_many(PriorPayment, known, verb="loaded")).values():
        number, payment = by_key.pop(_key(held))
        if held.withdrawn_on is None:
            held.amount_fen = payment.amount_fen
        else:
            refused[number] = [RowFault("文号", "already-withdrawn", "这笔既往支付已作废，不能再次录入")]
    await work.add_many([payment for _, payment in by_key.values()], verb="loaded")
    return refused


prior_payments_import = FileImport(
    kind="prior-payments",
    title="既往支付",
    requires="prior-payment:import",
    columns=(
        Column("待遇项目"), Column("收款单位名称", required=False), Column(_PAYEE, required=False, identity=True),
        Column("姓名", required=False), Column(_PERSON, required=False, identity=True), Column("职业版本", required=False),
        Column(_OCCUPATION, required=False), Column("等级", required=False), Column("年度", required=False), Column("金额"),
        Column("支付日期"), Column("文号"),
    ),
    natural_key=("待遇项目", _PAYEE, _PERSON, "职业版本", _OCCUPATION, "等级", "年度", "支付日期", "文号"),
    read=_read,
    apply=_apply,
)  # fmt: skip
