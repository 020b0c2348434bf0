"""An occupation (职业、工种) in one edition of the national classification."""

from typing import Any, ClassVar

from sqlmodel import Field

from certification.tables import Table
from common.database.columns import json
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import certification as published


class OccupationNotFound(Invalid):
    title = "没有这个职业（工种），请核对版本和编码"


class OccupationAlreadyPublished(Conflict):
    title = "该版本的这个编码已发布"


class Occupation(Aggregate, Table, table=True):
    """Key = edition and code: the same code means different trades in different editions."""

    __tablename__ = "occupation"
    title: ClassVar[str] = "职业（工种）"
    publishes = published.Occupation

    occupation: str = Field(unique=True)
    name: str
    same_as: list[str] = Field(default=[], sa_type=json)
    is_pilot: bool = False
    appraisal_fee_fen: dict[str, Any] = Field(default={}, sa_type=json)
