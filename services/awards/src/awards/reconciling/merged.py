"""Persons who were found to be one (architecture §3, rule 2): under which ids their facts stand, and what was paid under each.

Nothing is moved: at every reconciliation what an alias was paid is counted where it now belongs, and given away where it was; when two
are parted again, so is what was paid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from awards import replicas
from awards.policy.dossier import PersonFacts
from awards.policy.names import Key
from awards.policy.stacked import Settled
from awards.reconciling import entitlements
from awards.reconciling.entitlements import NOTHING_CARRIED, Carried, Content, Held
from common.reconciling.marks import Taken
from common.reconciling.reconciliation import Reconciliation

_PERSONS = replicas.persons.table
_MERGED = f"""
    SELECT id, state ->> 'merged_into' AS canonical FROM {_PERSONS} WHERE id = ANY($1::uuid[]) AND state ->> 'merged_into' IS NOT NULL
    UNION SELECT id, state ->> 'merged_into' FROM {_PERSONS} WHERE state ->> 'merged_into' = ANY($2::text[])
"""


class Merged(NamedTuple):
    """Of some persons: who each alias among them really is, and by what other ids each of the others goes."""

    into: Mapping[str, str]
    aliases: Mapping[str, Sequence[str]]

    def ids(self, asked: Iterable[str]) -> list[str]:
        """Every id under which facts of these stand; an alias has none of its own."""
        return [id_ for each in asked if each not in self.into for id_ in (each, *self.aliases.get(each, ()))]

    def owner(self, id_: str) -> str:
        """Whose facts stand under this id."""
        return self.into.get(id_, id_)


async def merged(connection: asyncpg.Connection, ids: Sequence[str]) -> Merged:
    """What is known of these persons being others, and others being these."""
    into: dict[str, str] = {}
    aliases: dict[str, list[str]] = defaultdict(list)
    for id_, canonical in await connection.fetch(_MERGED, [UUID(id_) for id_ in ids], list(ids)):
        into[str(id_)] = canonical
        aliases[canonical].append(str(id_))
    return Merged(into, {canonical: sorted(found) for canonical, found in aliases.items() if canonical not in into})


async def canonical_of(connection: asyncpg.Connection, person_id: UUID) -> UUID:
    """Who this person really is."""
    return UUID((await merged(connection, [str(person_id)])).owner(str(person_id)))


async def carried_by(
    connection: asyncpg.Connection, persons: Sequence[PersonFacts], held: Mapping[str, Sequence[Held]]
) -> dict[str, dict[Key, Carried]]:
    """By dossier: what an alias gives away of each of its rows, and what a canonical person has of his aliases, by his own keys."""
    aliases = {str(alias): person for person in persons for alias in person.aliases}
    theirs = await entitlements.held_by(connection, "person", list(aliases)) if aliases else {}
    found: dict[str, dict[Key, Carried]] = defaultdict(dict)
    for person in persons:
        if person.merged_into is not None:
            found[str(person.id)] = {row.name: Carried(-row.settled_fen, row.content) for row in held[str(person.id)]}
    for alias, rows in theirs.items():
        person = aliases[alias]
        for row in rows:
            if row.settled_fen:
                name = Key(row.name.scheme, rekeyed(row.name.key, alias, str(person.id)))
                before = found[str(person.id)].get(name)
                found[str(person.id)][name] = Carried(row.settled_fen + (before.fen if before else 0), _as_owner(row, person.id))
    return found


def _as_owner(row: Held, owner: UUID) -> Content:
    """What the row says of its person and payee, under the id by which he now goes."""
    is_payee = row.content.payee_id == UUID(row.dossier)
    return row.content._replace(person_id=owner, payee_id=owner if is_payee else row.content.payee_id)


async def settled_of(connection: asyncpg.Connection, person: PersonFacts) -> dict[Key, Settled]:
    """What has been paid already for one person, under whatever id."""
    dossier = str(person.id)
    held = await entitlements.held_by(connection, "person", [dossier])
    carried = await carried_by(connection, [person], held)
    return entitlements.settled_among(held[dossier], carried.get(dossier, NOTHING_CARRIED))


def rekeyed(key: str, alias: str, canonical: str) -> str:
    """An entitlement's key as it is called since its person goes by another id."""
    return "/".join(canonical if part == alias else part for part in key.split("/"))


async def hand_over(reconciliation: Reconciliation, taken: Sequence[Taken], persons: Sequence[PersonFacts]) -> None:
    """Whatever concerned an alias concerns whom he was found to be, and whom he is no longer."""
    connection = reconciliation.connection
    ids = [person.id for person in persons]
    rows = await connection.fetch("SELECT person_id, canonical_id FROM merged_person WHERE person_id = ANY($1::uuid[])", ids)
    was = {row["person_id"]: row["canonical_id"] for row in rows}
    now = {person.id: person.merged_into for person in persons if person.merged_into is not None}
    if not was and not now:
        return
    known = await merged(connection, [str(each) for each in {*was.values(), *now.values()}])
    for dossier in taken:
        id_ = UUID(dossier.id)
        for owner in {was.get(id_), now.get(id_)} - {None}:
            # One who is an alias himself owes nothing and waits for nobody.
            if str(owner) not in known.into:
                reconciliation.hand_over("person", str(owner), because=dossier)
    if gone := was.keys() - now.keys():
        await connection.execute("DELETE FROM merged_person WHERE person_id = ANY($1::uuid[])", list(gone))
    if changed := {id_: owner for id_, owner in now.items() if was.get(id_) != owner}:
        await connection.execute(_REMEMBER, list(changed), list(changed.values()))


_REMEMBER = """
    INSERT INTO merged_person (person_id, canonical_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])
    ON CONFLICT (person_id) DO UPDATE SET canonical_id = excluded.canonical_id
"""
