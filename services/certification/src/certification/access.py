"""Who may do what here: one row per scope; and who reads a certificate's number in full."""

from uuid import UUID

from common.security.access import Access
from common.security.principal import Principal, Role

_STAFF = frozenset({Role.CLERK, Role.OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_READERS = frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE})

ACCESS = Access(
    "certification",
    {
        "occupation:read": frozenset(Role),
        "occupation:write": _OFFICER,
        "sitting:read": _READERS | {Role.ORGANISATION},
        "sitting:write": _STAFF | {Role.ORGANISATION},
        "sitting:complete": _STAFF,
        "sitting:annul": _OFFICER,
        "exam-entry:read": _READERS | {Role.ORGANISATION, Role.PERSON},
        "exam-entry:write": _STAFF | {Role.ORGANISATION},
        "exam-entry:settle": _STAFF,
        "exam-entry:withdraw": _OFFICER,
        "exam-entry:import": _STAFF | {Role.ORGANISATION},
        "contest:read": _READERS,
        "contest:write": _STAFF,
        "contest:cancel": _OFFICER,
        "title:read": _READERS | {Role.PERSON},
        "title:write": _STAFF,
        "title:withdraw": _OFFICER,
        "title:import": _STAFF,
        "certificate:read": _READERS | {Role.ORGANISATION, Role.PERSON},
        "certificate:search": _STAFF | {Role.AUDITOR, Role.ORGANISATION},
        "certificate:issue": _STAFF | {Role.ORGANISATION},
        "certificate:correct": _STAFF,
        "certificate:revoke": _OFFICER,
        "certificate:import": _STAFF | {Role.ORGANISATION},
    },
)


def reads_number_in_full(caller: Principal, *, person_id: UUID, body_id: UUID) -> bool:
    """Who has the paper before him: the holder, the body that issues it, and the staff who compare the two. For all others it is masked."""
    match caller.role:
        case Role.PERSON:
            return caller.person_id == person_id
        case Role.ORGANISATION:
            return caller.organisation_id == body_id
        case _:
            return caller.role in _STAFF
