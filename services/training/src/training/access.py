"""Who may do what here: one row per scope."""

from common.security.access import Access
from common.security.principal import Role

_STAFF = frozenset({Role.CLERK, Role.OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_OWN = frozenset({Role.ORGANISATION})

ACCESS = Access(
    "training",
    {
        "designation:read": frozenset(Role),
        "designation:write": _OFFICER,
        "catalogue:read": frozenset(Role),
        "catalogue:write": _OFFICER,
        "mandate:read": frozenset(Role),
        "mandate:write": _OFFICER,
        "class:read": frozenset(Role),
        "class:write": _STAFF | _OWN,
        "participation:read": frozenset(Role),
        "participation:write": _STAFF | _OWN,
        "participation:import": _STAFF | _OWN,
        "lecture:read": frozenset(Role),
        "lecture:report": _STAFF | _OWN,
        "lecture:confirm": _STAFF | _OWN,
        "lecture:withdraw": _OFFICER,
        "trip:read": frozenset(Role),
        "trip:write": _STAFF,
        "trip:cancel": _OFFICER,
        "quote:read": _STAFF | _OWN,
    },
)
