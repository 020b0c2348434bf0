"""Events at random on every topic of every reader: each is applied, superseded, a duplicate or a dead letter, nobody stops, and nothing shows whom they name."""

import importlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

import asyncpg
import pytest
from desk import SERVICES
from effort import IS_LONG, rounds, said
from spoiled_events import SECRETS, spoiled

from common.bus import integrity
from common.bus.consumer import Consumer
from common.bus.dead_letters import FLOOD
from common.bus.facts import Facts
from common.bus.protocol import Consumption, Message, Outgoing, Partition
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import at_work

_BATCHES = 100 if IS_LONG else 5
READERS = [name for name in SERVICES if importlib.import_module(f"{name}.app").service.replicas]
"""Who hears others at all."""


async def heard(consumer: Consumer, consumption: Consumption, messages: Sequence[Outgoing], bus: Any) -> None:
    await bus.publish(messages)
    read = 0
    while read < len(messages):
        read += await consumer.step(consumption)
        assert not consumption.stopped, consumption.stopped


@pytest.mark.timeout(0 if IS_LONG else 300)
@pytest.mark.parametrize("reader", READERS)
async def test_whatever_comes_over_the_bus_is_counted_stops_nobody_and_shows_nobody(reader: str, postgres: EmbeddedPostgres) -> None:
    service = importlib.import_module(f"{reader}.app").service
    for seed in rounds(share=1 / len(READERS)):
        async with at_work(service, postgres, first_day=date(2018, 6, 1), worker=False) as listener:
            facts, bus = listener.running.facts, listener.running.bus
            consumer, chance, sent = Consumer(bus, facts, group=facts.group), Random(seed), Counter[str]()
            async with bus.consume(facts.group, facts.topics, facts.positions) as consumption:
                for _ in range(_BATCHES):
                    # No more than may be wrong on one partition before it is a flood, and that is another matter.
                    batch = [spoiled(topic, chance) for topic in facts.topics for _ in range(FLOOD)]
                    await heard(consumer, consumption, batch, bus)
                    sent.update(message.topic for message in batch)
                    async with listener.running.database.raw_transaction() as connection:
                        await connection.execute("UPDATE dead_letter SET first_seen_at = first_seen_at - interval '6 minutes'")
            async with listener.running.database.raw_transaction() as connection:
                said(f"{reader}, seed {seed}: {sent.total()} messages, {await counted(connection, facts, sent)}")
                await nobody_is_shown(connection, facts)


async def counted(connection: asyncpg.Connection, facts: Facts, sent: Counter[str]) -> dict[str, int]:
    """Every message has come to one end, and what is kept is what was counted."""
    rows = await connection.fetch("SELECT topic, applied, superseded, duplicate FROM fact_count")
    letters = dict(await connection.fetch("SELECT topic, count(*) FROM dead_letter GROUP BY topic"))
    ends = {row["topic"]: row["applied"] + row["superseded"] + row["duplicate"] + letters.get(row["topic"], 0) for row in rows}
    assert ends == sent
    for topic in await integrity.heard(connection, facts.topics):
        assert topic.counted == topic.kept, topic
    all_ends = {name: sum(row[name] for row in rows) for name in ("applied", "superseded", "duplicate")} | {"dead": sum(letters.values())}
    assert min(all_ends.values()) > 0, "or one of the ends was never tried"
    return all_ends


async def nobody_is_shown(connection: asyncpg.Connection, facts: Facts) -> None:
    """Neither in the reason nor in the content as an operator may see it; nor with its digits set apart."""
    planted = 0
    for row in await connection.fetch('SELECT topic, "offset", key, headers::text AS headers, value, reason FROM dead_letter'):
        message = Message(Partition(row["topic"], "", 0), row["offset"], row["key"], json.loads(row["headers"]), row["value"])
        shown = json.dumps([facts.shown(message), row["reason"]], ensure_ascii=False)
        for secret in SECRETS:
            planted += secret.encode() in row["value"]
            assert secret not in shown, (shown, row["value"])
            assert not secret.isdigit() or secret[:10] not in re.sub(r"\D", "", shown), (shown, row["value"])
    assert planted > 20, "or nothing was planted"
