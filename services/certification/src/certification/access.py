"""Who may do what here: one row per scope."""

from common.security.access import Access
from common.security.principal import Role

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
        "certificate:read": _READERS | {Role.ORGANISATION, Role.PERSON},
        "certificate:issue": _STAFF | {Role.ORGANISATION},
        "certificate:correct": _STAFF,
        "certificate:revoke": _OFFICER,
        "certificate:import": _STAFF | {Role.ORGANISATION},
    },
)
