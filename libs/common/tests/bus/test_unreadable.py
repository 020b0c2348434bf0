"""Messages that are no events of ours: each becomes one dead letter, with a reason that says nothing of what it holds, and stops nobody."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from lending.desk import Kept, Log, lent, outgoing
from uuid_utils.compat import uuid7

from common.bus.consumer import Consumer
from common.bus.dead_letters import FLOOD
from common.bus.envelope import LARGEST_BYTES
from common.bus.facts import Facts
from common.bus.protocol import Message, Outgoing, Partition

SECRET = "320599197001010011"
LOAN = lent("ann", id=uuid7())


def state(**changed: Any) -> bytes:
    return json.dumps(LOAN.model_dump(mode="json") | changed).encode()


def headed(**changed: str | None) -> Outgoing:
    return outgoing(LOAN, headers=changed)


UNREADABLE: Mapping[str, tuple[Outgoing, str]] = {
    "no JSON": (outgoing(LOAN, value=f"not json {SECRET}".encode()), "data: json_invalid"),
    "empty": (outgoing(LOAN, value=b""), "data: json_invalid"),
    "no UTF-8": (outgoing(LOAN, value=state()[:-1] + b',"x":"\xff' + SECRET.encode() + b'"}'), "data: json_invalid"),
    "UTF-16": (outgoing(LOAN, value=state().decode().encode("utf-16")), "data: json_invalid"),
    "a byte order mark": (outgoing(LOAN, value=b"\xef\xbb\xbf" + state()), "data: json_invalid"),
    "cut in the middle": (outgoing(LOAN, value=state()[:-5]), "data: json_invalid"),
    "nested too deep": (outgoing(LOAN, value=state()[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "data: json_invalid"),
    "a list": (outgoing(LOAN, value=b"[" + state() + b"]"), "data: model_type"),
    "null": (outgoing(LOAN, value=b"null"), "data: model_type"),
    "a NUL in a name": (outgoing(LOAN, value=state(reader=f"{SECRET}\x00")), "cannot be stored"),
    "a NUL in a field nobody knows": (outgoing(LOAN, value=state(x=f"{SECRET}\x00")), "cannot be stored"),
    "a NUL in the cause": (headed(ce_cause=f"{SECRET}\x00"), "cannot be stored"),
    "a number that is none": (outgoing(LOAN, value=state()[:-1] + b',"x":NaN}'), "cannot be stored"),
    "half a character": (outgoing(LOAN, value=state()[:-1] + b',"x":"\\ud800"}'), "data: json_invalid"),
    "a field missing": (outgoing(LOAN, value=json.dumps({"id": str(LOAN.id), "reader": SECRET}).encode()), "days: missing"),
    "a field of another kind": (outgoing(LOAN, value=state(days=SECRET + "?")), "days: int_parsing"),
    "several faults": (outgoing(LOAN, value=state(days=None, reader=[SECRET])), "reader: string_type; days: int_type"),
    "another aggregate": (outgoing(LOAN, headers={"ce_subject": str(uuid7())}), "the subject is not the aggregate's id"),
    "no type": (headed(ce_type=None), "ce_type is missing"),
    "an unknown type": (headed(ce_type=f"craftport.desk.loan.lent.{SECRET}"), "ce_type is unknown"),
    "a later contract": (headed(ce_type="craftport.desk.loan.lent.v2"), "ce_type is unknown"),
    "an unknown verb": (headed(ce_type="craftport.desk.loan.burnt.v1"), "ce_type is unknown"),
    "a type of another topic": (headed(ce_type="craftport.lending.book.entered.v1"), "ce_type is of another topic"),
    "a type with a NUL": (headed(ce_type="craftport.desk.loan.lent\x00"), "ce_type is unknown"),
    "no headers": (Outgoing("desk.loan", "key", {}, state()), "ce_specversion is not 1.0"),
    "another CloudEvents": (headed(ce_specversion="0.3"), "ce_specversion is not 1.0"),
    "no id": (headed(ce_id=None), "ce_id is missing"),
    "a garbled id": (headed(ce_id=SECRET), "ce_id is malformed"),
    "no subject": (headed(ce_subject=""), "ce_subject is missing"),
    "a garbled subject": (headed(ce_subject=f"�{SECRET}"), "ce_subject is malformed"),
    "no version": (headed(ce_version=None), "ce_version is missing"),
    "a version that is no number": (headed(ce_version=f"v{SECRET}"), "ce_version is malformed"),
    "a version in other digits": (headed(ce_version="１２"), "ce_version is malformed"),
    "a version with a fraction": (headed(ce_version="1.0"), "ce_version is malformed"),
    "a version as a programmer writes it": (headed(ce_version="1_000"), "ce_version is malformed"),
    "version 0": (headed(ce_version="0"), "ce_version is malformed"),
    "a negative version": (headed(ce_version="-1"), "ce_version is malformed"),
    "a version too large": (headed(ce_version=str(2**63)), "ce_version is malformed"),
    "a version of many digits": (headed(ce_version="9" * 5000), "ce_version is malformed"),
    "an epoch too large for its column": (headed(ce_epoch=str(2**31)), "ce_epoch is malformed"),
    "no time": (headed(ce_time=None), "ce_time is missing"),
    "a time that is none": (headed(ce_time=SECRET), "ce_time is malformed"),
    "a time without offset": (headed(ce_time="2018-06-01T12:00:00"), "ce_time has no offset"),
    "a time before all times": (headed(ce_time="0001-01-01T00:00:00+08:00"), "ce_time is malformed"),
    "no cause": (headed(ce_cause=None), "ce_cause is missing"),
    "too large": (outgoing(LOAN, value=state(x="x" * LARGEST_BYTES)), f"larger than {LARGEST_BYTES} bytes"),
}


class OneByOne:
    """A bus's side of a consumer: which partitions stand still, and whether it was asked to read again."""

    def __init__(self) -> None:
        self.stopped: dict[Partition, str] = {}
        self.rewinds = 0

    async def stop(self, partition: Partition, reason: str) -> None:
        self.stopped[partition] = reason

    async def rewind(self) -> None:
        self.rewinds += 1


async def hear(facts: Facts, messages: list[Message]) -> OneByOne:
    """As the consumer does with one batch."""
    consumption, consumer = OneByOne(), Consumer(None, facts, group="lending")  # type: ignore[arg-type]
    await consumer._apply(consumption, messages)  # type: ignore[arg-type]
    return consumption


async def test_each_becomes_one_dead_letter_and_what_is_good_in_the_batch_is_applied(
    facts: Facts, log: Log, kept: Kept, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for number, (what, (bad, reason)) in enumerate(UNREADABLE.items()):
        before, after = lent(f"before {what}"), lent(f"after {what}")
        heard = await hear(facts, log.append(outgoing(before), bad, outgoing(after), partition=number))

        letters = await kept.rows('SELECT "offset", reason, state, value FROM dead_letter WHERE partition = $1', number)
        assert letters == [{"offset": 1, "reason": reason, "state": "WAITING", "value": bad.value}], what
        assert (await kept.value("SELECT count(*) FROM replica_desk_loan WHERE id IN ($1, $2)", before.id, after.id)) == 2, what
        assert ((await kept.offsets())[number], heard.stopped, heard.rewinds) == (3, {}, 0), what
        assert SECRET not in reason, what

    assert set((await kept.marked()).values()) == {1}
    assert len(await kept.marked()) == 2 * len(UNREADABLE)
    assert SECRET not in capsys.readouterr().out + caplog.text


async def test_all_of_them_in_one_batch_are_as_many_dead_letters_and_the_good_ones_between_are_applied(
    facts: Facts, log: Log, kept: Kept
) -> None:
    sent = [each for bad, _ in list(UNREADABLE.values())[:FLOOD] for each in (bad, outgoing(lent("bob")))]

    heard = await hear(facts, log.append(*sent))

    assert await kept.letters("offset", "reason") == [
        (2 * nth, reason) for nth, (_, reason) in enumerate(list(UNREADABLE.values())[:FLOOD])
    ]
    assert (await kept.marked())["bob"] >= 1
    assert await kept.value("SELECT count(*) FROM replica_desk_loan") == FLOOD
    assert (await kept.offsets(), heard.stopped) == ({0: 2 * FLOOD}, {})


async def test_what_a_reader_does_not_know_in_a_good_event_is_no_fault(facts: Facts, log: Log, kept: Kept) -> None:
    messages = log.append(
        outgoing(lent(), value=None, headers={"ce_unknown": "x", "ce_bulk": "perhaps", "traceparent": "garbled"}),
        outgoing(LOAN, value=state(brand_new={"deep": [1, 2, {"x": None}]})),
        outgoing(lent("the largest"), value=None),
    )
    assert (await hear(facts, messages)).stopped == {}
    assert await kept.letters("reason") == []
    assert len(await kept.states("id")) == 3


async def test_of_a_mapping_in_a_contract_the_reason_does_not_name_the_key() -> None:
    from pydantic import BaseModel, ValidationError

    from common.bus.facts import _breaks

    class Priced(BaseModel):
        fees: dict[str, int]

    with pytest.raises(ValidationError) as error:
        Priced.model_validate_json(json.dumps({"fees": {SECRET: "much"}}))

    assert _breaks(error.value, Priced) == "fees.*: int_parsing"  # type: ignore[arg-type]


async def test_a_message_is_set_aside_once_however_often_it_is_read(facts: Facts, log: Log, kept: Kept) -> None:
    bad, _ = UNREADABLE["a NUL in a name"]
    messages = log.append(bad)
    await hear(facts, messages)
    await hear(facts, messages)

    assert len(await kept.letters("id")) == 1


async def test_more_than_twenty_in_five_minutes_stop_the_partition_and_say_so(facts: Facts, log: Log, kept: Kept) -> None:
    bad = [outgoing(lent(), value=b"{") for _ in range(FLOOD)]
    first = await hear(facts, log.append(*bad))
    assert first.stopped == {}

    heard = await hear(facts, messages := log.append(outgoing(lent(), value=b"{"), outgoing(lent("bob"))))

    partition = messages[0].partition
    assert heard.stopped == await facts.stopped() == {partition: "more than 20 dead letters in five minutes"}
    assert await kept.marked() == {"bob": 1}


async def test_dead_letters_of_earlier_days_and_those_that_were_dealt_with_stop_nothing(facts: Facts, log: Log, kept: Kept) -> None:
    for ending in ("first_seen_at = now() - interval '6 minutes'", "state = 'DISCARDED'"):
        await hear(facts, log.append(*(outgoing(lent(), value=b"{") for _ in range(FLOOD))))
        await kept.rows(f"UPDATE dead_letter SET {ending} RETURNING id")

    assert (await hear(facts, log.append(outgoing(lent(), value=b"{")))).stopped == {}


async def test_a_flood_is_stopped_where_it_begins_and_fills_no_table(facts: Facts, log: Log, kept: Kept) -> None:
    flood = log.append(*(outgoing(lent(), value=b"{") for _ in range(300)))
    going = log.append(*(outgoing(lent("bob")) for _ in range(3)), partition=1)

    heard = await hear(facts, [*flood, *going])

    assert len(await kept.letters("id")) == FLOOD + 1
    assert await kept.offsets() == {0: FLOOD + 1, 1: 3}
    assert set(heard.stopped) == {flood[0].partition}


async def test_a_newer_version_resolves_it_whichever_comes_first(facts: Facts, log: Log, kept: Kept) -> None:
    before, after, together, newest, same = (lent() for _ in range(5))
    await hear(
        facts,
        log.append(outgoing(before, 1, value=b"{"), outgoing(after, 2), outgoing(newest, 2, value=b"{"), outgoing(same, 1, value=b"{")),
    )
    await hear(facts, log.append(outgoing(before, 2), outgoing(after, 1, value=b"{"), outgoing(newest, 1), outgoing(same, 1)))
    await hear(facts, log.append(outgoing(together, 1, value=b"{"), outgoing(together, 2)))

    found = {row["aggregate_id"]: row["state"] for row in await kept.rows("SELECT aggregate_id, state FROM dead_letter")}
    assert found == {
        before.id: "OVERTAKEN",
        after.id: "OVERTAKEN",
        together.id: "OVERTAKEN",
        newest.id: "WAITING",
        same.id: "OVERTAKEN",
    }
