"""A file's name, which may name a person, was never asked for and has no place."""

from alembic import op

from common.database.migrations import file_names_are_not_kept

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    file_names_are_not_kept(op)
