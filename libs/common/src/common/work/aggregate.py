"""What a row must be to be changed by an act: an id, a version, and the public state that it publishes."""

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

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = Field(default=0, sa_type=BigInteger)

    def fact(self) -> FactModel | None:
        """The public state as it now is; None when nobody outside may or need know of this row."""
        return None if self.publishes is None else self.publishes.model_validate(self.row())

    def row(self) -> dict[str, Any]:
        """The columns and their values."""
        # What is loaded stands in the object itself; the mapper's descriptors are asked only for the rest.
        loaded = self.__dict__
        return {name: loaded[name] if name in loaded else getattr(self, name) for name in type(self).__pydantic_fields__}
