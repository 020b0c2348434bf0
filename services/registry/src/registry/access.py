"""Who may do what here: one row per scope."""

from common.security.access import Access
from common.security.principal import Role

_STAFF = frozenset({Role.CLERK, Role.OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_READERS = frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE})

ACCESS = Access(
    "registry",
    {
        "person:read": _READERS | {Role.PERSON},
        "person:write": _STAFF,
        "person:search": _READERS,
        "person:resolve": _STAFF | {Role.SERVICE},
        "person:import": _STAFF,
        "person:merge": _OFFICER,
        "organisation:read": frozenset(Role),
        "organisation:write": _STAFF,
        "recognition:read": _READERS | {Role.ORGANISATION},
        "recognition:write": _STAFF,
        "recognition:withdraw": _OFFICER,
        "employment:read": _READERS | {Role.ORGANISATION, Role.PERSON},
        "employment:write": _STAFF,
        "employment:import": _STAFF,
        "student:read": _READERS | {Role.ORGANISATION, Role.PERSON},
        "student:write": _STAFF,
        "student:import": _STAFF,
        "insurance:read": _READERS | {Role.PERSON},
        "insurance:import": _STAFF,
        "other-benefit:read": _READERS | {Role.PERSON},
        "other-benefit:write": _STAFF,
        "other-benefit:withdraw": _OFFICER,
        "other-benefit:import": _STAFF,
        "source:read": _READERS,
        "source:declare": _OFFICER,
    },
)
