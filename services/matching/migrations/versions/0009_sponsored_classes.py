"""Sponsored classes, with their students and payments."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('sponsored_class',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('school_id', sa.Uuid(), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('students', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('payments', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('OPEN', 'CLOSED', 'CANCELLED', name='state', native_enum=False, create_constraint=True, length=64), nullable=False),
    sa.CheckConstraint('closed_on >= opened_on', name=op.f('ck_sponsored_class_closed_after_opened')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sponsored_class')),
    sa.UniqueConstraint('number', name=op.f('uq_sponsored_class_number'))
    )
    op.create_index(op.f('ix_sponsored_class_school_id'), 'sponsored_class', ['school_id'], unique=False)
