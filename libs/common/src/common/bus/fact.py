"""What the foundation needs to know of a contract, whatever its domain."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, Self
from uuid import UUID

REPUBLISHED = "republished"
"""The verb of a state that is published again as it stands: every contract has it."""


class FactModel(Protocol):
    """A contract model: the public state of one aggregate (`libs/contracts` has them)."""

    topic: ClassVar[str]
    verbs: ClassVar[tuple[str, ...]]

    @property
    def id(self) -> UUID: ...

    @property
    def key(self) -> str: ...

    @classmethod
    def event_type(cls, verb: str) -> str: ...

    @classmethod
    def parse(cls, data: bytes | str) -> Self: ...

    @classmethod
    def model_validate(cls, obj: Any) -> Self: ...

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]: ...

    def model_dump_json(self) -> str: ...


def its(field: str) -> NameOf:
    """The dossier that a fact names by one of its own fields; none when the field is empty."""

    def name(fact: Any) -> str | None:
        value = getattr(fact, field)
        return None if value is None else str(value)

    return name


class NameOf(Protocol):
    """Which dossier of a kind a fact names, from the fact's own fields alone (architecture §3, rule 1)."""

    def __call__(self, fact: Any, /) -> str | None: ...
