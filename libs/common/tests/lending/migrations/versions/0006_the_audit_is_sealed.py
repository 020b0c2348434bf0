"""A chain of seals over the audit, whose rows are only ever added."""

from alembic import op

from common.database.migrations import audit_is_sealed

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    audit_is_sealed(op)
