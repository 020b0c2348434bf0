"""Samples are recomputed all the time: how far they have come, and what was found."""

from alembic import op

from common.database.migrations import samples_are_recomputed

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    samples_are_recomputed(op)
