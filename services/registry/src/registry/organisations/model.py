"""An organisation (单位): employer, school, training body or partner; what it was in which time."""

import itertools
from datetime import date
from typing import Any, ClassVar

from sqlmodel import Field

from common.database.columns import json, one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import OrganisationKind, OrganisationStatus
from registry.tables import Table


class OrganisationAlreadyRegistered(Conflict):
    title = "该统一社会信用代码已登记"


class OrganisationClosed(Conflict):
    title = "该单位已注销"


class OrganisationSpansOverlap(Invalid):
    title = "单位情况的起止日期互相重叠"


class OrganisationSpanReversed(Invalid):
    title = "单位情况的终止日早于起始日"


class Organisation(Aggregate, Table, table=True):
    """Found by its USCC (统一社会信用代码), which is public and never changes."""

    __tablename__ = "organisation"
    title: ClassVar[str] = "单位"
    publishes = published.Organisation

    uscc: str = Field(unique=True, min_length=18, max_length=18)
    name: str
    spans: list[dict[str, Any]] = Field(sa_type=json)
    status: OrganisationStatus = Field(default=OrganisationStatus.ACTIVE, sa_type=one_of(OrganisationStatus, "status"))
    closed_on: date | None = None

    def fact(self) -> published.Organisation:
        is_sole_trader = any(span["kind"] == OrganisationKind.SOLE_TRADER for span in self.spans)
        return published.Organisation.model_validate(self.row() | ({"name": None} if is_sole_trader else {}))

    def be(self, *, name: str, spans: list[dict[str, Any]]) -> None:
        """Its name, and what it was when. Raises OrganisationClosed, OrganisationSpanReversed, OrganisationSpansOverlap."""
        if self.status is OrganisationStatus.CLOSED:
            raise OrganisationClosed
        if any(span["last_on"] is not None and span["last_on"] < span["first_on"] for span in spans):
            raise OrganisationSpanReversed
        ordered = sorted(spans, key=lambda span: span["first_on"])
        for earlier, later in itertools.pairwise(ordered):
            if earlier["last_on"] is None or earlier["last_on"] >= later["first_on"]:
                raise OrganisationSpansOverlap
        self.name, self.spans = name, ordered

    def close(self, on: date) -> None:
        """Raises OrganisationClosed."""
        if self.status is OrganisationStatus.CLOSED:
            raise OrganisationClosed
        self.status, self.closed_on = OrganisationStatus.CLOSED, on
