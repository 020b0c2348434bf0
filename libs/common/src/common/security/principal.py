"""Who acts: a person with a role, an organisation's clerk, another service, or the service itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from common.refusal import NotFound


class Role(StrEnum):
    """CLERK enters, OFFICER decides, AUDITOR reads all, ORGANISATION and PERSON see their own, SERVICE is another program."""

    CLERK = "CLERK"
    OFFICER = "OFFICER"
    AUDITOR = "AUDITOR"
    ORGANISATION = "ORGANISATION"
    PERSON = "PERSON"
    SERVICE = "SERVICE"


@dataclass(frozen=True)
class Principal:
    """A caller whose token was verified. `scopes` may hold whole-segment stars: `awards:*:read`."""

    subject: str
    role: Role
    scopes: frozenset[str]
    organisation_id: UUID | None = None
    person_id: UUID | None = None

    @property
    def is_somebody(self) -> bool:
        """Whether an organisation's or a person's account says whose it is: without that, "only its own" has no meaning."""
        match self.role:
            case Role.ORGANISATION:
                return self.organisation_id is not None
            case Role.PERSON:
                return self.person_id is not None
            case _:
                return True

    def has_scope(self, scope: str) -> bool:
        """Whether the token grants it."""
        return scope in self.scopes or any(_covers(granted, scope) for granted in self.scopes if "*" in granted)

    def must_be_organisation(self, *organisation_ids: UUID | None) -> None:
        """An organisation sees and changes only its own. Raises NotFound: that others' things exist is not its business."""
        if self.role is Role.PERSON or (self.role is Role.ORGANISATION and self.organisation_id not in organisation_ids):
            raise NotFound

    def must_be_person(self, person_id: UUID) -> None:
        """A person sees only his own. Raises NotFound."""
        if self.role is Role.ORGANISATION or (self.role is Role.PERSON and self.person_id != person_id):
            raise NotFound


def _covers(granted: str, scope: str) -> bool:
    parts, wanted = granted.split(":"), scope.split(":")
    return len(parts) == len(wanted) and all(part in ("*", want) for part, want in zip(parts, wanted, strict=True))
