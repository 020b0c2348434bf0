"""An event: one version of one aggregate's public state, in a CloudEvents 1.0 envelope (binary mode)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What an owner publishes and a reader applies.

    `topic` is `<service>.<aggregate>`; `type` is `craftport.<topic>.<verb>.v1`; `version` counts the aggregate's changes from 1
    within an `epoch` (raised by a republication after a restore); `data` is the contract as JSON. `cause` names the act or import
    that it all began with and is carried on; `bulk` says that it belongs to a mass act and may wait behind live ones.
    """

    id: UUID
    type: str
    topic: str
    key: str
    aggregate_id: UUID
    epoch: int
    version: int
    recorded_at: datetime
    cause: str
    bulk: bool
    data: bytes
    trace_parent: str | None = None

    @property
    def source(self) -> str:
        """The CloudEvents source, e.g. `/craftport/certification`."""
        return f"/craftport/{self.topic.partition('.')[0]}"
