"""What one cause would move beyond the limits stands as proposed until somebody releases it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
_STATES = ("HOLDS", "RELEASED")


def upgrade() -> None:
    op.create_table(
        "brake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brake")),
        sa.UniqueConstraint("cause", name=op.f("uq_brake_cause")),
    )
    op.create_table(
        "brake_count",
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("entitlements", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cause", name=op.f("pk_brake_count")),
    )
    op.create_table(
        "held_back_dossier",
        sa.Column("dossier_kind", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dossier_kind", "dossier_id", name=op.f("pk_held_back_dossier")),
    )
    op.create_index("ix_held_back_dossier_cause", "held_back_dossier", ["cause", "dossier_kind", "dossier_id"])
    op.create_table(
        "held_back_change",
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("entitlement_key", sa.String(), nullable=False),
        sa.Column("payee_kind", sa.String(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("state_before", sa.String(), nullable=True),
        sa.Column("state_after", sa.String(), nullable=False),
        *(
            sa.Column(f"{sums}_{when}_fen", sa.BigInteger(), nullable=False)
            for sums in ("due", "accruing", "would_be")
            for when in ("before", "after")
        ),
        sa.Column("settled_fen", sa.BigInteger(), nullable=False),
        sa.Column("moved_fen", sa.BigInteger(), nullable=False),
        sa.Column("dossier_kind", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "entitlement_key", "dossier_kind", "dossier_id", name=op.f("pk_held_back_change")),
    )
    op.create_index("ix_held_back_change_cause", "held_back_change", ["cause", "scheme", "entitlement_key"])
