"""What has failed, and the keys that have expired, are found without reading all the others."""

from alembic import op

from common.database.migrations import failed_and_expired_are_indexed

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    failed_and_expired_are_indexed(op)
