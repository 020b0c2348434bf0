"""A school's list of entries, or a body's: one row, one person in one sitting, which is found by its body, occupation, level and day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from certification.equipment import Equipment
from certification.exam_entries.attempts import count_attempts, lock_persons
from certification.exam_entries.model import AlreadyEntered, ExamEntry, FeeUnknown, RegisteredAfterSitting, WithdrawnSince
from certification.occupations.reads import appraisal_fees
from certification.replicas import organisations
from certification.sittings.model import Sitting, SittingNotPlanned
from common.bus.lookup import ids_by_field
from common.database.columns import among
from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.level import parse_level
from common.identifiers.occupation import occupation_key
from common.refusal import Refusal
from common.security.principal import Role
from common.work import Work
from contracts.certification import SittingState

_BODY, _SCHOOL, _OCCUPATION, _HELD_ON, _REGISTERED_ON = (
    "鉴定机构统一社会信用代码", "学校统一社会信用代码", "职业编码", "鉴定日期", "报名日期",
)  # fmt: skip
_NOT_KNOWN = RowFault(_BODY, "organisation-unknown", "没有登记这个单位")
_NO_SITTING = RowFault(_HELD_ON, "sitting-unknown", "没有这个鉴定批次，请核对鉴定机构、职业、等级和鉴定日期")
_SEVERAL_SITTINGS = RowFault(_HELD_ON, "sitting-ambiguous", "当天有几个这样的鉴定批次，请逐人登记并选定批次")
_COLUMN: Mapping[type[Refusal], str] = {
    AlreadyEntered: "证件号码", WithdrawnSince: _REGISTERED_ON, RegisteredAfterSitting: _REGISTERED_ON, FeeUnknown: _OCCUPATION,
    SittingNotPlanned: _HELD_ON,
}  # fmt: skip
"""Where in a row that stands which these refuse."""


class EntryRow(NamedTuple):
    """A row as it reads; the sitting still by what the file says of it."""

    name: str
    id_number: str
    body_uscc: str | None
    occupation: str | None
    level_code: int | None
    held_on: date | None
    school_uscc: str | None
    registered_on: date | None


class SittingKey(NamedTuple):
    """By what a file names a sitting."""

    body_id: UUID
    occupation: str
    level_code: int
    held_on: date


class _Named(NamedTuple):
    """A row whose organisations are known."""

    number: int
    row: EntryRow
    key: SittingKey
    school_id: UUID | None


def _read(cells: Cells) -> EntryRow:
    edition = cells.text("职业版本")
    row = EntryRow(
        name=cells.text("姓名"),
        id_number=str(cells.id_card() or ""),
        body_uscc=cells.uscc(_BODY),
        occupation=cells.identity(_OCCUPATION, lambda code: occupation_key(edition, code)),
        level_code=cells.identity("等级", parse_level),
        held_on=cells.day(_HELD_ON),
        school_uscc=cells.uscc(_SCHOOL, required=False),
        registered_on=cells.day(_REGISTERED_ON, past=True),
    )
    if row.registered_on and row.held_on and row.registered_on > row.held_on:
        cells.fault(_REGISTERED_ON, RegisteredAfterSitting.code, RegisteredAfterSitting.title)
    return row


async def _apply(work: Work, equipment: Equipment, rows: Sequence[ReadRow[EntryRow]]) -> Mapping[int, Sequence[RowFault]]:
    """New entries are entered; known ones stay as they are."""
    named, refused = await _named(work, rows)
    sittings = await _sittings(work, {each.key for each in named}, locked=False)
    refused |= {each.number: (_NO_SITTING,) for each in named if each.key not in sittings}
    named = [each for each in named if each.number not in refused]
    person_ids = await equipment.people.resolve([(each.row.id_number, each.row.name) for each in named], dry_run=work.dry_run)
    return refused | await _enter(work, list(zip(named, person_ids, strict=True)))


async def _named(work: Work, rows: Sequence[ReadRow[EntryRow]]) -> tuple[list[_Named], dict[int, Sequence[RowFault]]]:
    """Rows with their organisations, and those that name none, or another's. A school enters its own students, a body for its own sittings."""
    uscc = {code for row in rows for code in (row.value.body_uscc, row.value.school_uscc) if code}
    known = await ids_by_field(work.session, organisations, "uscc", uscc)
    named: list[_Named] = []
    refused: dict[int, Sequence[RowFault]] = {}
    for number, row in rows:
        body_id, school_id = known.get(row.body_uscc or ""), known.get(row.school_uscc or "")
        if body_id is None:
            refused[number] = (_NOT_KNOWN,)
        elif row.school_uscc and school_id is None:
            refused[number] = (_NOT_KNOWN._replace(column=_SCHOOL),)
        elif work.actor.role is Role.ORGANISATION and work.actor.organisation_id != (school_id or body_id):
            column = _SCHOOL if school_id else _BODY
            refused[number] = (RowFault(column, "organisation-unknown", "没有登记这个单位，或不是本单位"),)
        else:
            key = SittingKey(body_id, present(row.occupation), present(row.level_code), present(row.held_on))
            named.append(_Named(number, row, key, school_id))
    return named, refused


async def _sittings(work: Work, keys: set[SittingKey], *, locked: bool) -> dict[SittingKey, list[Sitting]]:
    """Every sitting that a key names. `locked`: none of them is completed or annulled before this act has ended."""
    body, day = col(Sitting.body_id), col(Sitting.held_on)
    query = (
        select(Sitting)
        .where(among(body, {key.body_id for key in keys}), among(day, {key.held_on for key in keys}))
        .order_by(col(Sitting.id))
    )
    if locked:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    found: defaultdict[SittingKey, list[Sitting]] = defaultdict(list)
    for sitting in (await work.session.execute(query)).scalars():
        found[SittingKey(sitting.body_id, sitting.occupation, sitting.level_code, sitting.held_on)].append(sitting)
    return {key: found[key] for key in keys & found.keys()}


async def _enter(work: Work, named: Sequence[tuple[_Named, UUID]]) -> dict[int, Sequence[RowFault]]:
    sittings = await _sittings(work, {each.key for each, _ in named}, locked=True)
    person_ids = {person_id for _, person_id in named}
    await lock_persons(work.session, person_ids)
    held = await _held(work, person_ids)
    fees = await appraisal_fees(work.session, {each.key.occupation for each, _ in named})
    refused: dict[int, Sequence[RowFault]] = {}
    entering: list[tuple[ExamEntry, Sitting]] = []
    for each, person_id in named:
        try:
            entered = _entered(work, each, person_id, sittings[each.key], held[person_id], fees)
        except Refusal as refusal:
            refused[each.number] = (RowFault(_COLUMN[type(refusal)], refusal.code, refusal.title),)
            continue
        except _SeveralSittings:
            refused[each.number] = (_SEVERAL_SITTINGS,)
            continue
        if entered is not None:
            entering.append(entered)
            held[person_id].append(entered[0])
    await count_attempts(work, {entry.person_id for entry, _ in entering}, entering=entering)
    await work.add_many([entry for entry, _ in entering], verb="entered")
    return refused


class _SeveralSittings(Exception):
    """Which one a row means nobody can say."""


def _entered(
    work: Work,
    named: _Named,
    person_id: UUID,
    sittings: Sequence[Sitting],
    earlier: Sequence[ExamEntry],
    fees: Mapping[tuple[str, int], int],
) -> tuple[ExamEntry, Sitting] | None:
    """The entry that this row makes; None when it was made before.

    Raises _SeveralSittings, SittingNotPlanned, RegisteredAfterSitting, FeeUnknown, AlreadyEntered, WithdrawnSince.
    """
    known = {sitting.id for sitting in sittings}
    registration = (named.school_id, present(named.row.registered_on))
    if any(each.sitting_id in known and (each.school_id, each.registered_on) == registration for each in earlier):
        return None
    planned = [sitting for sitting in sittings if sitting.state is SittingState.PLANNED]
    if len(planned) > 1:
        raise _SeveralSittings
    sitting = planned[0] if planned else sittings[0]
    fee_fen = fees.get((sitting.occupation, sitting.level_code))
    if fee_fen is None:
        raise FeeUnknown
    entry = ExamEntry(person_id=person_id, sitting_id=sitting.id, school_id=named.school_id, registered_on=registration[1], fee_fen=fee_fen)
    entry.must_be_in_time(sitting, today=work.business_day)
    entry.must_not_repeat(each for each in earlier if each.sitting_id == sitting.id)
    return entry, sitting


async def _held(work: Work, person_ids: set[UUID]) -> defaultdict[UUID, list[ExamEntry]]:
    found: defaultdict[UUID, list[ExamEntry]] = defaultdict(list)
    for entry in (await work.session.execute(select(ExamEntry).where(among(col(ExamEntry.person_id), person_ids)))).scalars():
        found[entry.person_id].append(entry)
    return found


exam_entries_import = FileImport(
    kind="exam-entries",
    title="鉴定报名",
    requires="exam-entry:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column(_BODY, identity=True), Column("职业版本"), Column(_OCCUPATION),
        Column("职业（工种）", required=False), Column("等级"), Column(_HELD_ON), Column(_REGISTERED_ON),
        Column(_SCHOOL, required=False, identity=True),
    ),
    natural_key=("证件号码", _BODY, "职业版本", _OCCUPATION, "等级", _HELD_ON),
    read=_read,
    apply=_apply,
)  # fmt: skip
