"""Entitlement versions are as wide as every other aggregate's."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.alter_column("entitlement", "version", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
