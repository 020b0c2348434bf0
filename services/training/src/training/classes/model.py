"""A class and its life: planned → open → completed; planned or open → cancelled."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from common.database.columns import fen, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import training as published
from contracts.training import ClassKind, ClassState
from training.tables import Table


class ClassNumberTaken(Conflict):
    title = "班级编号已被使用"


class ClassReversed(Invalid):
    title = "结束日早于开班日"


class ClassNotPlanned(Conflict):
    title = "班级不在待开班状态"


class ClassNotOpen(Conflict):
    title = "班级不在开班状态"


class ClassNotBegun(Conflict):
    title = "开班日未到"


class ClassStillRunning(Conflict):
    title = "班级尚未到结束日，不能结班"


class ClassIsOver(Conflict):
    title = "班级已结班或已取消"


class ClassCancelled(Conflict):
    title = "班级已取消"


class EmployerMissing(Invalid):
    title = "这类班级必须填写用人单位"


class ContractNumberMissing(Invalid):
    title = "这类班级必须填写学校与企业的培训合同编号"


_FOR_AN_EMPLOYER = frozenset(
    {ClassKind.PRE_JOB, ClassKind.UPGRADE, ClassKind.STAFF_STUDY, ClassKind.IN_HOUSE_HIGH_SKILLED, ClassKind.SCHOOL_IN_ENTERPRISE}
)
"""These train an employer's own people (articles 4 and 5): whose, decides who is paid."""


class TrainingClass(Aggregate, Table, table=True):
    """What is taught, by whom, when, at what list price; found by its number."""

    __tablename__ = "training_class"
    __table_args__ = (
        CheckConstraint("level_code BETWEEN 1 AND 5", name="level_code"),
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )
    title: ClassVar[str] = "班级"
    publishes = published.TrainingClass

    number: str = Field(unique=True, max_length=40)
    kind: ClassKind = Field(sa_type=one_of(ClassKind, "kind"))
    organiser_id: UUID = Field(index=True)
    employer_id: UUID | None = None
    occupation: str
    level_code: int
    starts_on: date
    ends_on: date
    price_fen: int | None = Field(default=None, sa_type=fen)
    contract_number: str | None = Field(default=None, max_length=60)
    state: ClassState = Field(default=ClassState.PLANNED, sa_type=one_of(ClassState, "state"))

    def must_be_in_order(self) -> None:
        """Raises ClassReversed, EmployerMissing, ContractNumberMissing."""
        if self.ends_on < self.starts_on:
            raise ClassReversed
        if self.kind in _FOR_AN_EMPLOYER and self.employer_id is None:
            raise EmployerMissing
        if self.kind is ClassKind.SCHOOL_IN_ENTERPRISE and not (self.contract_number or "").strip():
            raise ContractNumberMissing

    def open(self, today: date) -> None:
        """Raises ClassNotPlanned, ClassNotBegun."""
        if self.state is not ClassState.PLANNED:
            raise ClassNotPlanned
        if today < self.starts_on:
            raise ClassNotBegun
        self.state = ClassState.OPEN

    def complete(self, today: date) -> None:
        """Raises ClassNotOpen, ClassStillRunning."""
        if self.state is not ClassState.OPEN:
            raise ClassNotOpen
        if today < self.ends_on:
            raise ClassStillRunning
        self.state = ClassState.COMPLETED

    def cancel(self) -> None:
        """Raises ClassIsOver."""
        self.must_not_be_over()
        self.state = ClassState.CANCELLED

    def must_not_be_cancelled(self) -> None:
        """Raises ClassCancelled."""
        if self.state is ClassState.CANCELLED:
            raise ClassCancelled

    def must_not_be_over(self) -> None:
        """Raises ClassIsOver."""
        if self.state in (ClassState.COMPLETED, ClassState.CANCELLED):
            raise ClassIsOver
