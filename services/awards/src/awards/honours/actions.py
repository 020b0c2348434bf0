"""What can be done to a selection: name, record a failed yearly check, withdraw."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from awards.honours.model import PLACES_A_YEAR, Honour, NamedInFuture, TwentyAlreadyNamed, WithdrawalReason
from common.database.engine import raw
from common.work import Work
from contracts.awards import HonourKind

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('namings', 0))"
"""Two offices that name the twentieth at once: the second waits, and is refused."""


async def name_honour(work: Work, honour: Honour) -> Honour:
    """Raises NamedInFuture, TwentyAlreadyNamed, NamedWithinThreeYears, AlreadyChiefTechnician."""
    if honour.named_on > work.business_day:
        raise NamedInFuture
    await (await raw(work.session)).execute(_ONE_AT_A_TIME)
    same_kind = select(Honour).where(col(Honour.kind) == honour.kind)
    for earlier in await work.session.scalars(same_kind.where(col(Honour.person_id) == honour.person_id)):
        honour.must_stand_beside(earlier)
    of_the_year = select(func.count()).select_from(Honour).where(col(Honour.kind) == honour.kind, col(Honour.year) == honour.year)
    honour.rank = (await work.session.scalar(of_the_year) or 0) + 1
    if honour.kind is HonourKind.OUTSTANDING and honour.rank > PLACES_A_YEAR:
        raise TwentyAlreadyNamed
    return work.add(honour, verb="named")


async def fail_check(work: Work, honour_id: UUID, *, year: int) -> Honour:
    """Raises NotFound, HonourAlreadyWithdrawn, NoYearOfTheTerm, CheckAlreadyFailed."""
    honour = await work.lock(Honour, honour_id, verb="checked")
    honour.fail_check(year, work.business_day)
    return honour


async def withdraw_honour(work: Work, honour_id: UUID, *, withdrawn_on: date, reason: WithdrawalReason) -> Honour:
    """From that day on nothing more is owed for it. Raises NotFound, HonourAlreadyWithdrawn, WithdrawnOutsideTime."""
    honour = await work.lock(Honour, honour_id, verb="withdrawn")
    honour.withdraw(withdrawn_on, reason, work.business_day)
    return honour
