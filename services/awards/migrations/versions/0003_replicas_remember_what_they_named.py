"""Replicas remember what they named, so that a change marks it under the row's own lock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
REPLICAS = (
    "replica_certification_certificate",
    "replica_certification_occupation",
    "replica_matching_agreement",
    "replica_matching_placement",
    "replica_matching_reporting_year",
    "replica_registry_employment",
    "replica_registry_insurance",
    "replica_registry_organisation",
    "replica_registry_person",
    "replica_registry_source",
    "replica_training_catalogue",
    "replica_training_class",
    "replica_training_designation",
    "replica_training_mandate",
    "replica_training_participation",
)


def upgrade() -> None:
    for replica in REPLICAS:
        op.add_column(replica, sa.Column("was", postgresql.ARRAY(sa.Text()), nullable=True))
