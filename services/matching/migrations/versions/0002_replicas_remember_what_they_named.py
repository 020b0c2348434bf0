"""Replicas remember what they named, so that a change marks it under the row's own lock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
REPLICAS = (
    "replica_certification_certificate",
    "replica_registry_organisation",
)


def upgrade() -> None:
    for replica in REPLICAS:
        op.add_column(replica, sa.Column("was", postgresql.ARRAY(sa.Text()), nullable=True))
