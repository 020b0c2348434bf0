"""An institution's roster of a class: one row, one person in the class."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from common.database.columns import among
from common.files.cells import Cells, RowFault
from common.files.importing import Column, FileImport, ReadRow
from common.security.principal import Role
from common.work import Work
from contracts.training import ClassState, ParticipationResult
from training.classes.model import TrainingClass
from training.equipment import Equipment
from training.participations.model import CompletedBeforeClass, Participation

_RESULTS = {"合格": ParticipationResult.PASSED, "不合格": ParticipationResult.FAILED}
_REPORTED = ("enrolled_on", "attended_share_bp", "completed_on", "result", "charged_fen", "refunded_fen", "dropped_on")


class RosterRow(NamedTuple):
    """A row as it reads; the class still by its number."""

    class_number: str
    name: str
    id_number: str
    enrolled_on: date | None
    attended_share_bp: int | None
    completed_on: date | None
    result: ParticipationResult | None
    charged_fen: int
    refunded_fen: int
    dropped_on: date | None


def _read(cells: Cells) -> RosterRow:
    row = RosterRow(
        class_number=cells.text("班级编号"),
        name=cells.text("姓名"),
        id_number=str(cells.id_card() or ""),
        enrolled_on=cells.day("报名日期", past=True),
        attended_share_bp=cells.share_bp("出勤率"),
        completed_on=cells.optional_day("结业日期", past=True),
        result=cells.optional_word("考核结果", _RESULTS),
        charged_fen=cells.fen("已收费用"),
        refunded_fen=cells.fen("已退费用"),
        dropped_on=cells.optional_day("退学日期", past=True),
    )
    cells.in_order(row.enrolled_on, row.completed_on, "结业日期")
    cells.in_order(row.enrolled_on, row.dropped_on, "退学日期")
    if row.refunded_fen > row.charged_fen:
        cells.fault("已退费用", "refund-above-charge", "退费多于收费")
    return row


async def _apply(work: Work, equipment: Equipment, rows: Sequence[ReadRow[RosterRow]]) -> Mapping[int, Sequence[RowFault]]:
    """New rows are enrolled, completed or dropped as they say; known ones are corrected where they differ."""
    classes = await _classes(work, {row.value.class_number for row in rows})
    refused = {row.number: (fault,) for row in rows if (fault := _fault(row.value, classes.get(row.value.class_number)))}
    accepted = [row.value for row in rows if row.number not in refused]
    person_ids = await equipment.people.resolve([(row.id_number, row.name) for row in accepted], dry_run=work.dry_run)
    await _enrol_or_correct(
        work, [_participation(row, person_id, classes[row.class_number].id) for row, person_id in zip(accepted, person_ids, strict=True)]
    )
    return refused


class _Class(NamedTuple):
    id: UUID
    starts_on: date


def _fault(row: RosterRow, course: _Class | None) -> RowFault | None:
    if course is None:
        return RowFault("班级编号", "class-unknown", "没有这个班级，或不是本机构的班级")
    if row.completed_on is not None and row.completed_on < course.starts_on:
        return RowFault("结业日期", CompletedBeforeClass.code, CompletedBeforeClass.title)
    return None


async def _classes(work: Work, numbers: set[str]) -> dict[str, _Class]:
    """Classes that take participants; of an organisation only its own."""
    classes = select(col(TrainingClass.number), col(TrainingClass.id), col(TrainingClass.starts_on)).where(
        col(TrainingClass.number).in_(numbers), col(TrainingClass.state) != ClassState.CANCELLED
    )
    if work.actor.role is Role.ORGANISATION:
        classes = classes.where(col(TrainingClass.organiser_id) == work.actor.organisation_id)
    return {number: _Class(id_, starts_on) for number, id_, starts_on in await work.session.execute(classes)}


def _participation(row: RosterRow, person_id: UUID, class_id: UUID) -> Participation:
    return Participation(person_id=person_id, class_id=class_id, **{name: getattr(row, name) for name in _REPORTED})


async def _enrol_or_correct(work: Work, participations: Sequence[Participation]) -> None:
    by_key = {(each.person_id, each.class_id): each for each in participations}
    person, course = col(Participation.person_id), col(Participation.class_id)
    persons, classes = {each.person_id for each in participations}, {each.class_id for each in participations}
    found = await work.session.execute(select(Participation.id, person, course).where(among(person, persons), among(course, classes)))
    held = await work.lock_many(Participation, [row.id for row in found if (row.person_id, row.class_id) in by_key], verb="corrected")
    for known in held.values():
        reported = by_key.pop((known.person_id, known.class_id))
        for name in _REPORTED:
            setattr(known, name, getattr(reported, name))
    for verb in ("enrolled", "completed", "dropped"):
        await work.add_many([each for each in by_key.values() if each.arrival_verb == verb], verb=verb)


roster_import = FileImport(
    kind="roster",
    title="班级名册",
    requires="participation:import",
    columns=(
        Column("班级编号"), Column("姓名"), Column("证件号码", identity=True), Column("报名日期"), Column("出勤率", required=False),
        Column("结业日期", required=False), Column("考核结果", required=False), Column("已收费用", required=False),
        Column("已退费用", required=False), Column("退学日期", required=False),
    ),
    natural_key=("班级编号", "证件号码"),
    read=_read,
    apply=_apply,
)  # fmt: skip
