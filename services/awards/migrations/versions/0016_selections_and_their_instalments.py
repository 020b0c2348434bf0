"""Selections of article 14 are kept, and the instalments that they lead to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    op.create_table('ground_instalment',
    sa.Column('selection', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('named_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('is_employed_locally', sa.Boolean(), nullable=True),
    sa.Column('failed_checks', sa.Integer(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('died_on', sa.Date(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('selection', 'number', 'dossier', name=op.f('pk_ground_instalment'))
    )
    op.create_index('ix_ground_instalment_dossier', 'ground_instalment', ['dossier'], unique=False)
    op.create_table('honour',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('OUTSTANDING', 'CHIEF_TECHNICIAN', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('named_on', sa.Date(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=True),
    sa.Column('term_years', sa.Integer(), nullable=False),
    sa.Column('failed_checks', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('paper_number', sa.String(length=60), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('withdrawal_reason', sa.Enum('DISHONESTY', 'MISCONDUCT', 'RENOUNCED', 'NAMED_IN_ERROR', name='withdrawal_reason', native_enum=False, create_constraint=True, length=64), nullable=True),
    sa.CheckConstraint("(kind = 'CHIEF_TECHNICIAN') = (organisation_id IS NOT NULL)", name=op.f('ck_honour_enterprise_of_chief_technician')),
    sa.CheckConstraint("kind <> 'OUTSTANDING' OR rank BETWEEN 1 AND 20", name=op.f('ck_honour_twenty_a_year')),
    sa.CheckConstraint('(withdrawn_on IS NULL) = (withdrawal_reason IS NULL)', name=op.f('ck_honour_withdrawn_for_a_reason')),
    sa.CheckConstraint('withdrawn_on >= named_on', name=op.f('ck_honour_withdrawn_after_named')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_honour')),
    sa.UniqueConstraint('kind', 'year', 'rank', name=op.f('uq_honour_kind_year_rank'))
    )
    op.create_index('ix_honour_organisation_id', 'honour', ['organisation_id'], unique=False)
    op.create_index('ix_honour_person_id', 'honour', ['person_id'], unique=False)
