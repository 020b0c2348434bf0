"""A work: what a use case gets as its first argument."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from common.audit.row import AuditRow, changes, insert_audit
from common.bus.event import Event
from common.bus.fact import FactModel
from common.bus.outbox import insert_events
from common.database.columns import among
from common.database.copying import copy_rows, update_rows
from common.database.engine import raw
from common.reconciling.marks import Mark, Urgency, write_marks
from common.refusal import NotFound, PreconditionFailed
from common.security.principal import Principal
from common.work.aggregate import Aggregate
from common.work.own import OwnMarks

M = TypeVar("M", bound=Aggregate)
_FEW = 20
"""So many changed rows of one model are written one by one, as they are read."""


async def _let_others() -> None:
    """Hundreds of rows at once hold the loop for long: what was made of them and what is written are two slices."""
    await asyncio.sleep(0)


class SeenVersion(NamedTuple):
    """One version of one aggregate, as a consistency token names it.

    `marked`: the dossiers (kind, id) of the writing service itself that the act marked. What others mark they find out by hearing of it.
    """

    topic: str
    id: UUID
    epoch: int
    version: int
    marked: tuple[tuple[str, str], ...] = ()


@dataclass
class _Touched:
    entity: Aggregate
    verb: str
    was: FactModel | None
    """Only where it marks something here."""
    row: dict[str, Any] | None
    """The columns as they were under the lock; None: the entity is new."""
    now: dict[str, Any] = field(default_factory=dict)
    """The columns as they are written."""


class Work:
    """One act of one actor in one transaction. Every entity added, or changed under its lock, is versioned, audited and published."""

    def __init__(
        self, session: AsyncSession, *, actor: Principal, operation: str, business_day: date, epoch: int, cause: str, bulk: bool,
        expected_version: int | None, request_id: str | None, trace_parent: str | None, own_marks: OwnMarks,
        dry_run: bool = False,
    ) -> None:  # fmt: skip
        """`dry_run`: nothing of it will stand; who asks another service to act for it must say so there."""
        self.session, self.actor, self.operation = session, actor, operation
        self.business_day, self.cause, self.bulk = business_day, cause, bulk
        self.dry_run = dry_run
        self.written: list[SeenVersion] = []
        self._epoch, self._expected_version = epoch, expected_version
        self._request_id, self._trace_parent, self._own_marks = request_id, trace_parent, own_marks
        self._touched: dict[UUID, _Touched] = {}

    async def read(self, model: type[M], id: UUID) -> M:
        """Without a lock. Raises NotFound."""
        entity = await self.session.get(model, id)
        if entity is None:
            raise NotFound(f"没有这个{model.title}")
        return entity

    async def lock(self, model: type[M], id: UUID, *, verb: str) -> M:
        """For a change. Raises NotFound; PreconditionFailed when the caller's If-Match is another version."""
        entity = await self.session.get(model, id, with_for_update=True, populate_existing=id not in self._touched)
        if entity is None:
            raise NotFound(f"没有这个{model.title}")
        self._check_version(entity)
        return self._touch(entity, verb)

    async def lock_by(self, model: type[M], *, verb: str, **columns: object) -> M | None:
        """For a change, by other columns that are unique together; None when there is none."""
        found = await self.session.execute(select(col(model.id)).filter_by(**columns).with_for_update())
        found_id = found.scalar_one_or_none()
        return None if found_id is None else (await self.lock_many(model, [found_id], verb=verb))[found_id]

    async def lock_many(self, model: type[M], ids: Sequence[UUID], *, verb: str) -> dict[UUID, M]:
        """For a change, in id order; ids that do not exist are absent. What this act holds already stays as it has made it."""
        held = {each: cast("M", self._touched[each].entity) for each in ids if each in self._touched}
        found = await self.session.execute(
            select(model)
            .where(among(col(model.id), [each for each in ids if each not in held]))
            .order_by(col(model.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        entities = [*held.values(), *found.scalars()]
        return {entity.id: self._touch(entity, verb) for entity in sorted(entities, key=lambda entity: entity.id)}

    def add(self, entity: M, *, verb: str) -> M:
        """A new aggregate."""
        self.session.add(entity)
        self._touched[entity.id] = _Touched(entity, verb, None, None)
        return entity

    async def add_many(self, entities: Sequence[M], *, verb: str) -> None:
        """New aggregates of one model, all at once."""
        if not entities:
            return
        for entity in entities:
            entity.version = 1
        await self.session.flush()
        await _let_others()
        added = [_Touched(entity, verb, None, None, entity.row()) for entity in entities]
        await copy_rows(await raw(self.session), type(entities[0]).__table__, [touched.now for touched in added])  # type: ignore[attr-defined]
        await self._write(added)

    def _touch(self, entity: M, verb: str) -> M:
        if entity.id not in self._touched:
            was = entity.fact() if self._own_marks else None
            self._touched[entity.id] = _Touched(entity, verb, was, entity.row())
        self._touched[entity.id].verb = verb
        return entity

    def _check_version(self, entity: Aggregate) -> None:
        expected, self._expected_version = self._expected_version, None
        if expected is not None and expected != entity.version:
            raise PreconditionFailed

    def seen(self, entity: Aggregate) -> list[SeenVersion]:
        """The version that the entity now has, as readers hear of it; none when nobody hears of it."""
        fact = entity.fact()
        if fact is None:
            return []
        marks = self._own_marks.of(None, fact, urgency=Urgency.LIVE, cause=self.cause)
        return [SeenVersion(fact.topic, fact.id, self._epoch, entity.version, _dossiers(marks))]

    async def finish(self) -> None:
        """Version, audit, publish and mark what changed: the last thing before the commit."""
        for touched in self._touched.values():
            touched.now = touched.entity.row()
        changed = [touched for touched in self._touched.values() if touched.now != touched.row]
        if len(changed) > 1:
            await _let_others()
        many, few = _sorted_out(changed)
        for touched in changed:
            touched.now["version"] += 1
        for touched in few:
            touched.entity.version = touched.now["version"]
        self._let_go(many, few)
        await self.session.flush()
        for together in many:
            await _update(await raw(self.session), together)
        await self._write(changed)
        self._touched.clear()

    def _let_go(self, many: Sequence[Sequence[_Touched]], few: Sequence[_Touched]) -> None:
        """What is changed by one statement the session must not change as well, row by row."""
        if not many:
            return
        for touched in (each for together in many for each in together):
            # Not by assignment, which would tell the session of each.
            touched.entity.__dict__["version"] = touched.now["version"]
            if few or self.session.new:
                self.session.expunge(touched.entity)
        if not (few or self.session.new):
            self.session.expunge_all()

    async def _write(self, changed: Sequence[_Touched]) -> None:
        if not changed:
            return
        now, urgency = datetime.now(UTC), Urgency.BULK if self.bulk else Urgency.LIVE
        connection = await raw(self.session)
        facts = [(touched, touched.entity.fact()) for touched in changed]
        await insert_audit(connection, [self._audit_row(touched, now) for touched in changed])
        events = [self._event(touched, fact, now) for touched, fact in facts if fact is not None]
        await insert_events(connection, events)
        marks = [(self._own_marks.of(touched.was, fact, urgency=urgency, cause=self.cause), touched, fact) for touched, fact in facts]
        await write_marks(connection, [mark for own, _, _ in marks for mark in own])
        self.written += [
            SeenVersion(fact.topic, fact.id, self._epoch, touched.entity.version, _dossiers(own)) for own, touched, fact in marks if fact
        ]

    def _event(self, touched: _Touched, fact: FactModel, now: datetime) -> Event:
        return Event(
            id=uuid7(),
            type=fact.event_type(touched.verb),
            topic=fact.topic,
            key=fact.key,
            aggregate_id=fact.id,
            epoch=self._epoch,
            version=touched.entity.version,
            recorded_at=now,
            cause=self.cause,
            bulk=self.bulk,
            data=fact.model_dump_json().encode(),
            trace_parent=self._trace_parent,
        )

    def _audit_row(self, touched: _Touched, now: datetime) -> AuditRow:
        entity = touched.entity
        return AuditRow(
            at=now,
            actor=self.actor.subject,
            role=self.actor.role,
            operation=self.operation,
            subject=str(type(entity).__tablename__),
            subject_id=entity.id,
            version=entity.version,
            verb=touched.verb,
            cause=self.cause,
            request_id=self._request_id,
            changes=changes(touched.row, touched.now, private=type(entity).private),
        )


def _sorted_out(changed: Sequence[_Touched]) -> tuple[list[list[_Touched]], list[_Touched]]:
    """Rows that were there before, by model where there are many; and the others."""
    by_model: dict[type[Aggregate], list[_Touched]] = defaultdict(list)
    few: list[_Touched] = []
    for touched in changed:
        (few if touched.row is None else by_model[type(touched.entity)]).append(touched)
    for together in by_model.values():
        if len(together) <= _FEW:
            few += together
    return [together for together in by_model.values() if len(together) > _FEW], few


async def _update(connection: asyncpg.Connection, together: Sequence[_Touched]) -> None:
    """What has changed in any of these rows of one model."""
    columns = {name for each in together if each.row is not None for name, value in each.now.items() if value != each.row[name]}
    await update_rows(connection, type(together[0].entity).__table__, [each.now for each in together], columns=sorted(columns))  # type: ignore[attr-defined]


def _dossiers(marks: Sequence[Mark]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((mark.kind, mark.id) for mark in marks))
