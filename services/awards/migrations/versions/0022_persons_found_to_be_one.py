"""Persons found to be one: what was settled under each of their ids is counted where it belongs."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "merged_person",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("canonical_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_merged_person")),
    )
    op.add_column("entitlement", sa.Column("carried_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(
        op.f("ck_entitlement_nothing_given_away_that_was_not_settled"), "entitlement", "settled_fen + carried_fen >= 0"
    )
    op.create_index("ix_replica_registry_person_merged_into", "replica_registry_person", [sa.text("(state ->> 'merged_into')")], unique=False)
