"""A recognition and its life: valid for a time, perhaps accepted, assessed year by year, perhaps withdrawn."""

from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from common.database.columns import fen, json, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import RecognitionKind
from registry.tables import Table

ASSESSED_YEARLY = frozenset(
    {
        RecognitionKind.STUDIO, RecognitionKind.TRAINING_BASE, RecognitionKind.DEMONSTRATION_BASE, RecognitionKind.PUBLIC_BASE,
        RecognitionKind.OUTSIDE_BASE, RecognitionKind.TECHNICIAN_BASE,
    }
)  # fmt: skip


class RecognitionOverlaps(Conflict):
    title = "该单位在这段时间已有同一类认定，请修改原认定的有效期"


class RecognitionAlreadyWithdrawn(Conflict):
    title = "认定已撤销"


class RecognitionNotWithdrawn(Conflict):
    title = "认定没有撤销，无须撤回"


class RecognisedAfterClosing(Conflict):
    title = "认定起始日不早于单位注销日"


class NotAcceptedAtAll(Conflict):
    title = "只有示范实训基地需要验收"


class NotAssessedYearly(Conflict):
    title = "这一类认定不作年度考核"


class RecognitionReversed(Invalid):
    title = "认定的截止日早于起始日"


class StudioWithoutMaster(Invalid):
    title = "技能名师工作室必须填写领衔人"


class MasterWithoutStudio(Invalid):
    title = "只有技能名师工作室填写领衔人"


class AcceptedInFuture(Invalid):
    title = "验收日不能晚于今天"


class AcceptedAfterValidity(Invalid):
    title = "验收日晚于认定的有效期"


class AssessedInFuture(Invalid):
    title = "考核日不能晚于今天"


class AssessedBeforeItsYear(Invalid):
    title = "考核日早于所考核的年度"


class AssessedOutsideValidity(Invalid):
    title = "所考核的年度不在认定的有效期内"


class WithdrawnBeforeRecognised(Invalid):
    title = "撤销日早于认定起始日"


class Recognition(Aggregate, Table, table=True):
    """One organisation, one kind, one time (a studio: of one master). From `withdrawn_on` it no longer counts."""

    __tablename__ = "recognition"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="validity"),
        CheckConstraint("withdrawn_on >= valid_from", name="withdrawn"),
        CheckConstraint("investment_fen >= 0", name="investment"),
        CheckConstraint("(kind = 'STUDIO') = (master_id IS NOT NULL)", name="master"),
        Index("ix_recognition_organisation_id", "organisation_id", "id"),
    )
    title: ClassVar[str] = "认定"
    publishes = published.Recognition

    organisation_id: UUID
    kind: RecognitionKind = Field(sa_type=one_of(RecognitionKind, "kind"))
    paper_number: str = Field(max_length=60)
    valid_from: date
    valid_to: date | None = None
    withdrawn_on: date | None = None
    accepted_on: date | None = None
    investment_fen: int | None = Field(default=None, sa_type=fen)
    master_id: UUID | None = None
    assessments: list[dict[str, Any]] = Field(default=[], sa_type=json)

    @property
    def last_on(self) -> date | None:
        """The last day on which it counts; None while it lasts. Before `valid_from` when it never counted."""
        ends = [self.valid_to, self.withdrawn_on and self.withdrawn_on - timedelta(days=1)]
        return min((end for end in ends if end is not None), default=None)

    def counts_beside(self, other: "Recognition") -> bool:
        """Whether both count on one day."""
        first, last = max(self.valid_from, other.valid_from), [end for end in (self.last_on, other.last_on) if end is not None]
        return all(first <= end for end in last)

    def be(self, *, paper_number: str, valid_from: date, valid_to: date | None, master_id: UUID | None) -> None:
        """Raises RecognitionReversed, StudioWithoutMaster, MasterWithoutStudio, AcceptedAfterValidity, AssessedOutsideValidity."""
        if valid_to is not None and valid_to < valid_from:
            raise RecognitionReversed
        if self.kind is RecognitionKind.STUDIO and master_id is None:
            raise StudioWithoutMaster
        if self.kind is not RecognitionKind.STUDIO and master_id is not None:
            raise MasterWithoutStudio
        self.paper_number, self.valid_from, self.valid_to, self.master_id = paper_number, valid_from, valid_to, master_id
        if self.accepted_on is not None and valid_to is not None and self.accepted_on > valid_to:
            raise AcceptedAfterValidity
        for assessment in self.assessments:
            _must_touch(assessment["year"], valid_from, valid_to)

    def must_not_begin_after_its_end(self) -> None:
        """Raises WithdrawnBeforeRecognised."""
        if self.withdrawn_on is not None and self.withdrawn_on < self.valid_from:
            raise WithdrawnBeforeRecognised

    def accept(self, on: date, *, investment_fen: int, today: date) -> None:
        """It is built as planned; said again, it is corrected. Raises NotAcceptedAtAll, AcceptedInFuture, AcceptedAfterValidity."""
        if self.kind is not RecognitionKind.DEMONSTRATION_BASE:
            raise NotAcceptedAtAll
        if on > today:
            raise AcceptedInFuture
        if self.last_on is not None and on > self.last_on:
            raise AcceptedAfterValidity
        self.accepted_on, self.investment_fen = on, investment_fen

    def assess(self, year: int, *, on: date, is_passed: bool, today: date) -> None:
        """What the look at one year found; said again, it is corrected.

        Raises NotAssessedYearly, AssessedInFuture, AssessedBeforeItsYear, AssessedOutsideValidity.
        """
        if self.kind not in ASSESSED_YEARLY:
            raise NotAssessedYearly
        if on > today:
            raise AssessedInFuture
        if on.year < year:
            raise AssessedBeforeItsYear
        _must_touch(year, self.valid_from, self.last_on)
        found = {"year": year, "assessed_on": on.isoformat(), "is_passed": is_passed}
        others = [assessment for assessment in self.assessments if assessment["year"] != year]
        self.assessments = sorted([*others, found], key=lambda assessment: assessment["year"])

    def withdraw(self, on: date | None) -> None:
        """None takes a withdrawal back. Raises RecognitionAlreadyWithdrawn, RecognitionNotWithdrawn, WithdrawnBeforeRecognised."""
        if on is None and self.withdrawn_on is None:
            raise RecognitionNotWithdrawn
        if on is not None and self.withdrawn_on is not None:
            raise RecognitionAlreadyWithdrawn
        if on is not None and on < self.valid_from:
            raise WithdrawnBeforeRecognised
        self.withdrawn_on = on


def _must_touch(year: int, first: date, last: date | None) -> None:
    """Raises AssessedOutsideValidity."""
    if year < first.year or (last is not None and (year > last.year or last < first)):
        raise AssessedOutsideValidity
