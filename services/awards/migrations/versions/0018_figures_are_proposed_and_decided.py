"""Figures are proposed by one and decided by another, who sees before what they move."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
_PROPOSAL = ("PROPOSED", "BRAKED", "IN_FORCE", "REFUSED")
_PREVIEW = ("WAITING", "RUNNING", "DONE", "FAILED")
_INSTANT = sa.DateTime(timezone=True)


def _one_of(*values: str) -> sa.Enum:
    return sa.Enum(*values, name="state", native_enum=False, create_constraint=True, length=64)


def upgrade() -> None:
    op.create_table(
        "parameter_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", _one_of(*_PROPOSAL), nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", _INSTANT, nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("refused_by", sa.String(), nullable=True),
        sa.Column("refused_because", sa.String(), nullable=True),
        sa.Column("in_force_since", _INSTANT, nullable=True),
        sa.Column("figures_before", sa.String(), nullable=True),
        sa.Column("figures_after", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_proposal")),
    )
    op.create_table(
        "parameter_preview",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("state", _one_of(*_PREVIEW), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=True),
        sa.Column("figures_before", sa.String(), nullable=True),
        sa.Column("figures_after", sa.String(), nullable=True),
        sa.Column("claimed_until", _INSTANT, nullable=True),
        sa.Column("dossiers_found", sa.Integer(), nullable=False),
        sa.Column("dossiers_done", sa.Integer(), nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("failed_reason", sa.String(), nullable=True),
        sa.Column("summary", JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_parameter_preview")),
    )
    op.create_table(
        "parameter_preview_move",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
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
        sa.PrimaryKeyConstraint("proposal_id", "scheme", "entitlement_key", name=op.f("pk_parameter_preview_move")),
    )
