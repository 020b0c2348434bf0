"""A person named in a selection of article 14: twenty outstanding a year, chief technicians for a term with one enterprise."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from awards.policy.days import years_after
from awards.tables import Table
from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import awards as published
from contracts.awards import HonourKind

PLACES_A_YEAR = 20
"""每年评选 20 名 (article 14): counts who was ever named in the year; a withdrawn place is not filled again (A66)."""
MANAGED_YEARS = 3
"""三年的管理期: the term of the outstanding, and how long nobody is named anew (A66)."""

_YEARS: Any = ARRAY(Integer)


class TwentyAlreadyNamed(Conflict):
    title = "当年二十名已全部评选，撤销的名额不再递补"


class NamedWithinThreeYears(Conflict):
    title = "三年管理期内不能再次评选"


class AlreadyChiefTechnician(Conflict):
    title = "此人在该企业的首席技师任期与此重叠"


class NamedInFuture(Invalid):
    title = "命名日不能晚于今天"


class EnterpriseOfChiefTechnician(Invalid):
    title = "企业首席技师应写明企业和任期；优秀高技能人才不属于某一企业，管理期为三年"


class NoYearOfTheTerm(Invalid):
    title = "考核年度不在管理期（任期）之内，或尚未到来"


class CheckAlreadyFailed(Conflict):
    title = "该年度考核不合格已登记"


class HonourAlreadyWithdrawn(Conflict):
    title = "命名已撤销"


class WithdrawnOutsideTime(Invalid):
    title = "撤销日不能早于命名日，也不能晚于今天"


class WithdrawalReason(StrEnum):
    """Why a naming was withdrawn; who was named by mistake has it withdrawn as of the naming day, so that nothing was ever owed."""

    DISHONESTY = "DISHONESTY"
    MISCONDUCT = "MISCONDUCT"
    RENOUNCED = "RENOUNCED"
    NAMED_IN_ERROR = "NAMED_IN_ERROR"


class Honour(Aggregate, Table, table=True):
    """`rank` counts the namings of a kind and year from 1; `failed_checks` are calendar years; from `withdrawn_on` on nothing more is owed."""

    __tablename__ = "honour"
    __table_args__ = (
        UniqueConstraint("kind", "year", "rank"),
        CheckConstraint(f"kind <> 'OUTSTANDING' OR rank BETWEEN 1 AND {PLACES_A_YEAR}", name="twenty_a_year"),
        CheckConstraint("(kind = 'CHIEF_TECHNICIAN') = (organisation_id IS NOT NULL)", name="enterprise_of_chief_technician"),
        CheckConstraint("withdrawn_on >= named_on", name="withdrawn_after_named"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawal_reason IS NULL)", name="withdrawn_for_a_reason"),
        Index("ix_honour_person_id", "person_id"),
        Index("ix_honour_organisation_id", "organisation_id"),
    )
    title: ClassVar[str] = "命名"
    publishes = published.Honour

    person_id: UUID
    kind: HonourKind = Field(sa_type=one_of(HonourKind, "kind"))
    year: int
    rank: int
    named_on: date
    organisation_id: UUID | None = None
    term_years: int
    failed_checks: list[int] = Field(default_factory=list, sa_type=_YEARS)
    paper_number: str = Field(max_length=60)
    withdrawn_on: date | None = None
    withdrawal_reason: WithdrawalReason | None = Field(default=None, sa_type=one_of(WithdrawalReason, "withdrawal_reason"))

    @property
    def term_ends_on(self) -> date:
        """The first day after the term."""
        return years_after(self.named_on, self.term_years)

    def must_stand_beside(self, earlier: "Honour") -> None:
        """Another naming of the same person and kind. Raises NamedWithinThreeYears, AlreadyChiefTechnician."""
        if not (self.named_on < earlier.term_ends_on and earlier.named_on < self.term_ends_on):
            return
        # A withdrawn place is not filled again, not by the same person either; a chief technician may be named anew by his enterprise.
        if self.kind is HonourKind.OUTSTANDING:
            raise NamedWithinThreeYears
        if earlier.organisation_id == self.organisation_id and earlier.withdrawn_on is None:
            raise AlreadyChiefTechnician

    def fail_check(self, year: int, today: date) -> None:
        """Raises HonourAlreadyWithdrawn, NoYearOfTheTerm, CheckAlreadyFailed."""
        self._must_stand()
        if not self.named_on.year <= year <= min(self.term_ends_on.year, today.year):
            raise NoYearOfTheTerm
        if year in self.failed_checks:
            raise CheckAlreadyFailed
        self.failed_checks = sorted([*self.failed_checks, year])

    def withdraw(self, on: date, reason: WithdrawalReason, today: date) -> None:
        """Raises HonourAlreadyWithdrawn, WithdrawnOutsideTime."""
        self._must_stand()
        if not self.named_on <= on <= today:
            raise WithdrawnOutsideTime
        self.withdrawn_on, self.withdrawal_reason = on, reason

    def _must_stand(self) -> None:
        if self.withdrawn_on is not None:
            raise HonourAlreadyWithdrawn
