"""The bureaus' files: headers, and how a person becomes rows. README.md explains each column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from city.block import OPENING, Block
from city.oracle import monthly_file_on
from city.people import Certificate, Employment, Paid, Participation, Person, Placement, month_of, month_text
from city.trades import NAME

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: whose import reads it, and its headers."""

    import_name: str
    headers: tuple[str, ...]


PERSONS = Kind(
    "persons", ("姓名", "证件号码", "户籍地区划代码", "户籍起始日期", "户籍终止日期", "市外经历", "死亡日期", "手机", "社会保障卡账号")
)
EMPLOYMENT = Kind(
    "employment",
    ("姓名", "证件号码", "单位名称", "统一社会信用代码", "用工单位统一社会信用代码", "用工形式", "起始日期", "终止日期", "凭据"),
)
INSURANCE = Kind("insurance", ("姓名", "证件号码", "单位名称", "统一社会信用代码", "险种", "起始月份", "终止月份", "补缴日期"))
ROSTER = Kind("roster", ("班级编号", "姓名", "证件号码", "报名日期", "出勤率", "结业日期", "考核结果", "已收费用", "已退费用", "退学日期"))
CERTIFICATES = Kind(
    "certificates",
    (
        "姓名", "证件号码", "证书编号", "证书类别", "职业版本", "职业编码", "职业（工种）", "等级", "评价方式", "发证日期", "发证机构统一社会信用代码",
        "班级编号", "单位统一社会信用代码",
    ),
)  # fmt: skip
PLACEMENTS = Kind(
    "placements", ("合作单位统一社会信用代码", "姓名", "证件号码", "用人单位名称", "用人单位统一社会信用代码", "上岗日期", "凭据")
)

_ELSEWHERE = {"WORK": "工作", "STUDY": "学习", "INSURANCE": "参保"}
_EMPLOYED_AS = {"CONTRACT": "劳动合同", "DISPATCH": "劳务派遣", "APPRENTICE": "学徒"}
_EVIDENCE = {"CONTRACT": "劳动合同", "INSURANCE": "社会保险"}
_INSURANCE = {"EMPLOYEE_PENSION": "职工养老", "FIVE_IN_ONE": "五险合一"}
_CERTIFICATE = {"QUALIFICATION": "职业资格证书", "SKILL_LEVEL": "职业技能等级证书"}
_MODE = {"SOCIAL_APPRAISAL": "社会化鉴定", "SCHOOL_CERTIFICATION": "院校职业资格认证"}
_LEVEL = {5: "初级工", 4: "中级工", 3: "高级工", 2: "技师", 1: "高级技师"}
_RESULT = {"PASSED": "合格", "FAILED": "不合格", None: ""}
_FIRST_MONTH_OF_FILES = month_of(OPENING)
_LAST_MONTH_OF_FILES = _FIRST_MONTH_OF_FILES + 11


@dataclass(frozen=True, slots=True)
class Line:
    """One row, the name of the file that it stands in, and the day on which that file is dropped."""

    file: str
    kind: Kind
    on: date
    row: Row


def lines(block: Block) -> Iterator[Line]:
    """Every row of a block's people, in the order of people; a file's rows keep it."""
    names = {organisation.uscc: organisation.name for organisation in [*block.enterprises, *block.others]}
    rosters = {training.number: training.roster_on for training in block.classes}
    for person in block.persons:
        if person.is_in_police_file:
            for row in _person_rows(person):
                yield Line("persons", PERSONS, OPENING, row)
        for job in person.employments:
            yield from _employment_lines(person, job, names)
        for paid in person.paid:
            yield from _insurance_lines(person, paid, names)
        for taken in person.participations:
            yield Line(f"roster-{taken.class_number}", ROSTER, rosters[taken.class_number], _roster_row(person, taken))
        for held in person.certificates:
            file, on = _file_of("certificates", held.issued_on)
            yield Line(file, CERTIFICATES, on, _certificate_row(person, held))
        for placement in person.placements:
            late = "" if placement.reported_on.year == OPENING.year else "-late"
            row = _placement_row(person, placement, names)
            yield Line(f"placements-{placement.partner}{late}", PLACEMENTS, placement.reported_on, row)


def _file_of(kind: str, day: date) -> tuple[str, date]:
    """`employment-to-2017` or `employment-2018-03`, and when it is dropped."""
    if day < OPENING:
        return f"{kind}-to-2017", OPENING
    return f"{kind}-{month_text(month_of(day))}", monthly_file_on(day)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _person_rows(person: Person) -> Iterator[Row]:
    known = person.elsewhere
    elsewhere = "" if known is None else "、".join(_ELSEWHERE[kind] for kind in known) or "无"
    others = (elsewhere, _day(person.died_on), person.mobile, person.account)
    for span in person.hukou:
        yield (person.name, person.id_number, span.area_code, _day(span.first_on), _day(span.last_on), *others)
    if not person.hukou:
        yield (person.name, person.id_number, "", "", "", *others)


def _employment_lines(person: Person, job: Employment, names: dict[str, str]) -> Iterator[Line]:
    """Where it began and, when it ended in another month's file, once more there."""
    began, ended = _file_of("employment", job.started_on), job.ended_on and _file_of("employment", job.ended_on)
    for file, on in dict.fromkeys([began, ended] if ended else [began]):
        last = job.ended_on if job.ended_on and ended == (file, on) else None
        row = (
            person.name, person.id_number, names[job.uscc], job.uscc, job.using_uscc or "", _EMPLOYED_AS[job.kind], _day(job.started_on),
            _day(last), _EVIDENCE[job.evidence],
        )  # fmt: skip
        yield Line(file, EMPLOYMENT, on, row)


def _insurance_lines(person: Person, paid: Paid, names: dict[str, str]) -> Iterator[Line]:
    """One row for what was paid before the year, one a month in it; what was paid late stands in the month of its payment."""
    head = (person.name, person.id_number, names[paid.uscc], paid.uscc, _INSURANCE[paid.kind])
    if paid.back_paid_on:
        file, on = _insurance_file(month_of(paid.back_paid_on))
        yield Line(file, INSURANCE, on, (*head, month_text(paid.first_month), month_text(paid.last_month), _day(paid.back_paid_on)))
        return
    if paid.first_month < _FIRST_MONTH_OF_FILES:
        file, on = _insurance_file(paid.first_month)
        last = min(paid.last_month, _FIRST_MONTH_OF_FILES - 1)
        yield Line(file, INSURANCE, on, (*head, month_text(paid.first_month), month_text(last), ""))
    for month in range(max(paid.first_month, _FIRST_MONTH_OF_FILES), min(paid.last_month, _LAST_MONTH_OF_FILES) + 1):
        file, on = _insurance_file(month)
        yield Line(file, INSURANCE, on, (*head, month_text(month), month_text(month), ""))


def _insurance_file(month: int) -> tuple[str, date]:
    if month < _FIRST_MONTH_OF_FILES:
        return "insurance-to-2017-12", OPENING
    return f"insurance-{month_text(month)}", monthly_file_on(date(month // 12, month % 12 + 1, 2))


def _roster_row(person: Person, taken: Participation) -> Row:
    attended = "" if taken.attended_bp is None else f"{taken.attended_bp / 100:g}"
    return (
        taken.class_number, person.name, person.writes_number_as or person.id_number, _day(taken.enrolled_on), attended, _day(taken.completed_on),
        _RESULT[taken.result], _yuan(taken.charged_fen), _yuan(taken.refunded_fen), _day(taken.dropped_on),
    )  # fmt: skip


def _certificate_row(person: Person, held: Certificate) -> Row:
    edition, code = held.occupation.split(":")
    return (
        person.name, person.id_number, held.number, _CERTIFICATE[held.kind], edition, code, NAME[held.occupation], _LEVEL[held.level_code],
        _MODE[held.mode], _day(held.issued_on), held.body, held.class_number or "", held.uscc or "",
    )  # fmt: skip


def _placement_row(person: Person, placement: Placement, names: dict[str, str]) -> Row:
    return (
        placement.partner, person.name, person.id_number, names[placement.employer], placement.employer, _day(placement.started_on),
        _EVIDENCE[placement.evidence],
    )  # fmt: skip
