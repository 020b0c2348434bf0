"""A contest and its life: planned → held, perhaps with results entered anew; planned → cancelled."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from certification.tables import Table
from common.database.columns import json, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import certification as published
from contracts.certification import ContestState, ContestTier


class ContestAlreadyPlanned(Conflict):
    title = "这个竞赛已登记"


class OccupationTwice(Invalid):
    title = "同一职业（工种）列了两次"


class OccupationNotInContest(Invalid):
    title = "竞赛没有这个职业（工种）的项目"


class PlacedTwice(Invalid):
    title = "同一人在一个项目中列了两个名次"


class ContestNotHeldYet(Conflict):
    title = "竞赛日期未到，不能登记成绩"


class ContestAlreadyHeld(Conflict):
    title = "竞赛已举办，不能取消"


class ContestAlreadyCancelled(Conflict):
    title = "竞赛已取消"


class Contest(Aggregate, Table, table=True):
    """`items`: one for each occupation, with the persons who were placed, the first first."""

    __tablename__ = "contest"
    __table_args__ = (Index("uq_contest_standing", "brand", "tier", "held_on", unique=True, postgresql_where=text("state <> 'CANCELLED'")),)
    title: ClassVar[str] = "竞赛"
    publishes = published.Contest

    brand: str = Field(max_length=60)
    tier: ContestTier = Field(sa_type=one_of(ContestTier, "tier"))
    year: int
    held_on: date
    items: list[dict[str, Any]] = Field(sa_type=json)
    state: ContestState = Field(default=ContestState.PLANNED, sa_type=one_of(ContestState, "state"))

    def hold(self, placed: Mapping[str, Sequence[UUID]], *, today: date) -> None:
        """Enter the results; also anew, all of them, when they were entered wrongly. What is not named has placed nobody.

        Raises ContestAlreadyCancelled, ContestNotHeldYet, OccupationNotInContest, PlacedTwice.
        """
        self.must_not_be_cancelled()
        if self.held_on > today:
            raise ContestNotHeldYet
        occupations = [item["occupation"] for item in self.items]
        if not placed.keys() <= set(occupations):
            raise OccupationNotInContest
        if any(len(set(persons)) < len(persons) for persons in placed.values()):
            raise PlacedTwice
        self.items = [{"occupation": each, "placed": [str(person) for person in placed.get(each, ())]} for each in occupations]
        self.state = ContestState.HELD

    def cancel(self) -> None:
        """Raises ContestAlreadyCancelled, ContestAlreadyHeld."""
        self.must_not_be_cancelled()
        if self.state is ContestState.HELD:
            raise ContestAlreadyHeld
        self.state = ContestState.CANCELLED

    def must_not_be_cancelled(self) -> None:
        """Raises ContestAlreadyCancelled."""
        if self.state is ContestState.CANCELLED:
            raise ContestAlreadyCancelled

    def has_placed(self, person_id: UUID, occupation: str | None) -> bool:
        """Whether he was placed in this occupation, or, without one, in any."""
        return any(str(person_id) in item["placed"] for item in self.items if occupation in (None, item["occupation"]))

    @property
    def person_ids(self) -> list[UUID]:
        """Everybody who was placed."""
        return [UUID(person) for item in self.items for person in item["placed"]]
