"""The list that comes with a paper awarding titles: one row, one person, one title by that paper."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from certification.contests.model import Contest
from certification.equipment import Equipment
from certification.occupations.reads import known_among
from certification.titles.model import NotPlaced, Title, TitleWithdrawn
from common.database.columns import among
from common.files.cells import Cells, RowFault, present
from common.files.importing import Column, FileImport, ReadRow
from common.identifiers.occupation import occupation_key
from common.work import Work
from contracts.certification import TitleKind

_KIND, _EDITION, _CODE, _AWARDED_ON, _PAPER = "称号", "职业版本", "职业编码", "授予日期", "文号"
_KINDS = {
    "全国技术能手": TitleKind.NATIONAL_TECHNICAL_EXPERT, "国家技术能手": TitleKind.NATIONAL_TECHNICAL_EXPERT,
    "省级技术能手": TitleKind.PROVINCIAL_TECHNICAL_EXPERT, "张家港市技术能手": TitleKind.CITY_TECHNICAL_EXPERT,
    "技能状元": TitleKind.TOP_SKILL, "青年优秀技能人才": TitleKind.YOUNG_TALENT,
}  # fmt: skip
_LONGEST_PAPER_NUMBER = 60
_REPORTED = ("occupation", "awarded_on")

Key = tuple[UUID, TitleKind, str]


class TitleRow(NamedTuple):
    name: str
    id_number: str
    kind: TitleKind | None
    occupation: str | None
    awarded_on: date | None
    paper_number: str


def _read(cells: Cells) -> TitleRow:
    edition = cells.optional(_EDITION) or ""
    row = TitleRow(
        name=cells.text("姓名"),
        id_number=str(cells.id_card() or ""),
        kind=cells.word(_KIND, _KINDS),
        occupation=cells.identity(_CODE, lambda code: occupation_key(edition, code), required=False),
        awarded_on=cells.day(_AWARDED_ON, past=True),
        paper_number=cells.text(_PAPER),
    )
    if edition and not cells.optional(_CODE):
        cells.fault(_CODE, "required", "填写了职业版本，也要填写职业编码")
    if len(row.paper_number) > _LONGEST_PAPER_NUMBER:
        cells.fault(_PAPER, "too-long", f"最多 {_LONGEST_PAPER_NUMBER} 个字")
    return row


async def _apply(work: Work, equipment: Equipment, rows: Sequence[ReadRow[TitleRow]]) -> Mapping[int, Sequence[RowFault]]:
    """New titles are awarded; those that stand are corrected where they differ; those that were withdrawn stay so."""
    occupations = await known_among(work.session, {row.value.occupation for row in rows if row.value.occupation})
    refused: dict[int, Sequence[RowFault]] = {
        number: (RowFault(_CODE, "occupation-unknown", "职业目录中没有这个版本和编码"),)
        for number, row in rows
        if row.occupation and row.occupation not in occupations
    }
    accepted = [row for row in rows if row.number not in refused]
    person_ids = await equipment.people.resolve([(row.value.id_number, row.value.name) for row in accepted], dry_run=work.dry_run)
    titles = {row.number: _title(row.value, person_id) for row, person_id in zip(accepted, person_ids, strict=True)}
    return refused | await _award_or_correct(work, titles)


def _title(row: TitleRow, person_id: UUID) -> Title:
    return Title(
        person_id=person_id,
        kind=present(row.kind),
        occupation=row.occupation,
        awarded_on=present(row.awarded_on),
        paper_number=row.paper_number,
    )


def _key(title: Title) -> Key:
    return title.person_id, title.kind, title.paper_number


async def _award_or_correct(work: Work, titles: Mapping[int, Title]) -> dict[int, Sequence[RowFault]]:
    held = await _held(work, {title.person_id for title in titles.values()}, {_key(title) for title in titles.values()})
    refused: dict[int, Sequence[RowFault]] = {}
    new: dict[Key, Title] = {}
    for number, title in titles.items():
        known = held.get(_key(title))
        if known is None:
            new.setdefault(_key(title), title)
        elif any(getattr(known, name) != getattr(title, name) for name in _REPORTED):
            if (fault := await _fault(work, known, title)) is not None:
                refused[number] = (fault,)
                continue
            for name in _REPORTED:
                setattr(known, name, getattr(title, name))
    await work.add_many(list(new.values()), verb="awarded")
    return refused


async def _held(work: Work, person_ids: set[UUID], keys: set[Key]) -> dict[Key, Title]:
    """Locked; where one was withdrawn and awarded anew by the same paper, the one that stands."""
    found = await work.session.execute(
        select(Title.id, Title.person_id, Title.kind, Title.paper_number).where(among(col(Title.person_id), person_ids))
    )
    ids = [row.id for row in found if (row.person_id, row.kind, row.paper_number) in keys]
    held = (await work.lock_many(Title, ids, verb="corrected")).values()
    return {_key(title): title for title in sorted(held, key=lambda title: title.withdrawn_on is None)}


async def _fault(work: Work, known: Title, title: Title) -> RowFault | None:
    """Why a row may not change what is known; a title of a contest stays in an occupation in which he was placed."""
    if known.withdrawn_on is not None:
        return RowFault(_KIND, TitleWithdrawn.code, TitleWithdrawn.title)
    if known.contest_id is not None and not (await work.read(Contest, known.contest_id)).has_placed(known.person_id, title.occupation):
        return RowFault(_CODE, NotPlaced.code, NotPlaced.title)
    return None


titles_import = FileImport(
    kind="titles",
    title="称号",
    requires="title:import",
    columns=(
        Column("姓名"), Column("证件号码", identity=True), Column(_KIND), Column(_EDITION, required=False), Column(_CODE, required=False),
        Column("职业（工种）", required=False), Column(_AWARDED_ON), Column(_PAPER),
    ),
    natural_key=("证件号码", _KIND, _PAPER),
    read=_read,
    apply=_apply,
)  # fmt: skip
