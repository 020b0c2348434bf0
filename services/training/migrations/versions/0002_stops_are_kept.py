"""A stopped partition stands still until somebody resumes it."""

from alembic import op

from common.database.migrations import stops_are_kept

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    stops_are_kept(op)
