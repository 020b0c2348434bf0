"""Rules are kept as trees that can be read back: decisions of replaced rules are replayed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("rule", sa.Column("tree", JSONB(), nullable=True))
