"""What people do with a dead letter: put its payload right, and have it applied after all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from common.bus import dead_letters
from common.bus.facts import Facts
from common.bus.protocol import Message
from common.database.engine import is_unstorable
from common.refusal import Conflict


class StillUnreadable(Conflict):
    """The detail says why, without any value."""

    title = "这条消息仍然无法读取"


async def replay(connection: asyncpg.Connection, facts: Facts, id: UUID) -> None:
    """Apply it as if it had just come. Raises NotFound, DeadLetterEnded; StillUnreadable, after which the transaction is of no more use."""
    batch = facts.sort_out((await dead_letters.lock(connection, id),))
    if batch.unreadable:
        raise StillUnreadable(batch.unreadable[0][1])
    await dead_letters.end(connection, id, state="REPLAYED", reason="replayed")
    try:
        await facts.keep(connection, batch.heard)
    except Exception as error:
        if is_unstorable(error):
            raise StillUnreadable("cannot be stored") from error
        raise


async def fix(connection: asyncpg.Connection, facts: Facts, id: UUID, data: Mapping[str, Any]) -> None:
    """Give it another payload, one that can be read. Raises NotFound, DeadLetterEnded, StillUnreadable."""
    await _fix(connection, facts, id, lambda _: data)


async def change(connection: asyncpg.Connection, facts: Facts, id: UUID, fields: Mapping[str, Any]) -> None:
    """Give some of its fields other values, so that it can be read; the rest stays, unseen. Raises NotFound, DeadLetterEnded, StillUnreadable."""
    await _fix(connection, facts, id, lambda value: _object(value) | dict(fields))


async def _fix(connection: asyncpg.Connection, facts: Facts, id: UUID, right: Callable[[bytes], Mapping[str, Any]]) -> None:
    message = await dead_letters.lock(connection, id)
    fixed = replace(message, value=_payload(right(message.value)))
    _must_be_readable(facts, fixed)
    await dead_letters.fix(connection, id, fixed.value)


def _object(value: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise StillUnreadable("data: not JSON, give it whole") from error
    if not isinstance(parsed, dict):
        raise StillUnreadable("data: not an object, give it whole")
    return parsed


def _payload(data: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise StillUnreadable("data: not JSON in UTF-8") from error


def _must_be_readable(facts: Facts, message: Message) -> None:
    for _, reason in facts.sort_out((message,)).unreadable:
        raise StillUnreadable(reason)
