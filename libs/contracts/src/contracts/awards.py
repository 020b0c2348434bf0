"""What awards publishes: who is owed how much, and under which scheme."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.fact import Fact, Fen


class EntitlementState(StrEnum):
    DUE = "DUE"
    ACCRUING = "ACCRUING"
    AWAITING = "AWAITING"
    HELD = "HELD"
    DISPLACED = "DISPLACED"
    WITHDRAWN = "WITHDRAWN"


class PayeeKind(StrEnum):
    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"


class Entitlement(Fact, topic="awards.entitlement", key="payee_id", verbs=("arose", "revised", "withdrawn")):
    """What one scheme owes for one key: now (`due_fen`), if only the closing day passes (`accruing_fen`), and what is settled."""

    scheme: str
    entitlement_key: str
    payee_kind: PayeeKind
    payee_id: UUID
    person_id: UUID | None = None
    state: EntitlementState
    due_fen: Fen
    accruing_fen: Fen
    settled_fen: Fen
    decided_on: date
    decision_id: UUID
