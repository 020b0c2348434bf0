"""The roster of a school or of the education bureau: who is there, and what became of him since."""

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
from common.refusal import Refusal
from common.work import Work
from contracts.registry import StudentStage, StudentStatus
from registry.organisations.actions import ids_by_uscc
from registry.people.actions import resolve_people
from registry.people.merging import aliases_of
from registry.people.vault import Vault
from registry.students.model import Student

_SCHOOL = "学校统一社会信用代码"
_SINCE = "状态起始日期"
_STAGES = {"中职": StudentStage.SECONDARY, "高职": StudentStage.HIGHER}
_GRADUATED = "毕业"
_STATUSES = {
    "在籍": StudentStatus.ENROLLED.value, "休学": StudentStatus.SUSPENDED.value, "离校": StudentStatus.LEFT.value, _GRADUATED: _GRADUATED,
}  # fmt: skip
_YES_OR_NO = {"是": True, "否": False}
_LONGEST_MAJOR = 20

Key = tuple[UUID, UUID, date]


class StudentRow(NamedTuple):
    card: IdCard | None
    name: str
    uscc: str | None
    stage: StudentStage | None
    major: str | None
    entered_on: date | None
    status: str | None
    """A StudentStatus, or graduated."""
    since: date | None
    has_hardship: bool | None


def _read(cells: Cells) -> StudentRow:
    row = StudentRow(
        card=cells.id_card(),
        name=cells.text("姓名"),
        uscc=cells.uscc(_SCHOOL),
        stage=cells.word("学段", _STAGES),
        major=cells.optional("专业代码"),
        entered_on=cells.day("入学日期", past=True),
        status=cells.word("学籍状态", _STATUSES),
        since=cells.optional_day(_SINCE, past=True),
        has_hardship=cells.optional_word("困难学生", _YES_OR_NO),
    )
    if row.major and len(row.major) > _LONGEST_MAJOR:
        cells.fault("专业代码", "too-long", f"最多 {_LONGEST_MAJOR} 个字")
    cells.in_order(row.entered_on, row.since, _SINCE)
    if row.since is None and row.status not in (None, StudentStatus.ENROLLED):
        cells.fault(_SINCE, "required", "休学、离校或毕业必须填写起始日期")
    return row


async def _apply(work: Work, vault: Vault, rows: Sequence[ReadRow[StudentRow]]) -> Mapping[int, Sequence[RowFault]]:
    schools = await ids_by_uscc(work.session, {row.value.uscc for row in rows if row.value.uscc})
    refused: dict[int, Sequence[RowFault]] = {
        number: (RowFault(_SCHOOL, "organisation-unknown", "没有登记这个单位"),) for number, row in rows if row.uscc not in schools
    }
    accepted = [row for row in rows if row.number not in refused]
    person_ids = await resolve_people(work, vault, [(row.value.card, row.value.name) for row in accepted if row.value.card])
    held = await _held(work, set(person_ids))
    new: dict[Key, Student] = {}
    graduating: list[UUID] = []
    for (number, row), person_id in zip(accepted, person_ids, strict=True):
        key = person_id, schools[row.uscc or ""], present(row.entered_on)
        student = held.get(key) or new.get(key) or _enrolled(row, key)
        was_graduated = student.graduated_on is not None
        try:
            _hear(student, row, today=work.business_day)
        except Refusal as refusal:
            refused[number] = (RowFault(_SINCE, refusal.code, refusal.title),)
            continue
        if key not in held:
            new[key] = student
        elif student.graduated_on is not None and not was_graduated:
            graduating.append(student.id)
    await work.lock_many(Student, graduating, verb="graduated")  # they are held already; only what is said of them is another
    await work.add_many(list(new.values()), verb="enrolled")
    return refused


async def _held(work: Work, person_ids: set[UUID]) -> dict[Key, Student]:
    """What is known of these persons, also under an entry that was merged into theirs."""
    who = {person_id: person_id for person_id in person_ids} | await aliases_of(work.session, person_ids)
    ids = (await work.session.execute(select(col(Student.id)).where(among(col(Student.person_id), who)))).scalars()
    students = (await work.lock_many(Student, list(ids), verb="changed")).values()
    return {(who[student.person_id], student.school_id, student.entered_on): student for student in students}


def _enrolled(row: StudentRow, key: Key) -> Student:
    person_id, school_id, entered_on = key
    return Student.enrolled(person_id=person_id, school_id=school_id, stage=present(row.stage), entered_on=entered_on)


def _hear(student: Student, row: StudentRow, *, today: date) -> None:
    """What the row says; a blank cell leaves what is known, and what is known already changes nothing. Raises what `Student` refuses."""
    since = row.since or student.entered_on
    if row.status == _GRADUATED:
        if student.graduated_on != since:
            student.graduate(since, today=today)
    else:
        status = StudentStatus(present(row.status))
        # A roster of last term, dropped again, says what was so then: it must not bring back whoever has been suspended since.
        if (status, since) not in student.statuses:
            student.become(status, since, today=today)
    student.stage, student.major = present(row.stage), row.major or student.major
    student.has_hardship = student.has_hardship if row.has_hardship is None else row.has_hardship


students_import = FileImport(
    kind="students",
    title="学籍名册",
    requires="student:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column("学校名称", required=False), Column(_SCHOOL, identity=True),
        Column("学段"), Column("专业代码", required=False), Column("入学日期"), Column("学籍状态"), Column(_SINCE, required=False),
        Column("困难学生", required=False),
    ),
    natural_key=("证件号码", _SCHOOL, "入学日期"),
    read=_read,
    apply=_apply,
)  # fmt: skip
