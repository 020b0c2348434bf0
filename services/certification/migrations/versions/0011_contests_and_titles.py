"""Contests with who was placed in them, and titles."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    op.create_table('contest',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('brand', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('tier', sa.Enum('CITY', 'PREFECTURE', 'PROVINCE', 'NATION', name='tier', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('items', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('PLANNED', 'HELD', 'CANCELLED', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest'))
    )
    op.create_index('uq_contest_standing', 'contest', ['brand', 'tier', 'held_on'], unique=True, postgresql_where=sa.text("state <> 'CANCELLED'"))
    op.create_table('title',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('NATIONAL_TECHNICAL_EXPERT', 'PROVINCIAL_TECHNICAL_EXPERT', 'CITY_TECHNICAL_EXPERT', 'TOP_SKILL', 'YOUNG_TALENT', name='kind', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.Column('occupation', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('awarded_on', sa.Date(), nullable=False),
    sa.Column('paper_number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.CheckConstraint('withdrawn_on >= awarded_on', name=op.f('ck_title_withdrawn_after_awarded')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_title'))
    )
    op.create_index('ix_title_person_id', 'title', ['person_id', 'id'], unique=False)
    op.create_index('uq_title_standing', 'title', ['person_id', 'kind', 'paper_number'], unique=True, postgresql_where=sa.text('withdrawn_on IS NULL'))
