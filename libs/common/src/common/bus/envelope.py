"""An event in its envelope on the bus: CloudEvents 1.0, binary mode, with our extension attributes; and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from common.bus.event import Event
from common.bus.protocol import Message, Outgoing
from common.refusal import Invalid

LARGEST_BYTES = 256 * 1024


class UnreadableEvent(Exception):
    """A message that is no event of ours. The reason never holds a value."""


class EventTooLarge(Invalid):
    title = "一条记录的公开内容过大，无法发布"


def seal(event: Event) -> Outgoing:
    """The event as a message."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event.id),
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_subject": str(event.aggregate_id),
        "ce_time": event.recorded_at.isoformat(),
        "ce_epoch": str(event.epoch),
        "ce_version": str(event.version),
        "ce_cause": event.cause,
        "ce_bulk": "true" if event.bulk else "false",
        "content-type": "application/json",
    }
    if event.trace_parent:
        headers["traceparent"] = event.trace_parent
    return Outgoing(event.topic, event.key, headers, event.data)


def read_event(message: Message) -> Event:
    """The message as an event. Raises UnreadableEvent; whether the data keeps its contract is judged by the contract."""
    if len(message.value) > LARGEST_BYTES:
        raise UnreadableEvent(f"larger than {LARGEST_BYTES} bytes")
    headers = message.headers
    if headers.get("ce_specversion") != "1.0":
        raise UnreadableEvent("ce_specversion is not 1.0")
    type_ = _required(headers, "ce_type")
    if not type_.startswith(f"craftport.{message.partition.topic}."):
        raise UnreadableEvent("ce_type is of another topic")
    return Event(
        id=_uuid(headers, "ce_id"),
        type=type_,
        topic=message.partition.topic,
        key=message.key,
        aggregate_id=_uuid(headers, "ce_subject"),
        epoch=_positive(headers, "ce_epoch", below=2**31),
        version=_positive(headers, "ce_version", below=2**63),
        recorded_at=_instant(headers, "ce_time"),
        cause=_required(headers, "ce_cause"),
        bulk=headers.get("ce_bulk") == "true",
        data=message.value,
        trace_parent=headers.get("traceparent"),
    )


def recorded_at(message: Message) -> datetime | None:
    """When the event was recorded; None when its envelope cannot be read so far."""
    try:
        return _instant(message.headers, "ce_time")
    except UnreadableEvent:
        return None


def _required(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise UnreadableEvent(f"{name} is missing")
    return value


def _uuid(headers: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(_required(headers, name))
    except ValueError as error:
        raise UnreadableEvent(f"{name} is malformed") from error


def _positive(headers: Mapping[str, str], name: str, *, below: int) -> int:
    """Plain digits, and no more than the database's column holds."""
    text = _required(headers, name)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < below):
        raise UnreadableEvent(f"{name} is malformed")
    return int(text)


def _instant(headers: Mapping[str, str], name: str) -> datetime:
    """With its offset, and within the years that there are."""
    try:
        instant = datetime.fromisoformat(_required(headers, name))
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableEvent(f"{name} is malformed") from error
    raise UnreadableEvent(f"{name} has no offset")
