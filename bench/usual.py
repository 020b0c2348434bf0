"""The usual way: one message, one ORM session, load what is needed, apply the rule, one commit; on the same tables, to the same money."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from population import TODAY, messages
from sqlalchemy import BigInteger, LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7
from workers import Wait, Worker, race

from awards import replicas
from awards.entitlements.model import Decision, Entitlement
from awards.kernel.kinds import Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.parameters.seed import load_seed
from awards.policy.dossier import City, PersonFacts
from awards.policy.due import person_due
from awards.policy.stacked import Owed
from common.bus.envelope import read_event
from common.bus.protocol import Message
from common.bus.replicas import Replica
from common.collector import settle_collector
from common.database.columns import instant, json
from common.database.engine import Database
from contracts.awards import Entitlement as Published
from contracts.awards import EntitlementState, PayeeKind
from contracts.certification import Certificate
from contracts.fact import Fact

_big: Any = BigInteger()
_bytes: Any = LargeBinary()


class Version(SQLModel, table=True):
    __tablename__ = "fact_version"
    topic: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=_big)
    recorded_at: datetime = Field(sa_type=instant)
    state: dict[str, Any] = Field(sa_type=json)


class Outgoing(SQLModel, table=True):
    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True, sa_type=_big)
    event_id: UUID = Field(default_factory=uuid7)
    topic: str
    type: str
    key: str
    aggregate_id: UUID
    epoch: int = 1
    version: int = Field(sa_type=_big)
    recorded_at: datetime = Field(sa_type=instant)
    cause: str
    bulk: bool = False
    trace_parent: str | None = None
    data: bytes = Field(sa_type=_bytes)


class _State(SQLModel):
    id: UUID = Field(primary_key=True)
    epoch: int
    version: int = Field(sa_type=_big)
    state: dict[str, Any] = Field(sa_type=json)


def _mapped(replica: Replica) -> Any:
    def body(namespace: dict[str, Any]) -> None:
        namespace["__tablename__"], namespace["__module__"] = replica.table, __name__
        namespace["__annotations__"] = dict.fromkeys(replica.columns, str | None)

    return types.new_class(replica.table, (_State,), {"table": True}, body)


_ROWS = {replica: _mapped(replica) for replica in replicas.replicas}


class Consumer:
    """What a handler of certificate events is usually made of."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], parameters: Parameters) -> None:
        self._sessions, self._parameters = sessions, parameters

    async def handle(self, message: Message) -> None:
        event = read_event(message)
        fact = Certificate.parse(event.data)
        async with self._sessions() as session, session.begin():
            row = await session.get(_ROWS[replicas.certificates], fact.id)
            if row is not None and row.version >= event.version:
                return
            state = fact.model_dump(mode="json")
            session.add(Version(topic=event.topic, id=fact.id, epoch=1, version=event.version, recorded_at=event.recorded_at, state=state))
            row = row or _ROWS[replicas.certificates](id=fact.id, person=str(fact.person_id))
            row.epoch, row.version, row.state = event.epoch, event.version, state
            session.add(row)
            await session.flush()
            person = await _person(session, fact.person_id)
            due = person_due(person, await _city(session, person), self._parameters, TODAY)
            held = await session.scalars(
                select(Entitlement).where(Entitlement.dossier_kind == "person", Entitlement.dossier_id == str(person.id))
            )
            rows = {(each.scheme, each.entitlement_key): each for each in held}
            for owed in due.owed:
                self._write(session, owed, rows.get(owed.name), event.cause)

    def _write(self, session: AsyncSession, owed: Owed, row: Entitlement | None, cause: str) -> None:
        if owed.outcome is not Outcome.GRANTED or owed.payee is None:
            return
        state = EntitlementState.DISPLACED if owed.displaced_by else EntitlementState.DUE
        if row is not None and row.state == state and max(row.due_fen, row.would_be_fen) == owed.fen:
            return
        if row is None:
            row = Entitlement(
                id=uuid7(), version=0, scheme=owed.name.scheme, entitlement_key=owed.name.key, dossier_kind="person", dossier_id=str(owed.person),
                payee_kind=PayeeKind.PERSON if owed.payee_unit is Unit.PERSON else PayeeKind.ORGANISATION, payee_id=owed.payee,
                person_id=owed.person, accruing_fen=0, settled_fen=0,
            )  # fmt: skip
            session.add(row)
        row.version, row.state, row.decided_on, row.decision_id = row.version + 1, state, TODAY, uuid7()
        row.due_fen, row.would_be_fen = (0, owed.fen) if owed.displaced_by else (owed.fen, 0)
        row.displaced_by_scheme, row.displaced_by_key = owed.displaced_by or (None, None)
        session.add(
            Decision(
                id=row.decision_id, entitlement_id=row.id, entitlement_version=row.version, recorded_at=datetime.now(UTC), business_day=TODAY,
                ground_kind=type(owed.ground).__name__, ground=owed.ground.to_record(), rule_hash=owed.scheme.hash,
                parameter_set_hash=self._parameters.hash, outcome=owed.outcome.name, amount_fen=owed.fen, state=state,
                displaced_by_scheme=row.displaced_by_scheme, displaced_by_key=row.displaced_by_key, cause=cause,
            )
        )  # fmt: skip
        published = Published.model_validate(row, from_attributes=True)
        verb = "arose" if row.version == 1 else "revised"
        session.add(
            Outgoing(
                topic=published.topic, type=published.event_type(verb), key=published.key, aggregate_id=row.id, version=row.version,
                recorded_at=datetime.now(UTC), cause=cause, data=published.model_dump_json().encode(),
            )
        )  # fmt: skip


async def _all(session: AsyncSession, replica: Replica, *where: Any) -> list[Any]:
    found = await session.scalars(select(_ROWS[replica]).where(*where))
    return [replica.contract.model_validate(row.state) for row in found]


async def _of(session: AsyncSession, replica: Replica, person: UUID) -> list[Any]:
    return await _all(session, replica, _ROWS[replica].person == str(person))


async def _person(session: AsyncSession, id_: UUID) -> PersonFacts:
    known = await _of(session, replicas.persons, id_)
    insurance = await _of(session, replicas.insurance, id_)
    return PersonFacts(
        id_,
        person=known[0] if known else None,
        employments=await _of(session, replicas.employments, id_),
        insurance=[span for paid in insurance for span in paid.spans],
        participations=await _of(session, replicas.participations, id_),
        certificates=await _of(session, replicas.certificates, id_),
        placements=await _of(session, replicas.placements, id_),
    )


async def _city(session: AsyncSession, person: PersonFacts) -> City:
    """What the person's facts name, and the registers: only what he has is asked for."""
    city = City(
        catalogues=await _all(session, replicas.catalogues),
        occupations=await _all(session, replicas.occupations),
        employment_complete_since=next(
            (each.complete_since for each in await _all(session, replicas.sources) if each.kind == "EMPLOYMENT"), None
        ),
    )
    class_ids = {each.class_id for each in (*person.participations, *person.certificates) if each.class_id}
    classes = await _all(session, replicas.classes, _ROWS[replicas.classes].id.in_(class_ids))
    city.classes = {course.id: course for course in classes}
    for organiser in {course.organiser_id for course in classes}:
        for replica, by_organisation in ((replicas.designations, "designations"), (replicas.mandates, "mandates")):
            found = await _all(session, replica, _ROWS[replica].organiser == str(organiser))
            setattr(city, by_organisation, {organiser: found})
    for placed in person.placements:
        (employer,) = await _all(session, replicas.organisations, _ROWS[replicas.organisations].id == placed.employer_id)
        agreements = await _all(session, replicas.agreements, _ROWS[replicas.agreements].partner == str(placed.partner_id))
        city.organisations, city.agreements = {employer.id: employer}, {placed.partner_id: agreements}
        city.reporting_years = {each.year: each for each in await _all(session, replicas.reporting_years)}
    return city


def consume(url: str, certificates: Sequence[Fact], wait: Wait) -> None:
    """One message after the other, as one partition's consumer does."""

    async def work() -> None:
        database = Database(url, connections=1)
        consumer = Consumer(async_sessionmaker(database.engine, expire_on_commit=False), load_seed())
        waiting = messages(certificates)
        settle_collector()
        await consumer.handle(waiting[0])
        wait()
        for message in waiting[1:]:
            await consumer.handle(message)
        await database.close()

    asyncio.run(work())


def seconds(url: str, certificates: Sequence[Fact]) -> float:
    """For one each of these certificates; the first, which also warms up, is not counted."""
    return race(Worker(consume, (url, certificates))) * len(certificates) / (len(certificates) - 1)
