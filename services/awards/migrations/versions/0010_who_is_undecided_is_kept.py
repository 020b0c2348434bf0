"""For which partner and year a person may count once it is known, and how many such persons a partner-year has."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "undecided_delivery",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("awaits", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "partner_id", "year", name=op.f("pk_undecided_delivery")),
    )
    op.create_index("ix_undecided_delivery_partner_id", "undecided_delivery", ["partner_id", "year"])
    op.add_column("ground_partner_year", sa.Column("undecided", sa.Integer(), nullable=True))
