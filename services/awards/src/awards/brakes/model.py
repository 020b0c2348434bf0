"""A braked cause, the dossiers that it holds back, and what would become of their entitlements."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from awards.parameters.move_columns import MoveColumns
from awards.tables import Table
from common.database.columns import fen, instant, one_of
from common.refusal import Conflict
from common.work import Aggregate


class AlreadyReleased(Conflict):
    title = "已经放行"


class BrakeState(StrEnum):
    HOLDS = "HOLDS"
    RELEASED = "RELEASED"


class Brake(Aggregate, Table, table=True):
    """One cause (an import, a rule version, a decided figure) that moves more than may be moved at once. Released, it moves everything."""

    __tablename__ = "brake"
    title: ClassVar[str] = "超限变动"

    cause: str = Field(unique=True)
    state: BrakeState = Field(sa_type=one_of(BrakeState, "state"))
    since: datetime = Field(sa_type=instant)
    released_by: str | None = None

    def release(self, by: str) -> None:
        """Raises AlreadyReleased."""
        if self.state is BrakeState.RELEASED:
            raise AlreadyReleased
        self.state, self.released_by = BrakeState.RELEASED, by


class BrakeCount(Table, table=True):
    """How much each cause has moved or would have moved so far."""

    __tablename__ = "brake_count"

    cause: str = Field(primary_key=True)
    entitlements: int = Field(sa_type=BigInteger)
    fen: int = Field(sa_type=fen)


class HeldBackDossier(Table, table=True):
    """A dossier whose entitlements stand as they were, whatever is computed. It is held as a whole: its rows displace each other."""

    __tablename__ = "held_back_dossier"
    __table_args__ = (Index("ix_held_back_dossier_cause", "cause", "dossier_kind", "dossier_id"),)

    dossier_kind: str = Field(primary_key=True)
    dossier_id: str = Field(primary_key=True)
    cause: str


class HeldBackChange(MoveColumns, Table, table=True):
    """What would become of one entitlement, as last computed."""

    __tablename__ = "held_back_change"
    __table_args__ = (Index("ix_held_back_change_cause", "cause", "scheme", "entitlement_key"),)

    dossier_kind: str = Field(primary_key=True)
    dossier_id: str = Field(primary_key=True)
    cause: str
