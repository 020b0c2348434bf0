"""What a row must be to be changed by an act: an id, a version, and the public state that it publishes."""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from common.bus.fact import FactModel


class Aggregate(SQLModel):
    """Mixin for table models. `version` counts the changes from 1 and is the ETag; the work sets it, nobody else."""

    title: ClassVar[str]
    """The Chinese noun in messages: 证书."""

    publishes: ClassVar[type[FactModel] | None] = None
    """The contract of its public state; None when nobody outside need know of such rows."""

    private: ClassVar[frozenset[str]] = frozenset()
    """Columns of which the audit says only that they changed."""

    is_reconciled: ClassVar[bool] = False
    """Reconciliation alone writes such rows: their changes have decisions instead of audit rows."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = Field(default=0, sa_type=BigInteger)

    def __init__(self, **columns: Any) -> None:
        """A new row of these columns, the others by their defaults."""
        # The values go where those of a loaded row stand. SQLModel would ask every field anew and announce every value: 30-60 µs for each
        # row of a file, where this takes 8.
        shared, made = _defaults(type(self))
        self.__dict__.update(shared | {name: make() for name, make in made.items() if name not in columns} | columns)

    def fact(self) -> FactModel | None:
        """The public state as it now is; None when nobody outside may or need know of this row."""
        return None if self.publishes is None else self.publishes.model_validate(self.row())

    def row(self) -> dict[str, Any]:
        """The columns and their values."""
        # What is loaded stands in the object itself; the mapper's descriptors are asked only for the rest.
        loaded = self.__dict__
        return {name: loaded[name] if name in loaded else getattr(self, name) for name in type(self).__pydantic_fields__}


@cache
def _defaults(model: type[Aggregate]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """Values that all rows may share, and what makes those that each must have for itself."""
    fields = {name: field for name, field in model.model_fields.items() if not field.is_required()}
    made: dict[str, Any] = {
        name: field.default_factory or field.default.copy
        for name, field in fields.items()
        if field.default_factory or isinstance(field.default, list | dict)
    }
    return {name: field.default for name, field in fields.items() if name not in made}, made
