"""How far behind each partition is read, and how fast each topic, stands beside the offset and the counts."""

from alembic import op

from common.database.migrations import reading_is_told

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    reading_is_told(op)
