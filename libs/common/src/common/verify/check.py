"""What a check is: a name, one sentence, and the findings that it yields; none when all is well."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from common.database.engine import Database

if TYPE_CHECKING:
    from common.service import Service
    from common.settings import ServiceSettings


class Finding(NamedTuple):
    """Something that is not as it must be, in an operator's words. Never a name, an ID number or an account."""

    what: str
    where: str
    what_to_do: str


class CouldNotCheck(RuntimeError):
    """The check cannot say whether all is well; the message says why."""


class Check(ABC):
    """Looks, and changes nothing. `looked_at` counts on while it runs."""

    name: str
    says: str
    """What holds when nothing is found: one sentence."""
    counts: str = "行"
    """What `looked_at` counts."""
    looked_at: int = 0

    @abstractmethod
    def findings(self) -> AsyncIterator[Finding]:
        """What is wrong, one by one. Raises CouldNotCheck, and what the database raises when it is away."""


@dataclass(frozen=True)
class Inspected:
    """The service that checks look at."""

    service: Service
    settings: ServiceSettings
    database: Database
    patience_seconds: float = 10.0
    """So long is waited for what is on its way, before it counts as standing still."""
