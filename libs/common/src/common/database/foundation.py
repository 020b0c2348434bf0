"""The tables that every service has, whatever its domain: outbox, offsets, facts heard, dossiers, audit, idempotency, jobs.

One `MetaData`, created by each service's first migration through `create_foundation`; a later change of it is a numbered function
here that each service's next migration calls.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

foundation = MetaData(naming_convention=NAMING)
_instant = DateTime(timezone=True)

business_day = Table(
    "business_day",
    foundation,
    Column("one_row", Boolean, primary_key=True, server_default=text("true")),
    Column("day", Date, nullable=False),
    CheckConstraint("one_row", name="one_row"),
)
"""The service's own today: one row, only moved forward."""

epoch = Table(
    "epoch",
    foundation,
    Column("one_row", Boolean, primary_key=True, server_default=text("true")),
    Column("number", Integer, nullable=False),
    CheckConstraint("one_row", name="one_row"),
)
"""Raised by a republication after a restore; readers compare (epoch, version)."""

outbox = Table(
    "outbox",
    foundation,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("bulk", Boolean, nullable=False),
    Column("trace_parent", Text),
    Column("data", LargeBinary, nullable=False),
)
"""Events that are committed and not yet acknowledged by the bus. The relay deletes."""

published = Table(
    "published",
    foundation,
    Column("topic", Text, primary_key=True),
    Column("events", BigInteger, nullable=False),
)
"""How many distinct (aggregate, version) this owner has handed to the bus, by topic."""

lease = Table(
    "lease",
    foundation,
    Column("name", Text, primary_key=True),
    Column("holder", Uuid, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until", _instant, nullable=False),
)
"""Who alone does a thing now; it ends by itself when the holder hangs."""

consumer_offset = Table(
    "consumer_offset",
    foundation,
    Column("bus_id", Text, nullable=False),
    Column("topic_id", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("stopped_reason", Text),
    Column("read_up_to", _instant),
    PrimaryKeyConstraint("bus_id", "topic_id", "group_name", "partition"),
)
"""Where to read on. Moved in the transaction of the effects, by compare-and-swap. A partition that was stopped says why until it is resumed.

`read_up_to`: when the last event before the offset was recorded.
"""

fact_version = Table(
    "fact_version",
    foundation,
    Column("topic", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    Column("state", JSONB),
    PrimaryKeyConstraint("topic", "id", "epoch", "version"),
)
"""Every version of every fact heard; `state` only where the service must answer as of a past day."""

fact_count = Table(
    "fact_count",
    foundation,
    Column("topic", Text, primary_key=True),
    Column("applied", BigInteger, nullable=False, server_default="0"),
    Column("superseded", BigInteger, nullable=False, server_default="0"),
    Column("duplicate", BigInteger, nullable=False, server_default="0"),
    Column("per_minute", Double, nullable=False, server_default="0"),
    Column("rated_at", _instant, nullable=False, server_default=func.now()),
)
"""What became of every message that could be read, by topic; what could not is counted from the dead letters.

`per_minute` is the rate at `rated_at`: a count that fades with a time constant of one minute (`common.bus.rate`).
"""

dead_letter = Table(
    "dead_letter",
    foundation,
    Column("id", Uuid, primary_key=True),
    Column("bus_id", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("aggregate_id", Uuid),
    Column("epoch", Integer),
    Column("version", BigInteger),
    Column("reason", Text, nullable=False),
    Column("first_seen_at", _instant, nullable=False, server_default=func.now()),
    Column("tries", Integer, nullable=False, server_default="1"),
    Column("state", Text, nullable=False, server_default="WAITING"),
    Column("ended_reason", Text),
    UniqueConstraint("bus_id", "topic_id", "partition", "offset"),
    CheckConstraint("state IN ('WAITING', 'REPLAYED', 'DISCARDED', 'OVERTAKEN')", name="state"),
    Index("ix_dead_letter_waiting", "topic", "aggregate_id", postgresql_where=text("state = 'WAITING'")),
)
"""Messages that cannot be parsed or break their contract, with where they stand in the log."""

dossier = Table(
    "dossier",
    foundation,
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("dirty", BigInteger, nullable=False),
    Column("clean", BigInteger, nullable=False, server_default="0"),
    Column("urgency", SmallInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("look_again_on", Date),
    Column("cursor", Text),
    Column("cursor_dirty", BigInteger),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failed_reason", Text),
    Column("try_again_at", _instant),
    PrimaryKeyConstraint("kind", "id"),
    Index("ix_dossier_dirty", "kind", "urgency", "id", postgresql_where=text("dirty > clean")),
    Index("ix_dossier_look_again", "kind", "look_again_on", "id", postgresql_where=text("look_again_on IS NOT NULL")),
    Index("ix_dossier_failed", "kind", "id", postgresql_where=text("failed_reason IS NOT NULL")),
)
"""What is recomputed together: dirty until the last mark that a computation has seen."""

audit = Table(
    "audit",
    foundation,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", _instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Uuid),
    Column("version", BigInteger),
    Column("verb", Text),
    Column("cause", Text, nullable=False),
    Column("request_id", Text),
    Column("changes", JSONB, nullable=False),
    Index("ix_audit_subject_id", "subject_id"),
)
"""Who did what, in the transaction of the act. Personal values are never in `changes`. Rows are only ever added."""

audit_seal = Table(
    "audit_seal",
    foundation,
    Column("seal_no", BigInteger, primary_key=True, autoincrement=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("audit_id"),
)
"""The chain over the audit, in the order of sealing: each seal stands on the one before. Rows are only ever added."""

audit_head = Table(
    "audit_head",
    foundation,
    Column("day", Date, primary_key=True),
    Column("seal_no", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("at", _instant, nullable=False, server_default=func.now()),
)
"""How the chain stood when a business day had ended, and how many rows were sealed on it: what is exported. Rows are only ever added."""

recomputation = Table(
    "recomputation",
    foundation,
    Column("kind", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("looked_at", BigInteger, nullable=False),
    Column("differing", BigInteger, nullable=False),
    Column("last_at", _instant, nullable=False),
    Column("last_found", JSONB, nullable=False),
    Column("last_found_at", _instant),
)
"""How far the samples have come that are recomputed all the time, how many were not as they must be, and what was found last."""

read_audit = Table(
    "read_audit",
    foundation,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", _instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("request_id", Text),
    Column("person_ids", ARRAY(Uuid), nullable=False),
)
"""Who looked at whom, and what for; written in batches."""

idempotency = Table(
    "idempotency",
    foundation,
    Column("principal", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("resource_id", Uuid),
    Column("at", _instant, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("principal", "operation", "key"),
    Index("ix_idempotency_at", "at"),
)
"""Which creating request has had which effect; no body is kept, and its digest is under the index key."""

job = Table(
    "job",
    foundation,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organisation_id", Uuid),
    Column("created_at", _instant, nullable=False, server_default=func.now()),
    Column("finished_at", _instant),
    Column("file_sha256", LargeBinary),
    Column("content", LargeBinary),
    Column("parameters", JSONB, nullable=False, server_default="{}"),
    Column("validate_only", Boolean, nullable=False, server_default=text("false")),
    Column("rows_total", Integer),
    Column("rows_done", Integer, nullable=False, server_default="0"),
    Column("rows_accepted", Integer, nullable=False, server_default="0"),
    Column("rows_refused", Integer, nullable=False, server_default="0"),
    Column("failed_reason", Text),
    Column("claimed_until", _instant),
    CheckConstraint("state IN ('WAITING', 'RUNNING', 'DONE', 'FAILED')", name="state"),
    Index("ix_job_open", "created_at", postgresql_where=text("state IN ('WAITING', 'RUNNING')")),
)
"""Work longer than a request: imports and the like, resumable after any row. `content` is encrypted, and emptied at the end; `file_sha256` is under the index key."""

job_row = Table(
    "job_row",
    foundation,
    Column("job_id", Uuid, nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("faults", JSONB, nullable=False),
    PrimaryKeyConstraint("job_id", "row_number"),
)
"""The rows of a file that were refused, and why. Never what stood in them."""
