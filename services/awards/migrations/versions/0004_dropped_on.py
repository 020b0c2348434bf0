"""Whether a trainee dropped out is measured."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("ground_participation", sa.Column("dropped_on", sa.Date(), nullable=True))
