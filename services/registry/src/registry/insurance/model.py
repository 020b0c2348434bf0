"""Every month of social insurance that a person paid in the city: one row per person, spans in order."""

from operator import itemgetter
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field

from common.calendar.months import Month
from common.database.columns import json
from common.work import Aggregate
from contracts import registry as published
from registry.tables import Table


class Insurance(Aggregate, Table, table=True):
    """Spans are JSON of `contracts.registry.InsuranceSpan`; adjacent months of one organisation and kind are one span."""

    __tablename__ = "insurance"
    title: ClassVar[str] = "参保记录"
    publishes = published.Insurance

    person_id: UUID = Field(unique=True)
    spans: list[dict[str, Any]] = Field(default=[], sa_type=json)

    def knows(self, span: dict[str, Any]) -> bool:
        """Whether all its months stand here already."""
        source = _source(span)
        return any(_source(held) == source and _covers(held, span) for held in self.spans)

    def pay(self, span: dict[str, Any]) -> None:
        """Months were paid. Those that are known already change nothing."""
        if self.knows(span):
            return
        source = _source(span)
        kept = [held for held in self.spans if not (held["first_month"] == span["first_month"] and _source(held) == source)]
        self.spans = _joined(sorted([*kept, span], key=lambda each: (each["first_month"], each["organisation_id"], each["kind"])))


_source = itemgetter("kind", "organisation_id", "back_paid_on")
"""Months of one source are one span where they adjoin."""


def _covers(held: dict[str, Any], span: dict[str, Any]) -> bool:
    return bool(held["first_month"] <= span["first_month"] and span["last_month"] <= held["last_month"])


def _joined(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring spans of one source become one."""
    joined: list[dict[str, Any]] = []
    for span in spans:
        source = _source(span)
        before = next((held for held in reversed(joined) if _source(held) == source), None)
        if before is not None and span["first_month"] <= str(Month.parse(before["last_month"]) + 1):
            before["last_month"] = max(before["last_month"], span["last_month"])
        else:
            joined.append(dict(span))
    return joined
