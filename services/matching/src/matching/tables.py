"""The metadata of this service's own tables, apart from every other service's."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from common.database.foundation import NAMING


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Every table model of this service derives from it."""
