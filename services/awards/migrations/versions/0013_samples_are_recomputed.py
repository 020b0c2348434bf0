"""Samples are recomputed all the time: how far they have come, and what was found."""

from alembic import op

from common.database.migrations import samples_are_recomputed

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    samples_are_recomputed(op)
