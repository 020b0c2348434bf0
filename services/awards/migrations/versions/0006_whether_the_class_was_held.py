"""Whether the class was held, and whether the holder of its certificate stayed in it, is measured."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("ground_participation", sa.Column("is_held", sa.Boolean(), nullable=True))
    op.add_column("ground_certification", sa.Column("took_part", sa.Boolean(), nullable=True))
