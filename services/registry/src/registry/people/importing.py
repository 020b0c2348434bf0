"""The police's file of registered residence: one row per span; equal rows change nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.account import parse_account
from common.identifiers.area import parse_area
from common.identifiers.id_card import IdCard
from common.identifiers.mobile import parse_mobile
from common.work import Work
from contracts.registry import ElsewhereKind
from registry.people.actions import resolve_people
from registry.people.model import Person, PersonIsMerged, SpansOverlap
from registry.people.vault import Vault

_ELSEWHERE = {"工作": ElsewhereKind.WORK, "学习": ElsewhereKind.STUDY, "参保": ElsewhereKind.INSURANCE}
_NONE = "无"


class PersonRow(NamedTuple):
    card: IdCard | None
    name: str
    area_code: str | None
    first_on: date | None
    last_on: date | None
    elsewhere: tuple[ElsewhereKind, ...] | None
    died_on: date | None
    phone: str | None
    account: str | None


def _read(cells: Cells) -> PersonRow:
    row = PersonRow(
        card=cells.id_card(),
        name=cells.text("姓名"),
        area_code=cells.identity("户籍地区划代码", parse_area, required=False),
        first_on=cells.optional_day("户籍起始日期", past=True),
        last_on=cells.optional_day("户籍终止日期"),
        elsewhere=_elsewhere(cells),
        died_on=cells.optional_day("死亡日期", past=True),
        phone=cells.identity("手机", parse_mobile, required=False),
        account=cells.identity("社会保障卡账号", parse_account, required=False),
    )
    cells.in_order(row.first_on, row.last_on, "户籍终止日期")
    if row.area_code and row.first_on is None:
        cells.fault("户籍起始日期", "required", "填写了户籍地就必须填写起始日期")
    return row


def _elsewhere(cells: Cells) -> tuple[ElsewhereKind, ...] | None:
    """Empty: established that there was none. None: nobody has established it."""
    text = cells.optional("市外经历")
    if text is None or text == _NONE:
        return None if text is None else ()
    words = text.split("、")
    if any(word not in _ELSEWHERE for word in words):
        cells.fault("市外经历", "value-unknown", f"应为：{'、'.join(_ELSEWHERE)}，或 {_NONE}")
        return None
    return tuple(_ELSEWHERE[word] for word in words)


async def _apply(work: Work, vault: Vault, rows: Sequence[ReadRow[PersonRow]]) -> Mapping[int, Sequence[RowFault]]:
    people = [(row.value.card, row.value.name) for row in rows if row.value.card]
    ids = await resolve_people(work, vault, people)
    by_person: dict[UUID, list[ReadRow[PersonRow]]] = defaultdict(list)
    for row, person_id in zip(rows, ids, strict=True):
        by_person[person_id].append(row)
    refused: dict[int, Sequence[RowFault]] = {}
    for person_id, person in (await work.lock_many(Person, list(by_person), verb="changed")).items():
        # In whatever order the file has them: a residence is ended before the next begins.
        for row in sorted(by_person[person_id], key=lambda row: row.value.first_on or date.min):
            if vault.find_by(present(row.value.card).number) != person.id_number_index:
                # What the police say of a number that was thought another's is no news of that other: people must look at it first.
                refused[row.number] = (RowFault("证件号码", PersonIsMerged.code, PersonIsMerged.title),)
                continue
            try:
                _fill(person, row.value, vault)
            except SpansOverlap as error:
                refused[row.number] = (RowFault("户籍起始日期", error.code, error.title),)
    return refused


def _fill(person: Person, row: PersonRow, vault: Vault) -> None:
    """What the row says; a blank cell leaves what is known. Raises SpansOverlap."""
    if row.area_code and row.first_on:
        span: dict[str, Any] = {
            "area_code": row.area_code,
            "first_on": row.first_on.isoformat(),
            "last_on": row.last_on.isoformat() if row.last_on else None,
        }
        person.reside([held for held in person.hukou if held["first_on"] != span["first_on"]] + [span])
    person.is_provisional = False
    person.rename(row.name, vault)
    person.reach(
        phone=row.phone or vault.open("phone", person.phone_sealed, person.id),
        account=row.account or vault.open("account", person.account_sealed, person.id),
        vault=vault,
    )
    if row.elsewhere is not None:
        person.elsewhere_before, person.elsewhere_kinds = bool(row.elsewhere), [kind.value for kind in row.elsewhere]
    person.died_on = row.died_on or person.died_on


persons_import = FileImport(
    kind="persons",
    title="人员户籍",
    requires="person:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column("户籍地区划代码", required=False, identity=True), Column("户籍起始日期", required=False),
        Column("户籍终止日期", required=False), Column("市外经历", required=False), Column("死亡日期", required=False),
        Column("手机", required=False, identity=True), Column("社会保障卡账号", required=False, identity=True),
    ),
    natural_key=("证件号码", "户籍起始日期"),
    read=_read,
    apply=_apply,
)  # fmt: skip
