"""A fact that a service writes itself marks its dossiers in the writer's transaction (architecture §3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.bus.fact import FactModel, NameOf
from common.reconciling.dossier import Dossiers
from common.reconciling.marks import Mark, Urgency


@dataclass(frozen=True)
class OwnFact:
    """Which dossiers of this service a contract of its own names."""

    topic: str
    names: Mapping[str, NameOf]


def own(contract: type[FactModel], *, names: Mapping[str, NameOf]) -> OwnFact:
    """Declare it: `own(matching.Placement, names={"person": its("person_id")})`."""
    return OwnFact(contract.topic, names)


class OwnMarks:
    """The marks that a change of an own fact leads to: what it named before, and what it now names."""

    def __init__(self, own_facts: Iterable[OwnFact], dossiers: Dossiers) -> None:
        self._names = {own_fact.topic: own_fact.names for own_fact in own_facts}
        self._dossiers = dossiers
        dossiers.must_have(*(kind for names in self._names.values() for kind in names))

    def __bool__(self) -> bool:
        """Whether any fact of this service marks anything."""
        return bool(self._names)

    def of(self, was: FactModel | None, now: FactModel | None, *, urgency: Urgency, cause: str) -> list[Mark]:
        """One mark for each dossier named."""
        return [
            self._dossiers.mark(kind, name, urgency=urgency, cause=cause)
            for fact in (was, now)
            if fact is not None
            for kind, name_of in self._names.get(fact.topic, {}).items()
            if (name := name_of(fact)) is not None
        ]
