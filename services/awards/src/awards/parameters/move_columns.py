"""The columns of a stored move: one entitlement before and after, of a preview or held back by the brake."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from common.database.columns import fen


class MoveColumns(SQLModel):
    """Mixin for tables whose rows are moves, in the order of `MOVE_COLUMNS`."""

    scheme: str = Field(primary_key=True)
    entitlement_key: str = Field(primary_key=True)
    payee_kind: str
    payee_id: UUID
    person_id: UUID | None
    state_before: str | None
    """None: it would arise."""
    state_after: str
    due_before_fen: int = Field(sa_type=fen)
    due_after_fen: int = Field(sa_type=fen)
    accruing_before_fen: int = Field(sa_type=fen)
    accruing_after_fen: int = Field(sa_type=fen)
    would_be_before_fen: int = Field(sa_type=fen)
    would_be_after_fen: int = Field(sa_type=fen)
    settled_fen: int = Field(sa_type=fen)
    moved_fen: int = Field(sa_type=fen)
    """By how much the owed or foreseen sum rises; below nothing: falls."""
