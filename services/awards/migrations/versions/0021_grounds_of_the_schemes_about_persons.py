"""Grounds of the schemes about persons: recruitments, exam entries, titles, term years and trips; of an arrival, industry and later level."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    op.create_table('ground_exam_entry',
    sa.Column('entry', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('body', sa.Uuid(), nullable=True),
    sa.Column('registered_on', sa.Date(), nullable=True),
    sa.Column('is_secondary_student', sa.Boolean(), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=True),
    sa.Column('took_part', sa.Boolean(), nullable=True),
    sa.Column('is_valid', sa.Boolean(), nullable=True),
    sa.Column('charged_fen', sa.BigInteger(), nullable=True),
    sa.Column('fee_fen', sa.BigInteger(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('entry', 'dossier', name=op.f('pk_ground_exam_entry'))
    )
    op.create_index('ix_ground_exam_entry_dossier', 'ground_exam_entry', ['dossier'], unique=False)
    op.create_table('ground_recruitment',
    sa.Column('employment', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('employer', sa.Uuid(), nullable=True),
    sa.Column('started_on', sa.Date(), nullable=True),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('is_local_enterprise', sa.Boolean(), nullable=True),
    sa.Column('is_local_institution', sa.Boolean(), nullable=True),
    sa.Column('is_local_sole_trader', sa.Boolean(), nullable=True),
    sa.Column('is_from_outside', sa.Boolean(), nullable=True),
    sa.Column('uninsured_months', sa.Integer(), nullable=True),
    sa.Column('was_never_insured', sa.Boolean(), nullable=True),
    sa.Column('is_national', sa.Boolean(), nullable=True),
    sa.Column('is_provincial', sa.Boolean(), nullable=True),
    sa.Column('is_short', sa.Boolean(), nullable=True),
    sa.Column('tier', sa.Integer(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('employment', 'dossier', name=op.f('pk_ground_recruitment'))
    )
    op.create_index('ix_ground_recruitment_dossier', 'ground_recruitment', ['dossier'], unique=False)
    op.create_table('ground_term_year',
    sa.Column('selection', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('enterprise', sa.Uuid(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('named_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('is_local_enterprise', sa.Boolean(), nullable=True),
    sa.Column('is_employed_there', sa.Boolean(), nullable=True),
    sa.Column('failed_checks', sa.Integer(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('died_on', sa.Date(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('selection', 'number', 'dossier', name=op.f('pk_ground_term_year'))
    )
    op.create_index('ix_ground_term_year_dossier', 'ground_term_year', ['dossier'], unique=False)
    op.create_table('ground_title_held',
    sa.Column('title', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('title_kind', sa.Text(), nullable=True),
    sa.Column('awarded_on', sa.Date(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('was_won_in_contest', sa.Boolean(), nullable=True),
    sa.Column('best_level', sa.Integer(), nullable=True),
    sa.Column('is_employed_locally', sa.Boolean(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('title', 'dossier', name=op.f('pk_ground_title_held'))
    )
    op.create_index('ix_ground_title_held_dossier', 'ground_title_held', ['dossier'], unique=False)
    op.create_table('ground_trip',
    sa.Column('trip', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('sender', sa.Uuid(), nullable=True),
    sa.Column('selected_on', sa.Date(), nullable=True),
    sa.Column('listed_from', sa.Date(), nullable=True),
    sa.Column('listed_until', sa.Date(), nullable=True),
    sa.Column('is_held', sa.Boolean(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('cost_fen', sa.BigInteger(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('trip', 'dossier', name=op.f('pk_ground_trip'))
    )
    op.create_index('ix_ground_trip_dossier', 'ground_trip', ['dossier'], unique=False)
    op.add_column('ground_arrival', sa.Column('best_level_after_a_year', sa.Integer(), nullable=True))
    op.add_column('ground_arrival', sa.Column('industry', sa.Integer(), nullable=True))
