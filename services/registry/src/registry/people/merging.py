"""Two entries that turn out to be one person: merged by an officer, and undone; and whoever else somebody is known as."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from common.database.columns import among
from common.database.engine import raw
from common.refusal import NotFound
from common.security.principal import Principal, Role
from common.work import Work
from registry.people.model import MergeReason, Person


async def merge_person(work: Work, person_id: UUID, *, canonical_id: UUID, reason: MergeReason, paper_number: str | None) -> Person:
    """He is the other one; so are all who were he.

    Raises NotFound (either), MergedIntoItself, PersonAlreadyMerged, MergesInCircle, ConfirmedIntoProvisional, BothConfirmedWithoutPaper.
    """
    await _one_at_a_time(work)
    other = await work.session.get(Person, canonical_id)
    if other is None:
        raise NotFound("没有要并入的人员")
    canonical_id = other.merged_into or other.id
    aliases = await aliases_of(work.session, [person_id])
    held = await work.lock_many(Person, [person_id, other.id, canonical_id, *aliases], verb="merged")
    person = await work.lock(Person, person_id, verb="merged")
    person.merge(held[other.id], held[canonical_id], reason=reason, paper_number=paper_number)
    for alias in aliases:
        held[alias].merged_into = canonical_id
    return person


async def unmerge_person(work: Work, person_id: UUID) -> Person:
    """He is somebody of his own; so are, with him, those who were merged into him. Raises NotFound, PersonNotMerged."""
    await _one_at_a_time(work)
    was_into = (await work.session.execute(select(col(Person.merged_into)).where(col(Person.id) == person_id))).scalar_one_or_none()
    family = await aliases_of(work.session, [was_into] if was_into else [])
    held = await work.lock_many(Person, [person_id, *family], verb="merged")
    person = await work.lock(Person, person_id, verb="changed")
    person.unmerge()
    for alias in family:
        if alias != person_id and _leads_to(held[alias], person, held):
            held[alias].merged_into = person_id
    return person


def _leads_to(alias: Person, person: Person, family: Mapping[UUID, Person]) -> bool:
    """Whether what officers have named, step by step, leads to the person."""
    step: Person | None = alias
    while step is not None and step.same_as is not None:
        if step.same_as == person.id:
            return True
        step = family.get(step.same_as)
    return False


async def _one_at_a_time(work: Work) -> None:
    """Merges are rare; two at once could each make of the other what would then be a circle."""
    await (await raw(work.session)).execute("SELECT pg_advisory_xact_lock(hashtextextended('merged persons', 0))")


async def aliases_of(session: AsyncSession, canonical_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Alias → the person that it is, of all who were merged into these."""
    found = await session.execute(
        select(col(Person.id), col(Person.merged_into)).where(among(col(Person.merged_into), canonical_ids)).order_by(col(Person.id))
    )
    return {alias: canonical for alias, canonical in found if canonical is not None}


async def must_be_his(session: AsyncSession, caller: Principal, person_id: UUID) -> None:
    """A person sees only his own, under whichever of his entries it stands. Raises NotFound."""
    if caller.role is Role.PERSON and caller.person_id and person_id in await all_that_he_is(session, caller.person_id):
        return
    caller.must_be_person(person_id)


async def all_that_he_is(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """The ids under which something may be known of one person: his canonical one and all aliases; of nobody, the id itself."""
    canonical = select(func.coalesce(col(Person.merged_into), col(Person.id))).where(col(Person.id) == person_id).scalar_subquery()
    found = await session.execute(select(col(Person.id)).where((col(Person.id) == canonical) | (col(Person.merged_into) == canonical)))
    return list(found.scalars()) or [person_id]
