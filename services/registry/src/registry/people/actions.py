"""What can be done to a person's entry."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from common.database.columns import among
from common.database.engine import raw
from common.identifiers.id_card import IdCard
from common.work import Work
from registry.people.model import Person, PersonAlreadyRegistered
from registry.people.vault import Vault


class PersonContent(NamedTuple):
    """What people say of a person, apart from his ID number."""

    name: str
    phone: str | None
    account: str | None
    hukou: list[dict[str, Any]]
    elsewhere_before: bool | None
    elsewhere_kinds: list[str]
    died_on: date | None
    pension_from: date | None


async def register_person(work: Work, vault: Vault, *, id_number: str, content: PersonContent) -> Person:
    """Register a person; one who was provisional becomes whole.

    Raises IdCardMalformed and its kin, PersonAlreadyRegistered, PersonIsMerged, SpanReversed, SpansOverlap, DiedInFuture.
    """
    card = IdCard.parse(id_number, today=work.business_day)
    person = await work.lock_by(Person, verb="registered", id_number_index=vault.find_by(card.number))
    if person is None:
        person = work.add(Person.known_by(card, content.name, vault), verb="registered")
    else:
        person.must_stand_for_itself()
    if not person.is_provisional:
        raise PersonAlreadyRegistered
    person.is_provisional = False
    _fill(person, vault, content, today=work.business_day)
    return person


async def change_person(work: Work, vault: Vault, person_id: UUID, *, content: PersonContent) -> Person:
    """Change what is said of a person. Raises NotFound, PersonIsMerged, SpanReversed, SpansOverlap, DiedInFuture."""
    person = await work.lock(Person, person_id, verb="changed")
    person.must_stand_for_itself()
    _fill(person, vault, content, today=work.business_day)
    return person


def _fill(person: Person, vault: Vault, content: PersonContent, *, today: date) -> None:
    person.rename(content.name, vault)
    person.reach(phone=content.phone, account=content.account, vault=vault)
    person.reside(content.hukou)
    person.elsewhere_before, person.elsewhere_kinds = content.elsewhere_before, content.elsewhere_kinds
    person.die(content.died_on, today=today)
    person.pension_from = content.pension_from


async def resolve_people(work: Work, vault: Vault, people: Sequence[tuple[IdCard, str]]) -> list[UUID]:
    """Person ids in order, of merged entries the person that they are; whoever is not known yet is entered provisionally, once."""
    indexes = [vault.find_by(card.number) for card, _ in people]
    by_index = dict(zip(indexes, people, strict=True))
    known = await _ids_by_index(work, list(by_index))
    missing = by_index.keys() - known.keys()
    if missing:
        # Two files may bring the same new person at once: whoever comes second waits here and then finds him.
        await (await raw(work.session)).execute("SELECT pg_advisory_xact_lock(hashtextextended('new persons', 0))")
        known |= await _ids_by_index(work, list(missing))
        new = [Person.known_by(*by_index[index], vault) for index in sorted(missing - known.keys())]
        await work.add_many(new, verb="registered")
        known |= {person.id_number_index: person.id for person in new}
    return [known[index] for index in indexes]


async def _ids_by_index(work: Work, indexes: list[bytes]) -> dict[bytes, UUID]:
    found = await work.session.execute(
        select(col(Person.id_number_index), func.coalesce(col(Person.merged_into), col(Person.id))).where(
            among(col(Person.id_number_index), indexes)
        )
    )
    return {row[0]: row[1] for row in found}
