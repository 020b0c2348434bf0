"""What awards publishes: who is owed how much, and under which scheme."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.fact import Fact, Fen, LevelCode, OccupationKey


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


class PriorPayment(Fact, topic="awards.prior-payment", key="beneficiary_id", verbs=("loaded", "withdrawn")):
    """What was paid on paper before Craftport: counts as held, so that nothing is owed twice (A59)."""

    beneficiary_kind: PayeeKind
    beneficiary_id: UUID
    scheme: str
    person_id: UUID | None = None
    """For whose training, certificate or arrival it was paid."""
    occupation: OccupationKey | None = None
    level_code: LevelCode | None = None
    year: int | None = None
    """The year that it was paid for, where the scheme pays by year."""
    amount_fen: Fen
    paid_on: date
    paper_number: str
    withdrawn_on: date | None = None
    """From this day on it counts as never paid: entered in error."""


class RulingKind(StrEnum):
    """What people found or decided, and rules read as a fact."""

    REMOVED = "REMOVED"
    """Taken off after an objection or a finding."""
    RENOUNCED = "RENOUNCED"
    DISCRETION_USED = "DISCRETION_USED"
    """The text says 可 (may), and it was decided that it shall (article 5)."""
    BANNED = "BANNED"
    """Nothing is paid to this beneficiary, or for this person, for a time."""


class Ruling(Fact, topic="awards.ruling", key="beneficiary_id", verbs=("made", "reversed")):
    """A finding by people about one entitlement, or about everything of one person or organisation."""

    kind: RulingKind
    beneficiary_kind: PayeeKind
    beneficiary_id: UUID
    """Whom it concerns: the person for whom, or the organisation to which, money is owed."""
    scheme: str | None = None
    entitlement_key: str | None = None
    """Both None: everything that concerns the beneficiary."""
    first_on: date
    last_on: date | None = None
    """The last day of a ban; None: without end."""
    paper_number: str
    reversed_on: date | None = None
    """From this day on it counts for nothing."""


class HonourKind(StrEnum):
    """Selections of article 14."""

    OUTSTANDING = "OUTSTANDING"
    """张家港市优秀高技能人才: twenty a year, managed for three years."""
    CHIEF_TECHNICIAN = "CHIEF_TECHNICIAN"
    """企业首席技师: named for a term with one enterprise."""


class Honour(Fact, topic="awards.honour", key="person_id", verbs=("named", "checked", "withdrawn")):
    """A person named in a selection. From `withdrawn_on` on nothing more is owed for it; the place is not filled again (A66)."""

    person_id: UUID
    kind: HonourKind
    year: int
    rank: int = Field(ge=1)
    named_on: date
    organisation_id: UUID | None = None
    """The enterprise of a chief technician."""
    term_years: Annotated[int, Field(ge=1, le=10)]
    failed_checks: tuple[int, ...] = ()
    """Calendar years whose yearly check was failed."""
    paper_number: str
    withdrawn_on: date | None = None


class Parameter(Fact, topic="awards.parameter", key="parameter", verbs=("entered", "decided", "replaced")):
    """One figure of a parameter of the rules, on both axes: in force from a day, known since an instant.

    Fen, basis points, months, days or heads by `unit`; null: not set, and the scheme is disabled from that day on.
    """

    parameter: str
    """`<scheme>.<name>`, as the rule pages say it."""
    value: bool | int | str | dict[str, bool | int] | None
    """By level or section, a mapping of its code to a number or to yes or no; a day as text."""
    effective_from: date
    valid_to: date | None = None
    """The last day; None: until the next figure."""
    published_on: date | None = None
    reviewed_until: date | None = None
    """What happens after this day is held until the figure is reviewed."""
    paper_number: str
    known_since: datetime
    known_until: datetime | None = None
    """From then on another figure stands in its place."""
