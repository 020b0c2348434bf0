"""books may be unlisted: a database that has books already keeps them listed"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("book", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("book", "is_listed", server_default=None)
