"""replicas remember what they named"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("replica_desk_loan", sa.Column("was", postgresql.ARRAY(sa.Text()), nullable=True))
