"""Who may do what here: one row per scope."""

from common.security.access import Access
from common.security.principal import Role

_STAFF = frozenset({Role.CLERK, Role.OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_READERS = frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE})

ACCESS = Access(
    "awards",
    {
        "entitlement:read": frozenset(Role),
        "entitlement:export": frozenset({Role.OFFICER, Role.AUDITOR}),
        "total:read": _READERS,
        "decision:read": _READERS,
        "explanation:read": frozenset(Role),
        "organisation-explanation:read": _READERS | {Role.ORGANISATION},
        "partner-year:read": _READERS | {Role.ORGANISATION},
        "quote:read": _READERS - {Role.AUDITOR} | {Role.ORGANISATION},
        "rule:read": frozenset(Role),
        "near-miss:read": frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR}),
        "near-miss:export": frozenset({Role.CLERK, Role.OFFICER}),
        "what-if:read": frozenset({Role.OFFICER, Role.AUDITOR}),
        "what-if:export": frozenset({Role.OFFICER, Role.AUDITOR}),
        "honour:read": _READERS,
        "honour:write": frozenset({Role.OFFICER}),
        "parameter:read": frozenset({Role.CLERK, Role.OFFICER, Role.AUDITOR}),
        "parameter:propose": frozenset({Role.OFFICER}),
        "parameter:decide": frozenset({Role.OFFICER}),
        "parameter:export": frozenset({Role.OFFICER, Role.AUDITOR}),
        "prior-payment:read": _READERS,
        "prior-payment:load": _STAFF,
        "prior-payment:import": _STAFF,
        "prior-payment:withdraw": _OFFICER,
        "ruling:read": _READERS - {Role.SERVICE},
        "ruling:propose": _STAFF,
        "ruling:decide": _OFFICER,
    },
)
