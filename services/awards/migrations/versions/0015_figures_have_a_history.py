"""Figures have a history on two axes; what is in force names the rules and the figures apart."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "parameter_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("parameter", sa.String(), nullable=False),
        sa.Column("value", JSONB(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("reviewed_until", sa.Date(), nullable=True),
        sa.Column("paper_number", sa.String(), nullable=False),
        sa.Column("known_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("valid_to >= effective_from", name=op.f("ck_parameter_figure_ends_after_it_begins")),
        sa.CheckConstraint("known_until >= known_since", name=op.f("ck_parameter_figure_known_until_after_since")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_figure")),
    )
    op.create_index(
        "ix_parameter_figure_known",
        "parameter_figure",
        ["parameter", "effective_from"],
        unique=True,
        postgresql_where=sa.text("known_until IS NULL"),
    )
    op.add_column("in_force", sa.Column("figures", sa.String(), nullable=True))
