"""Who may do what here: one row per scope."""

from common.security.access import Access
from common.security.principal import Role

_STAFF = frozenset({Role.CLERK, Role.OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_READERS = frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE})
_OWN = frozenset({Role.ORGANISATION})

ACCESS = Access(
    "matching",
    {
        "agreement:read": _READERS | _OWN,
        "agreement:write": _OFFICER,
        "reporting-year:read": frozenset(Role),
        "reporting-year:write": _OFFICER,
        "placement:read": _READERS | _OWN | {Role.PERSON},
        "placement:report": _STAFF | _OWN,
        "placement:confirm": _STAFF,
        "placement:import": _STAFF | _OWN,
        "sponsored-class:read": _READERS | _OWN,
        "sponsored-class:write": _STAFF,
        "sponsored-class:enrol": _STAFF | _OWN,
        "sponsored-class:pay": _STAFF | _OWN,
        "referral-count:read": _READERS | _OWN,
    },
)
