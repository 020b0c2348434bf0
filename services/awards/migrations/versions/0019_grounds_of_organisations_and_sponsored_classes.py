"""Grounds of organisations (lectures, acceptances, studio-years) and of sponsored classes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0019'
down_revision = '0018'


def upgrade() -> None:
    op.create_table('ground_acceptance',
    sa.Column('training_base', sa.Uuid(), nullable=True),
    sa.Column('recognition', sa.Uuid(), nullable=False),
    sa.Column('recognised_from', sa.Date(), nullable=True),
    sa.Column('recognised_until', sa.Date(), nullable=True),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('investment_fen', sa.BigInteger(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('recognition', 'dossier', name=op.f('pk_ground_acceptance'))
    )
    op.create_index('ix_ground_acceptance_dossier', 'ground_acceptance', ['dossier'], unique=False)
    op.create_table('ground_lecture',
    sa.Column('lecture', sa.Uuid(), nullable=False),
    sa.Column('school', sa.Uuid(), nullable=True),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('enterprise', sa.Uuid(), nullable=True),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('hours', sa.Integer(), nullable=True),
    sa.Column('is_school', sa.Boolean(), nullable=True),
    sa.Column('is_local_enterprise', sa.Boolean(), nullable=True),
    sa.Column('is_local_sole_trader', sa.Boolean(), nullable=True),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('lecture', 'dossier', name=op.f('pk_ground_lecture'))
    )
    op.create_index('ix_ground_lecture_dossier', 'ground_lecture', ['dossier'], unique=False)
    op.create_table('ground_sponsored_place',
    sa.Column('sponsored_class', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('sponsor', sa.Uuid(), nullable=False),
    sa.Column('school', sa.Uuid(), nullable=True),
    sa.Column('opened_on', sa.Date(), nullable=True),
    sa.Column('is_held', sa.Boolean(), nullable=True),
    sa.Column('is_school', sa.Boolean(), nullable=True),
    sa.Column('is_outside', sa.Boolean(), nullable=True),
    sa.Column('is_local_enterprise', sa.Boolean(), nullable=True),
    sa.Column('is_local_sole_trader', sa.Boolean(), nullable=True),
    sa.Column('enterprises', sa.Integer(), nullable=True),
    sa.Column('enterprises_and_sole_traders', sa.Integer(), nullable=True),
    sa.Column('paid_fen', sa.BigInteger(), nullable=True),
    sa.Column('paid_on_average_fen', sa.BigInteger(), nullable=True),
    sa.Column('is_proven', sa.Boolean(), nullable=True),
    sa.Column('is_proven_on_average', sa.Boolean(), nullable=True),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('by_enterprises', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('by_all', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('by_enterprises_on_average', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('by_all_on_average', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('sponsored_class', 'person', 'sponsor', 'dossier', name=op.f('pk_ground_sponsored_place'))
    )
    op.create_index('ix_ground_sponsored_place_dossier', 'ground_sponsored_place', ['dossier'], unique=False)
    op.create_table('ground_studio_year',
    sa.Column('studio', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('host', sa.Uuid(), nullable=True),
    sa.Column('person', sa.Uuid(), nullable=True),
    sa.Column('year_begins_on', sa.Date(), nullable=True),
    sa.Column('year_ends_on', sa.Date(), nullable=True),
    sa.Column('recognised_from', sa.Date(), nullable=True),
    sa.Column('recognised_until', sa.Date(), nullable=True),
    sa.Column('assessed_on', sa.Date(), nullable=True),
    sa.Column('is_passed', sa.Boolean(), nullable=True),
    sa.Column('dossier', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('studio', 'year', 'dossier', name=op.f('pk_ground_studio_year'))
    )
    op.create_index('ix_ground_studio_year_dossier', 'ground_studio_year', ['dossier'], unique=False)
