"""What must come out: one line per scheme and ground, with the reason where nothing is owed, and the labels of the seeded cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    DUE = "DUE"
    ACCRUING = "ACCRUING"
    AWAITING = "AWAITING"
    REFUSED = "REFUSED"
    DISPLACED = "DISPLACED"


class Because(StrEnum):
    """The first condition that fails, or that waits for material, in the order of each scheme's clause."""

    LIVE = "发生在本规则启用之后"
    DESIGNATED = "在定点培训机构"
    RESIDENT_OR_INSURED = "本市户籍，或缴纳社会保险满六个月"
    ATTENDED = "出勤达到要求"
    COMPLETED = "已结业"
    SURPLUS_REFUNDED = "多收的费用已退还"
    MANDATED = "经委托的培养基地开班"
    LISTED = "开班时职业（工种）在紧缺目录内"
    MATCHES_CLASS = "取得与班级一致的证书"
    CERTIFICATE_VALID = "证书有效"
    HIGH_SKILLED = "证书为高级工及以上"
    FIRST_EVER = "初次来本市就业"
    FROM_OUTSIDE = "从外地来"
    HIGH_SKILLED_ON_ARRIVAL = "已是高级工及以上"
    YEAR_COMPLETED = "工作满一年"
    SHORT_GAPS = "一年内间断不过长"
    EMPLOYED_AT_ANNIVERSARY = "一年期满时在职"
    HUNDRED_PERSONS = "一年输送一百人以上"
    ENTERPRISE_IS_LOCAL = "用人单位为本市企业"
    AGREED = "上岗日在合作协议期内"
    CONFIRMED = "已确认且未取消"
    REPORTED_IN_TIME = "在申报截止日前申报"
    OTHER_PARTNER = "已计入另一合作单位"


@dataclass(frozen=True, slots=True)
class Expected:
    """One ground of one scheme. `person` is an ID number, `partner` and `payee` a USCC or an ID number, `persons` the partner's head count."""

    scheme: str
    outcome: Outcome
    payee: str
    due_fen: int = 0
    accruing_fen: int = 0
    because: Because | None = None
    person: str | None = None
    class_number: str | None = None
    certificate: str | None = None
    partner: str | None = None
    year: int | None = None
    persons: int | None = None
    displaced_by: tuple[str, str] | None = None
    """Scheme and class number of the ground that displaces this one."""


@dataclass(frozen=True, slots=True)
class Case:
    """A seeded case: a sentence, the day on which it is asked, and exactly what must come out then."""

    title: str
    on: date
    expected: Expected


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A seeded placement that earns its partner nothing, and why."""

    title: str
    on: date
    person: str
    partner: str
    because: Because
